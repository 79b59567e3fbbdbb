"""Bundling: one firm that supplies several layers of a country's network at once."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from ..errors import DataError
from ._measured import Measured, returns_table, trace_of
from ._results import Rows
from .columns import Columns, Roles, columns_of
from .supplier_table import supplier_shares

__all__ = ["LAYERED", "layers_held", "layers_held_trace"]

LAYERED: Roles = {
    "country": "iso3",
    "supplier": "vendor",
    "amount": "usd",
    "layer": "layer",
    "year_column": None,
    "record": None,
}
"""Columns of contracts by layer."""


@returns_table
def layers_held(
    contracts: object, *, columns: Columns | Mapping[str, str | None] | None = None
) -> Measured:
    """Measure bundling: the share of a country's layers that its most widespread firm supplies.

    Parameters
    ----------
    contracts : frame
        As in `supplier_concentration`, with a layer (radio network, core, cloud, devices).
    columns : Columns or mapping
        ``country`` (iso3), ``supplier`` (vendor), ``amount`` (usd), ``layer`` (layer),
        ``year_column``, ``record``. ``amount`` None counts records.

    Returns
    -------
    DataFrame
        Long data format, per country: ``bundled_layers_share`` (0-1; the firm is named in the
        note) and ``pooled_supplier_hhi`` (0-1), the concentration over all layers together, which
        exceeds that of single layers where one firm is in all of them. A country with one layer
        has no row: nothing can be bundled.

    Raises
    ------
    DataError
        With every problem at once, as in `supplier_shares`.

    Notes
    -----
    Leverage by bundling: Whinston, M. D. (1990), Tying, Foreclosure, and Exclusion, American
    Economic Review 80, 837-859. HHI: Hirschman (1945), Herfindahl (1950).

    Examples
    --------
    >>> contracts = pd.DataFrame({"iso3": "KEN", "vendor": ["Huawei", "Nokia", "Huawei", "Google"],
    ...     "layer": ["ran", "ran", "core", "cloud"], "usd": [50, 50, 40, 60]})
    >>> result = layers_held(contracts).set_index("indicator")
    >>> result["value"].round(3).to_dict()
    {'bundled_layers_share': 0.667, 'pooled_supplier_hhi': 0.355}
    >>> result["note"].iloc[0]
    'Huawei supplies 2 of 3 layers'
    """
    roles = columns_of(columns, LAYERED)
    if roles["layer"] is None:
        raise DataError("`layers_held` needs a column of the layer, received layer=None")
    given: dict[str, str | None] = {name: str(at) if at else None for name, at in roles.items()}
    given["origin"] = None
    layered = supplier_shares(contracts, columns=given)
    pooled = supplier_shares(contracts, columns={**given, "layer": None})
    keys = [name for name in ("iso3", "year") if name in layered]
    rows = Rows()
    table = _held(layered, keys)
    named = pooled[pooled["supplier"] != ""]
    squares = (named["value"] ** 2).groupby([named[name] for name in keys]).sum()
    index = pd.MultiIndex.from_frame(table[keys]) if len(keys) > 1 else pd.Index(table["iso3"])
    hhi = squares.reindex(index).to_numpy(np.float64)
    shown = table.rename(columns={"iso3": "country"})
    for name, value, note in (
        ("bundled_layers_share", table["held"] / table["layers"], table["note"].tolist()),
        ("pooled_supplier_hhi", hhi, "all layers together"),
    ):
        exact = np.asarray(value, dtype=np.float64)
        rows.add(
            shown,
            name,
            exact,
            unit="0-1",
            records=table["records"],
            bounds=(exact, exact),
            note=note,
        )
    result = rows.frame()
    trace = result.assign(record="", contribution=result["value"])
    columns_out = [*keys, "indicator", "record", "contribution"]
    return Measured(result, lambda: trace[columns_out])


layers_held_trace = trace_of(
    layers_held,
    "layers_held_trace",
    """
    >>> contracts = pd.DataFrame({"iso3": "KEN", "vendor": ["Huawei", "Nokia", "Huawei", "Google"],
    ...     "layer": ["ran", "ran", "core", "cloud"], "usd": [50, 50, 40, 60]})
    >>> parts = layers_held_trace(contracts)
    >>> parts.loc[parts["indicator"] == "bundled_layers_share", "contribution"].round(4).tolist()
    [0.6667]
    """,
)


def _held(layered: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Return layers of each country, and those that its most widespread firm supplies."""
    counts = layered.groupby(keys).agg(layers=("layer", "nunique"), records=("n_records", "sum"))
    named = layered[(layered["supplier"] != "") & (layered["value"] > 0)]
    by_firm = named.groupby([*keys, "supplier"])["layer"].nunique().rename("held").reset_index()
    by_firm = by_firm.sort_values(
        [*keys, "held", "supplier"], ascending=[True] * len(keys) + [False, True]
    )
    most = by_firm.drop_duplicates(keys).set_index(keys)
    table = counts.join(most, how="inner").reset_index()
    table = table[table["layers"] > 1].reset_index(drop=True)
    if table.empty:
        raise DataError("contracts: no country has contracts in two layers, so none can be bundled")
    table["note"] = [
        f"{firm} supplies {held} of {layers} layers"
        for firm, held, layers in zip(
            table["supplier"], table["held"], table["layers"], strict=True
        )
    ]
    return table
