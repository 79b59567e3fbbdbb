"""The concentration of amounts over suppliers and origins, summed up by the engine itself.

One group-by brings the records down to one row a (country, supplier, origin); window sums over
that table and a second group-by give one row a country. Nothing else is collected.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ._frames import LARGEST, Records, iso3_codes, narwhals, present_text
from ._supplier_names import folded

if TYPE_CHECKING:
    from narwhals import Expr, LazyFrame

LOCKS = ("lock_amount", "lock_cross", "lock_squares")


def concentration_table(
    records: Records, keys: Sequence[str], *, focal: Sequence[str], top: int, merge: bool = True
) -> LazyFrame[Any]:
    """Return sums by key from which every concentration measure follows.

    Per level, ``s_`` for suppliers and ``o_`` for origins: ``part`` (amount of known holders),
    ``unknown`` (the rest), ``squares`` of the amounts, ``named`` records, number of ``holder``s,
    largest ``share``, ``hhi``, ``entropy`` and their sampling sums ``hhi_dev``, ``entropy_dev``.
    For the j-th largest supplier share: ``place{j}_share``, the number of suppliers that have it
    and their squares. Further ``focal`` and lock sums, ``invalid`` records, those of an ``odd``
    origin.
    """
    nw = narwhals()
    pairs = _pairs(records, keys, merge=merge)
    known: dict[str, Expr] = {"s_": nw.col("supplier") != ""}
    holder = {"s_": "supplier"}
    if records.has("origin"):
        known["o_"] = nw.col("origin").is_in(sorted(iso3_codes()))
        holder["o_"] = "origin"
    pairs = _levels(pairs, keys, known, holder)
    pairs = _places(pairs, keys, top)
    sums = ["records", "invalid", *(p + name for p in known for name in SUMS)]
    for place in range(1, top + 1):
        sums += [f"place{place}_count", f"place{place}_squares"]
    if records.has("origin"):
        pairs = _focal(pairs, known["o_"], focal)
        sums += ["odd", "focal", "focal_squares"]
    if records.has("lock"):
        pairs = _locked(pairs, keys)
        sums += ["lock_share", "lock_hhi", "lock_hhi_dev", *LOCKS[1:]]
    largest = [*(p + "share" for p in known), *(f"place{j}_share" for j in range(1, top + 1))]
    return pairs.group_by(*keys).agg(
        *(nw.col(name).sum() for name in sums),
        *(nw.col(name).max() for name in largest),
        nw.col("supplier").n_unique().alias("suppliers"),
        nw.col("spelling").n_unique().alias("spellings"),
    )


SUMS = (
    "part",
    "unknown",
    "squares",
    "named",
    "holder",
    "hhi",
    "entropy",
    "cubes",
    "hhi_dev",
    "entropy_dev",
)


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


def _pairs(records: Records, keys: Sequence[str], *, merge: bool) -> LazyFrame[Any]:
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
    if pairs.implementation.is_dask():
        # Dask's grouped result is one partition: planning windows over it costs seconds, running
        # them in that partition's own pandas costs milliseconds.
        pairs = pairs.collect(backend="pandas").lazy()
    # After the group-by, so that the text of every single record need not be rewritten.
    pairs = pairs.with_columns(
        *(stripped(name).alias(name) for name in holders),
        invalid=nw.col("records") - nw.col("valid"),
    )
    pairs = pairs.with_columns(spelling=nw.col("supplier"))
    if merge:
        pairs = pairs.with_columns(supplier=folded(nw.col("supplier")))
    if records.has("lock"):
        named = nw.col("supplier") != ""
        pairs = pairs.with_columns(
            *(nw.when(named).then(nw.col(name)).otherwise(0.0).alias(name) for name in LOCKS)
        )
    return pairs


def _levels(
    pairs: LazyFrame[Any],
    keys: Sequence[str],
    known: Mapping[str, Expr],
    holder: Mapping[str, str],
) -> LazyFrame[Any]:
    """Add the parts of each measure for suppliers and origins, step by step, both at once.

    Windows over the same partition stand in one step, so that an engine sorts once for them.
    """
    nw = narwhals()
    steps: list[list[Expr]] = [[], [], [], [], [], []]
    for p, is_known in known.items():
        amount, col = nw.col("amount"), {name: nw.col(p + name) for name in (*SUMS, *_INSIDE)}
        for name, source in (("part", "amount"), ("squares", "square"), ("named", "records")):
            steps[0].append(nw.when(is_known).then(nw.col(source)).otherwise(0.0).alias(p + name))
        steps[0].append(nw.when(is_known).then(0.0).otherwise(amount).alias(p + "unknown"))
        steps[1] += [
            col["part"].sum().over(*keys).alias(p + "total_all"),
            col["part"].sum().over(*keys, holder[p]).alias(p + "own"),
        ]
        steps[2] += [
            (col["own"] / _safe(p + "total_all")).alias(p + "share"),
            (col["part"] / _safe(p + "total_all")).alias(p + "fraction"),
            (col["part"] / _safe(p + "own")).alias(p + "holder"),
        ]
        logs = _safe(p + "share").log()
        steps[3] += [
            (col["fraction"] * col["share"]).alias(p + "hhi"),
            (col["fraction"] * col["share"] * col["share"]).alias(p + "cubes"),
            (0.0 - col["fraction"] * logs).alias(p + "entropy"),
        ]
        steps[4] += [
            col[name].sum().over(*keys).alias(f"{p}{name}_all") for name in ("hhi", "entropy")
        ]
        off, surprise = col["share"] - col["hhi_all"], logs + col["entropy_all"]
        steps[5] += [
            (col["squares"] * off * off).alias(p + "hhi_dev"),
            (col["squares"] * surprise * surprise).alias(p + "entropy_dev"),
        ]
    for step in steps:
        pairs = pairs.with_columns(*step)
    return pairs


def _locked(pairs: LazyFrame[Any], keys: Sequence[str]) -> LazyFrame[Any]:
    """Parts of the locked share and HHI, and of the latter's sampling sum."""
    nw = narwhals()
    held, part = nw.col("s_share"), nw.col("lock_amount") / _safe("s_total_all")
    pairs = pairs.with_columns(lock_share=part, lock_hhi=part * held)
    pairs = pairs.with_columns(
        lock_hhi_all=nw.col("lock_hhi").sum().over(*keys),
        lock_own=nw.col("lock_share").sum().over(*keys, "supplier"),
    )
    # A record's slope: its own lock times the supplier's share, and the supplier's locked share.
    off = nw.col("lock_own") - 2.0 * nw.col("lock_hhi_all")
    cross = nw.col("lock_squares") * held * held + 2.0 * nw.col("lock_cross") * held * off
    return pairs.with_columns(lock_hhi_dev=cross + nw.col("s_squares") * off * off)


