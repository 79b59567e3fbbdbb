"""The concentration of amounts over suppliers and origins, summed up by the engine itself.

A first group-by brings the records down to one row a (country, supplier, origin), a second one to
one row a (country, supplier), and further ones to one row a country. What belongs to a country (its
total, its entropy, its largest shares) is joined to its rows: a join with one row a country costs an
engine far less than a window, which sorts every column. Only rows a country are collected.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from ._frames import LARGEST, Records, collect, iso3_codes, narwhals, present_text
from ._supplier_names import folded

if TYPE_CHECKING:
    from narwhals import Expr, LazyFrame

Keep = Callable[[Any], Any]
LOCKS = ("lock_amount", "lock_cross", "lock_squares")
COUNTS = ("records", "invalid", "respelled")
MOMENTS = ("part", "unknown", "squares", "named", "holder", "hhi", "cubes", "entropy")


def concentration_table(
    records: Records, keys: Sequence[str], *, focal: Sequence[str], top: int, merge: bool = True
) -> pd.DataFrame:
    """Return sums by key from which every concentration measure follows.

    Per level, ``s_`` for suppliers and ``o_`` for origins: ``part`` (amount of known holders),
    ``unknown`` (the rest), ``squares`` of the amounts, ``named`` records, number of ``holder``s,
    largest ``share``, ``hhi``, ``cubes`` of the shares, ``entropy`` and its sampling sum
    ``entropy_dev``. For the j-th largest supplier share: ``place{j}_share``, the number of
    suppliers that have it and their squares. Further ``focal`` and lock sums, ``invalid`` records,
    those of an ``odd`` origin, and pairs of a supplier that is ``respelled`` somewhere.
    """
    nw = narwhals()
    locks = LOCKS if records.has("lock") else ()
    with _kept() as keep:
        pairs = _pairs(records, keys, keep, merge=merge)
        levels = [_level(pairs, keys, _Of("s_", "supplier", nw.col("supplier") != "", locks), keep)]
        if records.has("origin"):
            placed = nw.col("origin").is_in(sorted(iso3_codes()))
            levels.append(_level(pairs, keys, _Of("o_", "origin", placed, focal=focal), keep))
        tables = [collect(level.moments) for level in levels]
        tables += [
            collect(_deviations(level, keys, top if level.of.p == "s_" else 0, keep))
            for level in levels
        ]
    result = tables[0]
    for table in tables[1:]:
        result = result.merge(table, on=list(keys), how="left")
    # A country of few suppliers has nobody at the last places.
    shares = [name for name in result if str(name).startswith("place")]
    return result.fillna(dict.fromkeys(shares, 0.0)).sort_values(list(keys), ignore_index=True)


@dataclass(frozen=True)
class _Of:
    """The names of a level: its prefix, the column of its holders, and which of them are known."""

    p: str
    holder: str
    has_holder: Expr
    locks: Sequence[str] = ()
    focal: Sequence[str] = ()


@dataclass(frozen=True)
class _Level:
    """One row a holder with its share, and one row a country with the sums over holders."""

    of: _Of
    holders: LazyFrame[Any]
    moments: LazyFrame[Any]


@contextmanager
def _kept() -> Iterator[Keep]:
    """Hand out a function that works out a frame once, for the steps that read it again.

    Frames are held by their engine, and let go at the end.
    """
    cached: list[Any] = []

    def keep(frame: Any) -> Any:
        nw, native = narwhals(), frame.to_native()
        if hasattr(native, "materialize"):  # DuckDB
            return nw.from_native(native.materialize()).lazy()
        if hasattr(native, "unpersist"):  # Spark
            cached.append(native.cache())
            return nw.from_native(cached[-1]).lazy()
        return frame.collect("pandas" if frame.implementation.is_dask() else None).lazy()

    try:
        yield keep
    finally:
        for native in cached:
            native.unpersist()


def valid_amount() -> Expr:
    """Return the amount where it is a number from 0 to the largest allowed, else null."""
    nw = narwhals()
    amount = nw.col("amount")
    valid: Expr = nw.when((amount >= 0.0) & (amount <= LARGEST)).then(amount)
    return valid


def stripped(name: str) -> Expr:
    """Return a name without the space around it; nothing where there is none."""
    nw = narwhals()
    bare = present_text(name).otherwise(nw.lit("")).str.strip_chars()
    # R writes NA for a missing value.
    present: Expr = nw.when(bare != "NA").then(bare).otherwise(nw.lit(""))
    return present


def _safe(name: str) -> Expr:
    """Return a divisor, or an argument of a logarithm, that is 1 where there is nothing."""
    nw = narwhals()
    safe: Expr = nw.when(nw.col(name) > 0.0).then(nw.col(name)).otherwise(1.0)
    return safe


def _pairs(records: Records, keys: Sequence[str], keep: Keep, *, merge: bool) -> LazyFrame[Any]:
    """Return one row a (key, supplier, origin) as they are spelled, and the supplier's one name."""
    nw = narwhals()
    frame = records.frame.with_columns(amount=valid_amount())
    frame = frame.with_columns(square=nw.col("amount") * nw.col("amount"))
    sums = ["amount", "square"]
    if records.has("lock"):
        frame = frame.with_columns(lock_amount=nw.col("amount") * nw.col("lock"))
        frame = frame.with_columns(
            lock_cross=nw.col("lock_amount") * nw.col("amount"),
            lock_squares=nw.col("lock_amount") * nw.col("lock_amount"),
        )
        sums += LOCKS
    holders = ["supplier", *(["origin"] if records.has("origin") else [])]
    pairs = frame.group_by(*keys, *holders).agg(
        *(nw.col(name).sum() for name in sums),
        nw.len().alias("records"),
        nw.col("amount").count().alias("valid"),
    )
    # After the group-by, so that the text of every single record need not be rewritten.
    pairs = pairs.with_columns(
        *(stripped(name).alias(name) for name in holders),
        invalid=nw.col("records") - nw.col("valid"),
    )
    pairs = keep(pairs)
    if not merge:
        unmerged: LazyFrame[Any] = pairs.with_columns(respelled=nw.lit(0))
        return unmerged
    names = pairs.select("supplier").unique()
    names = keep(names.with_columns(name=folded(nw.col("supplier"))))
    spelled = names.group_by("name").agg(nw.len().alias("spellings"))
    respelled = nw.when(nw.col("spellings") > 1).then(1).otherwise(0)
    names = keep(names.join(spelled, on="name", how="left").with_columns(respelled=respelled))
    joined: LazyFrame[Any] = pairs.join(
        names.select("supplier", "name", "respelled"), on="supplier", how="left"
    )
    return joined.drop("supplier").rename({"name": "supplier"})


