"""The contribution of every contract to the concentration measures that are sums."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from ._concentration import valid_amount
from ._frames import collect, iso3_codes
from ._layers import layer_name
from ._results import require_rows, trace_frame, with_remainder
from ._supplier_names import fold
from ._supplier_sums import Job

NAMES = {
    "s_hhi": "supplier_hhi",
    "o_hhi": "origin_hhi",
    "focal": "focal_share",
    "lock_share": "locked_share",
    "lock_hhi": "locked_hhi",
    "unknown": "unknown_supplier_share",
}


def contract_trace(job: Job, result: pd.DataFrame, weights: Mapping[str, float]) -> pd.DataFrame:
    """Return each record's part of every additive indicator; parts of one indicator sum to its value."""
    require_rows(job.records.located, job.records.subject)
    frame = _record_shares(job)
    start = job.setting.prefix
    parts: list[pd.DataFrame] = []
    named: list[str] = []
    tops = {f"top{k}": f"supplier_top{k}_share" for k in (1, job.setting.top)}
    for source, name in {**NAMES, **tops}.items():
        if source not in frame:
            continue
        named += [start + name, *(f"{start}{layer}_{name}" for layer in weights)]
        part = frame.rename(columns={source: "contribution"})
        part = part[part["contribution"].ne(0.0) & part["contribution"].notna()]
        if "layer" in frame:
            layer = part["layer"].map(layer_name)
            parts.append(part.assign(indicator=start + layer + "_" + name))
            share = _share_of_layer(job, result, weights, name, part.assign(layer=layer))
            part = part.assign(contribution=part["contribution"] * share)
        parts.append(part.assign(indicator=start + name))
    return with_remainder(trace_frame(parts), result, named)


def _share_of_layer(
    job: Job, result: pd.DataFrame, weights: Mapping[str, float], name: str, part: pd.DataFrame
) -> pd.Series:
    """Return the weight of a record's layer among the layers that its country has this measure for."""
    keys = ["iso3", "year"] if "year" in result else ["iso3"]
    named = {f"{job.setting.prefix}{layer}_{name}": weight for layer, weight in weights.items()}
    present = result[result["indicator"].isin(named)]
    weight = present["indicator"].map(named)
    total = weight.groupby([present[key] for key in keys]).sum().rename("whole")
    left = part.rename(columns={"country": "iso3"}).join(total, on=keys)
    return part["layer"].map(weights) / left["whole"]


def _record_shares(job: Job) -> pd.DataFrame:
    """Return every record with its part of the measures. As long as the records, so worked out here."""
    keys, records = list(job.keys), job.records
    roles = ["supplier", *(role for role in ("origin", "lock") if records.has(role))]
    frame = collect(
        records.frame.with_columns(amount=valid_amount()).select(*keys, *roles, "row", "amount")
    )
    holders = {"s_": "supplier", "o_": "origin"} if records.has("origin") else {"s_": "supplier"}
    for p, holder in holders.items():
        name = frame[holder].fillna("").str.strip().replace("NA", "")
        if p == "s_" and job.setting.merge:
            name = name.map(fold)
        named = name.ne("") if p == "s_" else name.isin(iso3_codes())
        part = frame["amount"].where(named, 0.0)
        by = [frame[key] for key in keys]
        # Unknown holders have no part, so they take no place among the largest either.
        total = part.groupby(by).transform("sum")
        share = part / total.where(total > 0, 1.0)
        holds = share.groupby([*by, name]).transform("sum")
        frame[p + "hhi"] = share * holds
        if p == "s_":
            for k, granted in _granted(by, name, holds, {1, job.setting.top}).items():
                frame[f"top{k}"] = share * granted
            frame["unknown"] = _share_of_unknown(frame["amount"], named, by)
        if p == "s_" and records.has("lock"):
            frame["lock_share"] = share * frame["lock"]
            frame["lock_hhi"] = frame["lock_share"] * holds
        if p == "o_":
            frame["focal"] = np.where(name.isin(job.setting.focal), share, 0.0)
    return frame


def _granted(
    by: list[pd.Series], name: pd.Series, holds: pd.Series, ranks: Iterable[int]
) -> dict[int, npt.NDArray[np.float64]]:
    """Return per record and k, how far its supplier is among the k largest; ties share the last place."""
    keys = [f"key{i}" for i in range(len(by))]
    each = pd.DataFrame(
        {**dict(zip(keys, by, strict=True)), "name": name, "holds": holds.round(12)}
    )
    suppliers = each.drop_duplicates([*keys, "name"])
    above = suppliers.groupby(keys)["holds"].rank(method="min", ascending=False) - 1.0
    tied = suppliers.groupby([*keys, "holds"])["name"].transform("size")
    which = pd.MultiIndex.from_frame(suppliers[[*keys, "name"]])
    at = which.get_indexer(pd.MultiIndex.from_frame(each[[*keys, "name"]]))
    return {k: ((k - above) / tied).clip(0.0, 1.0).to_numpy()[at] for k in ranks}


def _share_of_unknown(amount: pd.Series, named: pd.Series, by: list[pd.Series]) -> pd.Series:
    total = amount.groupby(by).transform("sum")
    return amount.where(~named, 0.0) / total.where(total > 0, 1.0)