_INSIDE = ("own", "fraction", "share", "hhi_all", "entropy_all")


def _places(pairs: LazyFrame[Any], keys: Sequence[str], top: int) -> LazyFrame[Any]:
    """For each of the k largest distinct supplier shares: the share, its holders, their squares.

    Several suppliers may tie; how many of them fit into the top k is settled on the result.
    """
    nw = narwhals()
    engine = pairs.implementation
    if engine.is_pyarrow():  # it has no rank window
        pairs = pairs.with_columns(rest=nw.col("s_share"), place=nw.lit(0.0))
        for j in range(1, top + 1):
            pairs = pairs.with_columns(most=nw.col("rest").max().over(*keys))
            hit = (nw.col("rest") == nw.col("most")) & (nw.col("rest") >= 0.0)
            pairs = pairs.with_columns(
                place=nw.when(hit).then(nw.lit(float(j))).otherwise(nw.col("place")),
                rest=nw.when(hit).then(nw.lit(-1.0)).otherwise(nw.col("rest")),
            )
    else:
        rank = nw.col("s_share").rank("dense", descending=True).over(*keys)
        pairs = pairs.with_columns(place=rank)
    columns = []
    for j in range(1, top + 1):
        at = nw.col("place") == j
        for name, source in (("share", "s_share"), ("count", "s_holder"), ("squares", "s_squares")):
            value = nw.when(at).then(nw.col(source)).otherwise(0.0)
            columns.append(value.alias(f"place{j}_{name}"))
    return pairs.with_columns(*columns)


def _focal(pairs: LazyFrame[Any], placed: Expr, focal: Sequence[str]) -> LazyFrame[Any]:
    nw = narwhals()
    inside = nw.col("origin").is_in(list(focal))
    odd = ~placed & (nw.col("origin") != "")
    return pairs.with_columns(
        odd=nw.when(odd).then(nw.col("records")).otherwise(0),
        focal=nw.when(inside).then(nw.col("o_part")).otherwise(0.0),
        focal_squares=nw.when(inside).then(nw.col("o_squares")).otherwise(0.0),
    )
