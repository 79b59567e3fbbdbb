"""Exposure through shared suppliers: what is bought directly, and what stands behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse.linalg import splu

from dsr_risk.countries import to_iso3
from dsr_risk.errors import DataError, Problems
from dsr_risk.records._frames import (
    amount_rules,
    check,
    collect,
    narwhals,
    open_records,
    resolve_countries,
)
from dsr_risk.records._results import Floats, Rows
from dsr_risk.records.suppliers import focal_codes

__all__ = ["supplier_network", "traced_shares"]


def traced_shares(direct: Any, inputs: Any) -> Floats:
    """Share of each country's supply that each supplier finally makes, through all tiers.

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
    matrix = sparse.csc_matrix(inputs, dtype=np.float64)
    dense: Any = direct.toarray() if hasattr(direct, "toarray") else direct
    first = np.asarray(dense, dtype=np.float64)
    size = matrix.shape[0]
    if matrix.shape != (size, size) or first.shape[-1] != size:
        raise DataError(
            f"inputs must be square over the {first.shape[-1]} suppliers of direct, "
            f"has shape {matrix.shape}"
        )
    bought = np.asarray(matrix.sum(axis=1)).ravel()
    if matrix.nnz and (matrix.data.min() < 0 or bought.max() > 1 + 1e-9):
        raise DataError(
            "inputs must be shares of at least 0 whose rows sum to at most 1, got a row sum of "
            f"{bought.max():g}"
        )
    try:
        # Rows of D (I - A)^-1 solve (I - A)^T x = D^T.
        solved = splu((sparse.identity(size, format="csc") - matrix).T.tocsc()).solve(first.T).T
    except RuntimeError as error:
        raise DataError(
            "inputs: some suppliers buy everything from each other, so nothing is ever made; "
            "leave them something of their own"
        ) from error
    return np.asarray(solved * np.maximum(1.0 - bought, 0.0))


@dataclass(frozen=True)
class _Network:
    keys: pd.DataFrame
    direct: Floats
    traced: Floats
    focal: Floats
    records: Floats