def _level(pairs: LazyFrame[Any], keys: Sequence[str], of: _Of, keep: Keep) -> _Level:
    nw = narwhals()
    amount = nw.when(of.has_holder).then(nw.col("amount")).otherwise(0.0)
    totals = pairs.with_columns(total=amount).group_by(*keys).agg(nw.col("total").sum())
    holders = pairs.group_by(*keys, of.holder).agg(
        *(nw.col(name).sum() for name in ("amount", "square", *COUNTS, *of.locks))
    )
    sums = {"part": "amount", "squares": "square", "named": "records"}
    sums |= {name: name for name in of.locks}
    holders = holders.with_columns(
        *(nw.when(of.has_holder).then(nw.col(b)).otherwise(0.0).alias(a) for a, b in sums.items()),
        unknown=nw.when(of.has_holder).then(0.0).otherwise(nw.col("amount")),
    )
    holders = holders.join(keep(totals), on=list(keys), how="left")
    holders = holders.with_columns(share=nw.col("part") / _safe("total"))
    holders = keep(holders.drop("amount", "square"))
    return _Level(of, holders, keep(_moments(holders, keys, of)))


def _moments(holders: LazyFrame[Any], keys: Sequence[str], of: _Of) -> LazyFrame[Any]:
    """Return the sums over holders by key."""
    nw = narwhals()
    share = nw.col("share")
    columns = {
        "holder": nw.when(nw.col("part") > 0.0).then(1.0).otherwise(0.0),
        "hhi": share * share,
        "cubes": share * share * share,
        "entropy": 0.0 - share * _safe("share").log(),
    }
    plain: list[str] = []
    if of.p == "s_":
        plain += COUNTS
    else:
        inside, origin = nw.col("origin").is_in(list(of.focal)), nw.col("origin")
        columns["odd"] = (
            nw.when(~of.has_holder & (origin != "")).then(nw.col("records")).otherwise(0)
        )
        columns["focal"] = nw.when(inside).then(nw.col("part")).otherwise(0.0)
        columns["focal_squares"] = nw.when(inside).then(nw.col("squares")).otherwise(0.0)
        plain += ["odd", "focal", "focal_squares"]
    if of.locks:
        columns["lock_share"] = nw.col("lock_amount") / _safe("total")
        columns["lock_hhi"] = columns["lock_share"] * share
        plain += ["lock_share", "lock_hhi", *LOCKS[1:]]
    sums = holders.with_columns(**columns).group_by(*keys)
    return sums.agg(
        *(nw.col(name).sum().alias(of.p + name) for name in MOMENTS),
        *(nw.col(name).sum() for name in plain),
        share.max().alias(of.p + "share"),
    )


