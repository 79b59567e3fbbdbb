"""Names of suppliers: spellings of one name, and names given that no record has."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

import pandas as pd

from ..errors import Problems, did_you_mean
from ._frames import Records, collect

if TYPE_CHECKING:
    from narwhals import Expr

__all__ = ["fold", "folded", "matched", "seen_names", "spellings_note"]

MARK = r"[\s.,;:'\"()&/_-]"
BETWEEN = MARK + "+"
"""What may differ between two spellings of one name, besides case."""

FORMS = (
    "co company corp corporation inc incorporated ltd limited private pvt pte pty llc l.l.c llp plc p.l.c "
    "gmbh mbh ag kg kgaa se sa s.a sas s.a.s sarl s.a.r.l srl s.r.l spa s.p.a sl s.l bv b.v nv n.v ab abp "
    "asa as a/s a.s aps oy oyj kk k.k jsc pjsc ojsc cjsc pao ooo zrt kft nyrt ltda sdn bhd tbk "
    "tech technology technologies group holding holdings"
)
"""Legal forms, and the general words that firms are written with or without, at the end of a name."""

ENDING = (
    rf"(?:{MARK}{{1,6}}(?:{'|'.join(re.escape(form) for form in FORMS.split())}))+{MARK}{{0,6}}$"
)

SHOWN = 5
T = TypeVar("T")


def fold(name: str) -> str:
    """Return a name without case, spaces, punctuation, legal form and words such as "Group" at its end.

    Examples
    --------
    >>> fold(" HUAWEI "), fold("Huawei Technologies Co., Ltd."), fold("Nokia Oyj")
    ('huawei', 'huawei', 'nokia')
    """
    return re.sub(BETWEEN, "", re.sub(ENDING, "", name.lower().strip()))


def folded(column: Expr) -> Expr:
    """Return `fold` of a column of text."""
    name = column.str.to_lowercase().str.strip_chars().str.replace_all(ENDING, "")
    return name.str.replace_all(BETWEEN, "")


def seen_names(records: Records, role: str) -> list[str]:
    """Return the different texts of a column."""
    seen = collect(records.frame.select(role).unique())[role]
    return sorted({str(name).strip() for name in seen if name is not None and str(name).strip()})


def matched(
    given: Mapping[str, T], seen: Sequence[str], subject: str, problems: Problems, *, also: str = ""
) -> dict[str, T]:
    """Return the value of each text of the records that a given name means, spelled in any way.

    A given name that no record has is a problem; ``also`` ends its message.
    """
    by_key: dict[str, list[str]] = {}
    for name in seen:
        by_key.setdefault(fold(name), []).append(name)
    out: dict[str, T] = {}
    for name, value in given.items():
        spelled = by_key.get(fold(name), [])
        if not spelled:
            problems.add(f"{subject}: no record has `{name}`; {did_you_mean(name, seen)}{also}")
        out.update(dict.fromkeys(spelled, value))
    return out


def spellings_note(names: Iterable[str]) -> str:
    """Return a note of the spellings taken as one name; empty where each has one.

    Examples
    --------
    >>> spellings_note(["Huawei", "HUAWEI", "Nokia"])
    'spellings taken as one supplier: HUAWEI = Huawei'
    """
    groups: dict[str, list[str]] = {}
    for name in sorted(set(names)):
        groups.setdefault(fold(name), []).append(name)
    merged = [" = ".join(group) for group in groups.values() if len(group) > 1]
    if not merged:
        return ""
    more = f" and {len(merged) - SHOWN} more" if len(merged) > SHOWN else ""
    return f"spellings taken as one supplier: {'; '.join(merged[:SHOWN])}{more}"


def spelled_as(given: Iterable[str], seen: Sequence[str]) -> str:
    """Return a note of the names that records spell in another way; empty where none.

    Examples
    --------
    >>> spelled_as(["HUAWEI"], ["Huawei", "Nokia"])
    'HUAWEI read as Huawei'
    """
    merged = []
    for name in given:
        other = [spelling for spelling in seen if fold(spelling) == fold(name) and spelling != name]
        if other:
            merged.append(f"{name} read as {', '.join(other[:SHOWN])}")
    more = f" and {len(merged) - SHOWN} more" if len(merged) > SHOWN else ""
    return "; ".join(merged[:SHOWN]) + more


def one_spelling(names: pd.Series, weight: pd.Series) -> dict[str, str]:
    """Return for each spelling the one that its name is printed in: that of the largest weight."""
    table = pd.DataFrame(
        {"name": names.to_numpy(), "key": names.map(fold).to_numpy(), "weight": weight.to_numpy()}
    )
    sums = table.groupby(["key", "name"])["weight"].sum().reset_index()
    sums = sums.sort_values(["weight", "name"], ascending=[False, True], kind="stable")
    first = sums.drop_duplicates("key").set_index("key")["name"]
    return {str(name): str(first[key]) for name, key in zip(sums["name"], sums["key"], strict=True)}


def spellings_by_key(records: Records, keys: Sequence[str]) -> pd.Series:
    """Return the note of each key of which a supplier is spelled in two ways."""
    frame = collect(records.frame.select(*keys, "supplier").unique()).dropna(subset=["supplier"])
    frame = frame.assign(supplier=frame["supplier"].str.strip())
    notes: pd.Series = frame.groupby(list(keys))["supplier"].agg(spellings_note)
    return notes[notes.ne("")]
