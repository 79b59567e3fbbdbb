"""Exposure through shared suppliers: what is bought directly, and what stands behind it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import scipy

from .._util.types import Array
from ..data.countries import to_iso3
from ..errors import DataError, Problems
from ._concentration import stripped
from ._frames import (
    Records,
    amount_rules,
    check,
    collect,
    narwhals,
    open_records,
    resolve_countries,
    year_rules,
)
from ._measured import Measured, returns_table, trace_of
from ._numeric import numeric
from ._results import Rows, require_rows, trace_frame
from ._supplier_names import matched, one_spelling
from ._weighted import named_rule
from .columns import Columns, Roles, columns_of
from .suppliers import focal_codes

__all__ = ["CONTRACTS_AND_LINKS", "supplier_network", "supplier_network_trace", "traced_shares"]


@numeric
def traced_shares(direct: Any, inputs: Any) -> Array:
    """Return share of each country's supply that each supplier finally makes, through all tiers.

    With direct shares ``D`` (countries by suppliers, rows sum to one) and input shares ``A``
    (row i: the part of supplier i's own supply bought from supplier j), the traced shares are
    ``D (I - A)^-1 diag(1 - A 1)``: what j adds itself, wherever it enters. Rows sum to one.

    Parameters
    ----------
    direct : array or sparse, shape (countries, suppliers)
    inputs : array or sparse, shape (suppliers, suppliers)
        Rows sum to less than one: every supplier adds something of its own, or at least some
        supplier on every chain does.

    Returns
    -------
    ndarray, shape (countries, suppliers)

    Raises
    ------
    DataError
        If a row of ``inputs`` exceeds one, or suppliers supply each other in a closed circle.

    Notes
    -----
    Leontief, W. (1936), Quantitative input and output relations, Review of Economics and
    Statistics 18(3), 105-125; value added traced as in Johnson, R. C. and Noguera, G. (2012),
    Accounting for intermediates, Journal of International Economics 86(2), 224-236.

    Examples
    --------
    Nokia buys half of what it delivers from a chip maker.

    >>> traced_shares([[1.0, 0.0]], [[0.0, 0.5], [0.0, 0.0]]).tolist()
    [[0.5, 0.5]]
    """
    dense: Any = direct.toarray() if hasattr(direct, "toarray") else direct
    first = np.asarray(dense, dtype=np.float64)
    chain = _Chain.of(inputs)
    if first.shape[-1] != len(chain.own):
        raise DataError(
            f"inputs must be square over the {first.shape[-1]} suppliers of direct, "
            f"has shape {(len(chain.own),) * 2}"
        )
    return chain.traced(first)


@dataclass(frozen=True)
class _Chain:
    """``(I - A)^-1 diag(own)``, taken apart once and never written out."""

    factors: Any
    own: Array

    @classmethod
    def of(cls, inputs: Any) -> _Chain:
        matrix = scipy.sparse.csc_matrix(inputs, dtype=np.float64)
        size = matrix.shape[0]
        if matrix.shape != (size, size):
            raise DataError(f"inputs must be square, has shape {matrix.shape}")
        bought = np.asarray(matrix.sum(axis=1)).ravel()
        if matrix.nnz and (matrix.data.min() < 0 or bought.max() > 1 + 1e-9):
            raise DataError(
                "inputs must be shares of at least 0 whose rows sum to at most 1, received a row sum "
                f"of {bought.max():g}"
            )
        try:
            factors = scipy.sparse.linalg.splu(
                (scipy.sparse.identity(size, format="csc") - matrix).tocsc()
            )
        except RuntimeError as error:
            raise DataError(
                "inputs: some suppliers buy everything from each other, so nothing is ever made; "
                "leave them something of their own"
            ) from error
        return cls(factors, np.maximum(1.0 - bought, 0.0))

    def traced(self, direct: Array) -> Array:
        """Return who finally makes each row of direct shares."""
        return np.asarray(self.factors.solve(direct.T, trans="T").T * self.own)

    def content(self, figure: Array) -> Array:
        """Return by row the figure of those who finally make a unit of each supplier."""
        return np.asarray(self.factors.solve((self.own * figure).T).T)


@dataclass(frozen=True)
class _Network:
    """Countries (and years) against suppliers, in the order of ``keys`` and ``names``."""

    keys: pd.DataFrame
    names: pd.Index[str]
    direct: Array
    squares: Array  # sums of squared amounts, of the whole
    chain: _Chain
    focal: Array
    records: Array

    def error(self, slope: Array) -> Array:
        """Return the standard error of a figure whose slope in each direct share is given.

        Ratio estimator (Cochran, 1977, section 6.4) over the records of each supplier.
        """
        centre = (self.direct * slope).sum(axis=1, keepdims=True)
        spread = (self.squares * (slope - centre) ** 2).sum(axis=1)
        spread = np.where(spread > 1e-14 * self.squares.sum(axis=1), spread, 0.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            error = np.sqrt(spread * self.records / (self.records - 1.0))
        return np.where(self.records > 1, error, np.nan)


@dataclass(frozen=True)
class _Figure:
    """An indicator of the network: its value, and its slope in each direct share."""

    name: str
    value: Array
    slope: Array
    focal: bool
    parts: Array | None  # what a unit of direct supply of each supplier adds to the value


CONTRACTS_AND_LINKS: Roles = {
    "country": "iso3",
    "supplier": "vendor",
    "origin": "vendor_iso3",
    "amount": "usd",
    "year_column": None,
    "record": None,
    "buyer": "buyer",
    "seller": "seller",
    "share": "share",
}
"""Columns of contracts and, for the last three, of links."""


@returns_table
def supplier_network(
    contracts: object,
    links: object,
    *,
    columns: Columns | Mapping[str, str | None] | None = None,
    origins: Mapping[str, str] | None = None,
    focal: str | Iterable[str] = "CHN",
    confidence_level: float = 0.90,
) -> Measured:
    """Measure the direct and indirect exposure of countries to focal and to shared suppliers.

    Parameters
    ----------
    contracts : frame
        As in `supplier_concentration`; one amount a country and supplier is collected.
    links : frame
        One row an input: the part (0-1) of the own supply of ``buyer`` that it buys from
        ``seller``.
    columns : Columns or mapping
        Of contracts ``country`` (iso3), ``supplier`` (vendor), ``origin`` (vendor_iso3), ``amount``
        (usd), ``year_column``, ``record``; of links ``buyer``, ``seller``, ``share``. With a year,
        one row a country and year; countries are compared within one.
    origins : mapping of supplier to country, optional
        Origin of suppliers that appear only in ``links``.
    focal : str or list of str
        Focal origins.
    confidence_level : float
        Of the intervals.

    Returns
    -------
    DataFrame
        Long data format, five indicators a country, shares in 0-1:

        - ``network_focal_direct``: focal share of direct supply.
        - ``network_focal_total``: focal share of all that is supplied, traced to its maker.
        - ``network_focal_indirect``: their difference, negative where focal firms build on others.
        - ``network_supplier_hhi``: HHI over makers.
        - ``network_shared_exposure``: mean overlap of the traced supply of a country with that of every other
          country, the part that the failure of one supplier would hit in both.

        Standard errors are those of the contracts as a sample. Links, and for the overlap the other
        countries, are taken as known. `supplier_network_trace` returns the part of each contract of all
        but the overlap.

    Notes
    -----
    See `traced_shares`. The overlap of two countries is the sum over suppliers of the smaller of
    the two shares (Czekanowski's proportional similarity; Bray and Curtis, 1957).

    Examples
    --------
    >>> contracts = pd.DataFrame({"iso3": ["KEN", "KEN"], "vendor": ["Nokia", "Huawei"],
    ...     "vendor_iso3": ["FIN", "CHN"], "usd": [60, 40]})
    >>> links = pd.DataFrame({"buyer": ["Nokia"], "seller": ["Luxshare"], "share": [0.25]})
    >>> result = supplier_network(contracts, links, origins={"Luxshare": "CHN"})
    >>> result.set_index("indicator")["value"].round(4).head(3).to_dict()
    {'network_focal_direct': 0.4, 'network_focal_total': 0.55, 'network_focal_indirect': 0.15}
    """
    roles = columns_of(columns, CONTRACTS_AND_LINKS)
    problems = Problems("supplier network")
    records = open_records(
        contracts,
        "contracts",
        roles,
        text=("country", "supplier", "origin"),
        number=("amount",),
        counted="amount",
    )
    records, bought = _bought(records, problems)
    chain = _chain(links, roles, problems)
    every = [bought["supplier"], chain["buyer"], chain["seller"]]
    weight = pd.concat([bought["amount"], chain["share"] * 0, chain["share"] * 0])
    spelling = one_spelling(pd.concat(every), weight)
    bought = bought.assign(supplier=bought["supplier"].map(spelling))
    chain = chain.assign(**{role: chain[role].map(spelling) for role in ("buyer", "seller")})
    chain = chain.groupby(["buyer", "seller"])["share"].sum().reset_index()
    codes = focal_codes(focal)
    network = _network(bought, chain, origins or {}, codes, problems)
    rows = Rows(confidence_level=confidence_level)
    figures = _figures(network)
    for figure in figures:
        limits = (-1.0, 1.0) if figure.name == "focal_indirect" else (0.0, 1.0)
        rows.add(
            network.keys,
            f"network_{figure.name}",
            figure.value,
            unit="0-1",
            limits=limits,
            std_error=network.error(figure.slope),
            records=network.records,
            focal="+".join(codes) if figure.focal else "",
        )
    return Measured(rows.frame(), lambda: _trace(records, network, figures, spelling))


supplier_network_trace = trace_of(
    supplier_network,
    "supplier_network_trace",
    """
    >>> contracts = pd.DataFrame({"iso3": ["KEN", "KEN"], "vendor": ["Nokia", "Huawei"],
    ...     "vendor_iso3": ["FIN", "CHN"], "usd": [60, 40]})
    >>> links = pd.DataFrame({"buyer": ["Nokia"], "seller": ["Luxshare"], "share": [0.25]})
    >>> parts = supplier_network_trace(contracts, links, origins={"Luxshare": "CHN"})
    >>> parts.loc[parts["indicator"] == "network_focal_direct", "contribution"].round(4).tolist()
    [0.4]
    """,
)


def _figures(network: _Network) -> list[_Figure]:
    traced = network.chain.traced(network.direct)
    near = network.focal
    far = network.chain.content(network.focal)
    hhi = network.chain.content(
        traced
    )  # half the slope of the sum of squares; also what a share adds
    every = [
        _Figure(name, (network.direct * slope).sum(axis=1), slope, True, slope)
        for name, slope in (
            ("focal_direct", np.broadcast_to(near, network.direct.shape)),
            ("focal_total", np.broadcast_to(far, network.direct.shape)),
            ("focal_indirect", np.broadcast_to(far - near, network.direct.shape)),
        )
    ]
    every.append(_Figure("supplier_hhi", (traced**2).sum(axis=1), 2.0 * hhi, False, hhi))
    shared, slope = _overlap(traced, network.keys)
    if np.isfinite(shared).any():
        every.append(_Figure("shared_exposure", shared, network.chain.content(slope), False, None))
    return every


def _overlap(traced: Array, keys: pd.DataFrame) -> tuple[Array, Array]:
    """Return mean over the other countries (of the year) of the sum of the smaller shares, and its slope.

    Sorting each supplier's shares turns the sum of pairwise minima into ranks: O(n log n).
    """
    value, slope = np.full(len(traced), np.nan), np.zeros_like(traced)
    years = keys["year"].to_numpy() if "year" in keys else np.zeros(len(keys))
    for year in np.unique(years):
        mine = years == year
        part = traced[mine]
        others = len(part) - 1
        if not others:
            continue
        ordered = np.sort(part, axis=0)
        rank = np.argsort(np.argsort(part, axis=0, kind="stable"), axis=0, kind="stable")
        below = np.cumsum(ordered, axis=0) - ordered
        above = others - rank
        sums = np.take_along_axis(below, rank, axis=0) + above * part
        value[mine] = sums.sum(axis=1) / others
        slope[mine] = above / others
    return value, slope


def _bought(records: Records, problems: Problems) -> tuple[Records, pd.DataFrame]:
    nw = narwhals()
    records = resolve_countries(records, ("country", "origin"), problems, required=("country",))
    rules = amount_rules("amount") + (year_rules("year") if records.has("year") else [])
    check(records, rules, problems)
    records = records.with_columns(supplier=stripped("supplier"))
    roles = ["country", "supplier", *(role for role in ("year", "origin") if records.has(role))]
    frame = records.frame.with_columns(square=nw.col("amount") * nw.col("amount"))
    sums = frame.group_by(*roles).agg(
        nw.col("amount").sum(), nw.col("square").sum(), nw.len().alias("records")
    )
    table = collect(sums)
    if table.empty:
        raise DataError("contracts: there is no record")
    unknown = table["supplier"].eq("")
    for name in dict.fromkeys(table["country"][unknown]):
        problems.add(f"{name}: a record has no supplier; name it, or leave the record out")
    return records, table[~unknown]


def _chain(links: object, roles: Roles, problems: Problems) -> pd.DataFrame:
    columns = {role: roles[role] for role in ("buyer", "seller", "share")}
    records = open_records(links, "links", columns, text=("buyer", "seller"), number=("share",))
    rules = [named_rule("buyer", "buyer"), named_rule("seller", "seller")]
    check(records, rules + amount_rules("share", most=1.0), problems)
    nw = narwhals()
    bare = records.with_columns(buyer=stripped("buyer"), seller=stripped("seller"))
    table = collect(bare.frame.group_by("buyer", "seller").agg(nw.col("share").sum()))
    return table[table["buyer"].ne("") & table["seller"].ne("")]


def _origins(
    names: pd.Index[str], bought: pd.DataFrame, origins: Mapping[str, str], problems: Problems
) -> dict[str, Any]:
    """Return the origin of every supplier, as the contracts and the mapping say."""
    given = to_iso3(list(origins.values()))
    for name, text, code in zip(origins, origins.values(), given, strict=True):
        if code is None:
            problems.add(f"origins: {name} is from {text!r}, which is not a country")
    codes = dict(zip(origins, given, strict=True))
    origin = matched(codes, list(names), "origins", problems)
    if "origin" in bought:
        stated = bought.dropna(subset=["origin"]).drop_duplicates(["supplier", "origin"])
        for name in stated["supplier"][stated["supplier"].duplicated()].unique():
            problems.add(f"supplier {name} has more than one origin; name branches apart")
        origin = {**dict(zip(stated["supplier"], stated["origin"], strict=True)), **origin}
    lacking = [name for name in names if origin.get(name) is None]
    if lacking:
        shown = ", ".join(lacking[:10]) + (" ..." if len(lacking) > 10 else "")
        problems.add(f"the origin of {shown} is unknown; add it to `origins`")
    return origin


def _network(
    bought: pd.DataFrame,
    chain: pd.DataFrame,
    origins: Mapping[str, str],
    focal: Sequence[str],
    problems: Problems,
) -> _Network:
    names = pd.Index(sorted({*bought["supplier"], *chain["buyer"], *chain["seller"]}))
    origin = _origins(names, bought, origins, problems)
    sums = chain.groupby("buyer")["share"].sum()
    for firm, total in sums[sums > 1 + 1e-9].items():
        problems.add(f"links: the inputs of {firm} sum to {total:g}, must not exceed 1")
    problems.raise_as(DataError)
    by = [name for name in ("country", "year") if name in bought]
    code, keys = pd.factorize(pd.MultiIndex.from_frame(bought[by]), sort=True)
    table = pd.MultiIndex.from_tuples(list(keys), names=by).to_frame(index=False)
    at = code, names.get_indexer(bought["supplier"])
    direct, squares = np.zeros((len(table), len(names))), np.zeros((len(table), len(names)))
    np.add.at(direct, at, bought["amount"].to_numpy(np.float64))
    np.add.at(squares, at, bought["square"].to_numpy(np.float64))
    total = direct.sum(axis=1)
    for name in table["country"][total <= 0]:
        problems.add(f"{name}: amounts sum to 0, shares cannot be formed; leave the country out")
    problems.raise_as(DataError)
    cells = names.get_indexer(chain["buyer"]), names.get_indexer(chain["seller"])
    inputs = scipy.sparse.csc_matrix((chain["share"], cells), shape=(len(names), len(names)))
    inside = np.array([origin[name] in focal for name in names], dtype=np.float64)
    records = np.bincount(code, weights=bought["records"].to_numpy(np.float64))
    return _Network(
        table,
        names,
        direct / total[:, None],
        squares / total[:, None] ** 2,
        _Chain.of(inputs),
        inside,
        records.astype(np.float64),
    )


def _trace(
    records: Records,
    network: _Network,
    figures: Sequence[_Figure],
    spelling: Mapping[str, str],
) -> pd.DataFrame:
    """Return each contract's part: its share of the supply, times what its supplier's unit adds."""
    by = [role for role in ("country", "year") if records.has(role)]
    require_rows(records.located, records.subject)
    frame = collect(records.frame.select(*by, "supplier", "row", "amount"))
    rows = pd.MultiIndex.from_frame(network.keys[by]).get_indexer(
        pd.MultiIndex.from_frame(frame[by])
    )
    columns = network.names.get_indexer(pd.Index(frame["supplier"].map(spelling)))
    share = frame["amount"] / frame.groupby(by)["amount"].transform("sum")
    parts = [
        frame.assign(
            indicator=f"network_{figure.name}", contribution=share * figure.parts[rows, columns]
        )
        for figure in figures
        if figure.parts is not None
    ]
    return trace_frame([part[part["contribution"].ne(0.0)] for part in parts])