def _deviations(level: _Level, keys: Sequence[str], top: int, keep: Keep) -> LazyFrame[Any]:
    """Return sums over holders that need the sums of their key first."""
    nw = narwhals()
    p, locks = level.of.p, level.of.locks
    wanted = [p + "entropy", *(["lock_hhi"] if locks else [])]
    facts = level.moments.select(*keys, *wanted, nw.col(p + "share").alias("place1_share"))
    facts = facts.rename({name: name + "_all" for name in wanted})
    facts = _with_places(level.holders, facts, keys, top, keep)
    holders = level.holders.join(facts, on=list(keys), how="left")
    surprise = _safe("share").log() + nw.col(p + "entropy_all")
    columns = {p + "entropy_dev": nw.col("squares") * surprise * surprise}
    if locks:
        # A record's slope: its own lock times the supplier's share, and its locked share.
        share = nw.col("share")
        off = nw.col("lock_amount") / _safe("total") - 2.0 * nw.col("lock_hhi_all")
        cross = nw.col("lock_squares") * share * share + 2.0 * nw.col("lock_cross") * share * off
        columns["lock_hhi_dev"] = cross + nw.col("squares") * off * off
    for j in range(1, top + 1):
        at = nw.col("share") == nw.col(f"place{j}_share")
        columns[f"place{j}_count"] = nw.when(at & (nw.col("part") > 0.0)).then(1.0).otherwise(0.0)
        columns[f"place{j}_squares"] = nw.when(at).then(nw.col("squares")).otherwise(0.0)
    return (
        holders.with_columns(**columns)
        .group_by(*keys)
        .agg(
            *(nw.col(name).sum() for name in columns),
            *(nw.col(f"place{j}_share").max() for j in range(1, top + 1)),
        )
    )


def _with_places(
    holders: LazyFrame[Any], facts: LazyFrame[Any], keys: Sequence[str], top: int, keep: Keep
) -> LazyFrame[Any]:
    """Add the k largest distinct supplier shares, each the largest below the one before.

    Several suppliers may tie; how many of them fit into the top k is settled on the result.
    """
    nw = narwhals()
    shares = holders.select(*keys, "share")
    for j in range(2, top + 1):
        above = facts.select(*keys, f"place{j - 1}_share")
        below = shares.join(above, on=list(keys), how="left")
        below = below.filter(nw.col("share") < nw.col(f"place{j - 1}_share"))
        largest = below.group_by(*keys).agg(nw.col("share").max().alias(f"place{j}_share"))
        facts = facts.join(largest, on=list(keys), how="left")
        facts = keep(facts)
    return facts