def supplier_network(
    contracts: object,
    links: object,
    country: str = "iso3",
    supplier: str = "vendor",
    value: str | None = "usd",
    origin: str | None = "vendor_iso3",
    *,
    buyer: str = "buyer",
    seller: str = "seller",
    share: str = "share",
    origins: Mapping[str, str] | None = None,
    focal: str | Sequence[str] = "CHN",
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Direct and indirect exposure of countries to focal and to shared suppliers.

    Parameters
    ----------
    contracts : frame
        As in `supplier_concentration`; one amount a country and supplier is collected.
    links : frame
        One row an input: the part (0-1) of ``buyer``'s own supply that it buys from ``seller``.
    origins : mapping of supplier to country, optional
        Origin of suppliers that appear only in ``links``.
    focal : str or sequence of str
        Focal origins.

    Returns
    -------
    DataFrame
        Long data format, per country: ``network_focal_direct`` (share of direct supply),
        ``network_focal_total`` (share of all that is supplied, traced to its maker, in 0-1),
        ``network_focal_indirect`` (their difference, negative where focal firms build on others),
        ``network_supplier_hhi`` (HHI over makers), ``network_shared_exposure`` (mean overlap of a
        country's traced supply with every other country's: the part that one and the same
        supplier's failure would hit in both).

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
    problems = Problems("supplier network")
    bought = _bought(contracts, country, supplier, value, origin, problems)
    chain = _chain(links, buyer, seller, share, problems)
    network = _network(bought, chain, origins or {}, focal_codes(focal), problems)
    rows = Rows(confidence=confidence)
    label = "+".join(focal_codes(focal))

    def add(name: str, figures: Floats, focal_label: str = "") -> None:
        rows.add(network.keys, f"network_{name}", figures, unit="0-1", records=network.records,
                 focal=focal_label)  # fmt: skip

    near, far = network.direct @ network.focal, network.traced @ network.focal
    add("focal_direct", near, label)
    add("focal_total", far, label)
    add("focal_indirect", far - near, label)
    add("supplier_hhi", (network.traced**2).sum(axis=1))
    if len(network.keys) > 1:
        add("shared_exposure", _overlap(network.traced))
    return rows.frame()


def _overlap(traced: Floats) -> Floats:
    """Mean over the other countries of the sum of the smaller shares.

    Sorting each supplier's shares turns the sum of pairwise minima into ranks: O(n log n).
    """
    ordered = np.sort(traced, axis=0)
    place = np.argsort(np.argsort(traced, axis=0, kind="stable"), axis=0, kind="stable")
    below = np.cumsum(ordered, axis=0) - ordered
    count = traced.shape[0]
    above = (count - 1 - place) * traced
    return np.asarray((np.take_along_axis(below, place, axis=0) + above).sum(axis=1) / (count - 1))


def _bought(
    contracts: object, country: str, supplier: str, value: str | None, origin: str | None,
    problems: Problems,
) -> pd.DataFrame:  # fmt: skip
    nw = narwhals()
    records = open_records(
        contracts,
        "contracts",
        text={"country": country, "supplier": supplier, "origin": origin},
        number={"amount": value if value is not None else 1.0},
    )
    records = resolve_countries(records, ("country", "origin"), problems, required=("country",))
    check(records, amount_rules("amount"), problems)
    roles = ["country", "supplier", *(["origin"] if origin else [])]
    sums = records.frame.group_by(*roles).agg(nw.col("amount").sum(), nw.len().alias("records"))
    table = collect(sums)
    unknown = table["supplier"].isna()
    for name in dict.fromkeys(table["country"][unknown]):
        problems.add(f"{name}: a record has no supplier; name it, or leave the record out")
    return table[~unknown]


def _chain(links: object, buyer: str, seller: str, share: str, problems: Problems) -> pd.DataFrame:
    records = open_records(
        links, "links", text={"buyer": buyer, "seller": seller}, number={"share": share}
    )
    check(records, amount_rules("share", most=1.0), problems)
    nw = narwhals()
    return collect(records.frame.group_by("buyer", "seller").agg(nw.col("share").sum()))


def _network(
    bought: pd.DataFrame, chain: pd.DataFrame, origins: Mapping[str, str],
    focal: Sequence[str], problems: Problems,
) -> _Network:  # fmt: skip
    names = pd.Index(sorted({*bought["supplier"], *chain["buyer"], *chain["seller"]}))
    given = to_iso3(list(origins.values()))
    for name, text, code in zip(origins, origins.values(), given, strict=True):
        if code is None:
            problems.add(f"origins: {name} is from {text!r}, which is not a country")
    origin = dict(zip(origins, given, strict=True))
    if "origin" in bought:
        own = bought.dropna(subset=["origin"]).drop_duplicates(["supplier", "origin"])
        for name in own["supplier"][own["supplier"].duplicated()].unique():
            problems.add(f"supplier {name} has more than one origin; name branches apart")
        origin = {**dict(zip(own["supplier"], own["origin"], strict=True)), **origin}
    lacking = [name for name in names if origin.get(name) is None]
    if lacking:
        shown = ", ".join(lacking[:10]) + (" ..." if len(lacking) > 10 else "")
        problems.add(f"the origin of {shown} is unknown; add it to `origins`")
    sums = chain.groupby("buyer")["share"].sum()
    for one, total in sums[sums > 1 + 1e-9].items():
        problems.add(f"links: the inputs of {one} sum to {total:g}, must not exceed 1")
    problems.raise_as(DataError)
    countries = pd.Index(sorted(set(bought["country"])))
    direct = np.zeros((len(countries), len(names)))
    at = countries.get_indexer(bought["country"]), names.get_indexer(bought["supplier"])
    np.add.at(direct, at, bought["amount"].to_numpy(np.float64))
    total = direct.sum(axis=1)
    for name in countries[total <= 0]:
        problems.add(f"{name}: amounts sum to 0, shares cannot be formed; leave the country out")
    problems.raise_as(DataError)
    direct = direct / total[:, None]
    cells = names.get_indexer(chain["buyer"]), names.get_indexer(chain["seller"])
    inputs = sparse.csc_matrix((chain["share"], cells), shape=(len(names), len(names)))
    inside = np.array([origin[name] in focal for name in names], dtype=np.float64)
    records = bought.groupby("country")["records"].sum().reindex(countries).to_numpy(np.float64)
    return _Network(
        pd.DataFrame({"country": countries}), direct, traced_shares(direct, inputs), inside, records
    )
