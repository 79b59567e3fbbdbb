"""The name of the focal state in the texts of a framework: placeholders, resolved here only."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from ..data.country_list import packaged_table

__all__ = ["Texts", "everywhere_named", "focal_forms", "named", "with_focal", "written"]

SIGN = "{focal"
"""What every placeholder begins with."""
PLACEHOLDER = re.compile(
    r"(?P<article>\b[Aa] )?\{(?P<form>focal|focal_possessive|focal_adjective|focal_of|focal_genitive)\}"
)
TEXTS = ("title", "description", "label", "rationale")
"""The fields of frameworks, nodes and mechanisms whose texts may hold a placeholder."""
LISTS = ("scores", "context", "mechanisms", "children")
Texts = dict[tuple[Any, ...], tuple[str, str]]
"""By the place of a text in plain data: as written, and with its placeholders replaced."""
NAMES = {
    "CHN": ("China", "Chinese"),
    "USA": ("the United States", "American"),
    "RUS": ("Russia", "Russian"),
    "GBR": ("the United Kingdom", "British"),
    "FRA": ("France", "French"),
    "DEU": ("Germany", "German"),
    "JPN": ("Japan", "Japanese"),
    "KOR": ("South Korea", "South Korean"),
    "IND": ("India", "Indian"),
    "TUR": ("Turkey", "Turkish"),
    "SWE": ("Sweden", "Swedish"),
    "FIN": ("Finland", "Finnish"),
    "ISR": ("Israel", "Israeli"),
    "ARE": ("the United Arab Emirates", "Emirati"),
    "TWN": ("Taiwan", "Taiwanese"),
    "BRA": ("Brazil", "Brazilian"),
    "ZAF": ("South Africa", "South African"),
    "NLD": ("the Netherlands", "Dutch"),
}
"""Name as in a sentence, and adjective; another state has the name of the list of countries for both."""
WITH_ARTICLE = re.compile(
    r"^(?:United |Netherlands|Philippines|Bahamas|Gambia|Maldives|Comoros)|(?:Islands|Republic|Territory)$"
)
VOWEL = re.compile(r"^(?:[AEIO](?!u)|U(?!n[ki]|kr|rug|ga)|Au|Ou)")
"""Adjectives that take `an`; those that begin as `you` do not."""


def focal_forms(focal: object) -> dict[str, str]:
    """Return what each placeholder stands for in English, for a state or for none.

    Examples
    --------
    >>> focal_forms("USA")["focal_possessive"], focal_forms(None)["focal"]
    ("the United States'", 'the focal state')
    """
    if not isinstance(focal, str) or focal.casefold() == "none":
        name, adjective = "the focal state", "focal"
    elif focal in NAMES:
        name, adjective = NAMES[focal]
    else:
        adjective = str(packaged_table()["name"].get(focal, focal))
        name = f"the {adjective}" if WITH_ARTICLE.search(adjective) else adjective
    return {
        "focal": name,
        "focal_possessive": f"{name}'" if name.endswith("s") else f"{name}'s",
        "focal_adjective": adjective,
    }


def with_focal(text: str, forms: Mapping[str, str]) -> str:
    """Return a text with its placeholders replaced; one that begins the text has a capital letter.

    A placeholder that `forms` does not hold stays as it is.

    Examples
    --------
    >>> with_focal("{focal_possessive} share, from a {focal_adjective} vendor", focal_forms("USA"))
    "The United States' share, from an American vendor"
    """
    if SIGN not in text:
        return text

    def replaced(found: re.Match[str]) -> str:
        if found["form"] not in forms:
            return found[0]
        word, article = forms[found["form"]], found["article"] or ""
        if article and found["form"] == "focal_adjective" and VOWEL.match(word):
            article = f"{article[0]}n "
        return article + word

    out = PLACEHOLDER.sub(replaced, text)
    return out[:1].upper() + out[1:] if text.startswith(SIGN) else out


def named(fields: Mapping[str, Any]) -> tuple[dict[str, Any], Texts]:
    """Return the fields of a framework with every placeholder replaced, and the texts as written by place.

    A place is the path to a text in plain data: ``("scores", 0, "label")``. Nothing given is modified.
    """
    found: Texts = {}
    forms: dict[str, str] = {}

    def resolved(text: str, place: tuple[Any, ...]) -> str:
        if not forms:
            forms.update(focal_forms(fields.get("focal")))
        out = with_focal(text, forms)
        if out != text:
            found[place] = (text.strip(), out.strip())
        return out

    return _piece(fields, (), resolved), found


def everywhere_named(plain: Any, forms: Mapping[str, str]) -> Any:
    """Return plain data with the placeholders of all its texts replaced."""
    if isinstance(plain, str):
        return with_focal(plain, forms)
    if isinstance(plain, Mapping):
        return {key: everywhere_named(value, forms) for key, value in plain.items()}
    if isinstance(plain, list | tuple):
        return [everywhere_named(value, forms) for value in plain]
    return plain


def _piece(
    fields: Mapping[str, Any], place: tuple[Any, ...], resolved: Callable[..., str]
) -> dict[str, Any]:
    """Return the fields of a framework, a node or a mechanism, with its texts and what is below it resolved."""
    out = dict(fields)
    for name in TEXTS:
        text = fields.get(name)
        if isinstance(text, str) and SIGN in text:
            out[name] = resolved(text, (*place, name))
    for name in LISTS:
        pieces = fields.get(name)
        if isinstance(pieces, list | tuple):
            out[name] = [
                _part(piece, (*place, name, position), resolved)
                for position, piece in enumerate(pieces)
            ]
    return out


def _part(piece: Any, place: tuple[Any, ...], resolved: Callable[..., str]) -> Any:
    """Return one piece of a list: a mapping, or a piece that is checked already, which is copied if it changes."""
    if isinstance(piece, Mapping):
        return _piece(piece, place, resolved)
    if not hasattr(piece, "model_copy"):
        return piece
    fields = {
        name: getattr(piece, name) for name in (*TEXTS, *LISTS) if name in type(piece).model_fields
    }
    new = {
        name: tuple(value) if name in LISTS else value
        for name, value in _piece(fields, place, resolved).items()
        if _differs(fields[name], value)
    }
    return piece.model_copy(update=new) if new else piece


def _differs(before: Any, after: Any) -> bool:
    if isinstance(before, str):
        return bool(before != after)
    return any(one is not other for one, other in zip(before, after, strict=True))


def written(plain: dict[str, Any], found: Texts) -> dict[str, Any]:
    """Return a framework as plain data, with the texts as written at their places.

    A text that is no longer at its place, as in a copy with other nodes, stays as it is.
    """
    for place, (text, resolved) in found.items():
        target: Any = plain
        for step in place[:-1]:
            held = isinstance(target, list) and isinstance(step, int) and step < len(target)
            target = target[step] if held or (isinstance(target, dict) and step in target) else {}
        if target.get(place[-1]) == resolved:
            target[place[-1]] = text
    return plain
