"""What every contract contributes to the concentration measures that are sums."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from dsr_risk.records._concentration import valid_amount
from dsr_risk.records._frames import collect, iso3_codes, narwhals
from dsr_risk.records._layers import layer_name
from dsr_risk.records._results import trace_frame, with_remainder
from dsr_risk.records._supplier_sums import Job


def contract_trace(job: Job, result: pd.DataFrame, weights: Mapping[str, float]) -> pd.DataFrame:
    """Each record's part of every additive indicator; parts of one indicator sum to its value."""
    frame = collect(_record_shares(job))
    start = job.setting.prefix
    names = {"s_hhi": "supplier_hhi", "o_hhi": "origin_hhi", "focal": "focal_share",
             "lock_share": "locked_share", "lock_hhi": "locked_hhi"}  # fmt: skip
    parts = []
    for source, name in names.items():
        if source not in frame:
            continue
        own = frame.rename(columns={source: "contribution"})
        if "layer" in frame:
            layer = own["layer"].map(layer_name)
            parts.append(own.assign(indicator=start + layer + "_" + name))
            share = layer.map(weights)
            keys = [key for key in job.keys if key != "layer"]
            present = own.assign(share=share).drop_duplicates([*keys, "layer"])
            # A layer where nothing of this kind is known has no row to weigh.
            whole = present.groupby(keys)["share"].sum().rename("whole")
            own = own.join(whole, on=keys)
            own["contribution"] *= share / own["whole"]
        parts.append(own.assign(indicator=start + name))
    trace = trace_frame(parts)
    return with_remainder(trace[trace["contribution"].ne(0)], result)


def _record_shares(job: Job) -> Any:
    """Every record with its part of the measures, by window sums on the engine."""
    nw = narwhals()
    keys, records = job.keys, job.records
    frame = records.frame.with_columns(amount=valid_amount())
    holders = {"s_": "supplier", "o_": "origin"} if records.has("origin") else {"s_": "supplier"}
    frame = frame.with_columns(*(nw.col(one).fill_null("") for one in holders.values()))
    wanted = []
    for p, holder in holders.items():
        known = nw.col(holder) != "" if p == "s_" else nw.col(holder).is_in(sorted(iso3_codes()))
        frame = frame.with_columns(part=nw.when(known).then(nw.col("amount")).otherwise(0.0))
        frame = frame.with_columns(
            own=nw.col("part").sum().over(*keys, holder), total=nw.col("part").sum().over(*keys)
        )
        total = nw.when(nw.col("total") > 0.0).then(nw.col("total")).otherwise(1.0)
        frame = frame.with_columns(share=nw.col("part") / total, holds=nw.col("own") / total)
        frame = frame.with_columns(**{p + "hhi": nw.col("share") * nw.col("holds")})
        wanted.append(p + "hhi")
        if p == "s_" and records.has("lock"):
            frame = frame.with_columns(lock_share=nw.col("share") * nw.col("lock"))
            frame = frame.with_columns(lock_hhi=nw.col("lock_share") * nw.col("holds"))
            wanted += ["lock_share", "lock_hhi"]
        if p == "o_":
            inside = nw.col("origin").is_in(list(job.setting.focal))
            frame = frame.with_columns(focal=nw.when(inside).then(nw.col("share")).otherwise(0.0))
            wanted.append("focal")
    return frame.select(*keys, "row", *wanted)
