"""Data in a compact form that is read without parsing: numbers as arrays, texts as places in one list."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from .dataset import Data
from .reading import Reading

__all__ = ["pack", "unpack"]

FRAMES = ("evidence", "conflicts")


def pack(data: Data, table: Path, out: Path) -> None:
    """Write the snapshot of countries that was read from `table` to `out`, the same bytes every time."""
    frames = {"evidence": data.evidence, "conflicts": data.conflicts}
    labels: dict[str, int] = {}

    def places(texts: Any) -> np.ndarray:
        return np.array([labels.setdefault(text, len(labels)) for text in texts], np.int32)

    arrays: dict[str, Any] = {
        "values": data.values_array,
        "lower": data.lower,
        "upper": data.upper,
        "reasons": None,
    }
    if data.reasons is not None:
        flat = [
            -1 if reason is None else int(places([reason])[0]) for reason in data.reasons.ravel()
        ]
        arrays["reasons"] = np.array(flat, np.int32).reshape(data.reasons.shape)
    for name, frame in frames.items():
        texts, numbers = _columns(frame)
        arrays[f"{name}_texts"] = np.array([places(frame[column]) for column in texts], np.int32)
        arrays[f"{name}_numbers"] = frame[numbers].to_numpy(dtype=float).T
        arrays[f"{name}_years"] = frame["unit_year"].to_numpy(dtype=np.int64)
    facts = {
        "table": _digest(table),
        "edition": data.edition,
        "origin": data.origin,
        "units": list(data.units),
        "columns": list(data.columns),
        "frames": {
            name: {"order": list(frame), "texts": _columns(frame)[0], "numbers": _columns(frame)[1]}
            for name, frame in frames.items()
        },
        "labels": list(labels),
    }
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        # A fixed date, so that the same data give the same bytes.
        archive.writestr(
            _entry("facts.json"), json.dumps(facts, ensure_ascii=False, separators=(",", ":"))
        )
        for name, array in arrays.items():
            if array is not None:
                with io.BytesIO() as held:
                    np.save(held, np.ascontiguousarray(array), allow_pickle=False)
                    archive.writestr(_entry(f"{name}.npy"), held.getvalue())


def unpack(path: Path, table: Path) -> Data | None:
    """Return the Data that were packed from `table`; None where `table` has changed since then."""
    with zipfile.ZipFile(path) as archive:
        facts = json.loads(archive.read("facts.json"))
        if facts["table"] != _digest(table):
            return None
        arrays = {
            name.removesuffix(".npy"): np.lib.format.read_array(
                io.BytesIO(archive.read(name)), allow_pickle=False
            )
            for name in archive.namelist()
            if name.endswith(".npy")
        }
    labels = pd.Series(facts["labels"])
    reasons = arrays.get("reasons")
    if reasons is not None:
        reasons = np.array([*facts["labels"], None], dtype=object)[reasons]
    evidence, conflicts = (_frame(facts["frames"][name], labels, name, arrays) for name in FRAMES)
    return Data(
        pd.Index(facts["units"], dtype=object, name="iso3"),
        tuple(facts["columns"]),
        arrays["values"],
        reasons,
        arrays.get("lower"),
        arrays.get("upper"),
        facts["edition"],
        facts["origin"],
        Reading(facts["origin"]),
    )._with_evidence(evidence, conflicts)


def _frame(
    facts: dict[str, list[str]], labels: pd.Series[str], name: str, arrays: dict[str, Any]
) -> pd.DataFrame:
    """Return evidence or conflicts from their arrays."""
    texts = zip(facts["texts"], arrays[f"{name}_texts"], strict=True)
    columns: dict[str, Any] = {column: labels.array.take(places) for column, places in texts}
    columns |= dict(zip(facts["numbers"], arrays[f"{name}_numbers"], strict=True))
    columns["unit_year"] = arrays[f"{name}_years"]
    return pd.DataFrame({column: columns[column] for column in facts["order"]})


def _columns(frame: pd.DataFrame) -> tuple[list[str], list[str]]:
    """Return the names of the columns of texts and of those of numbers, the year of the unit apart."""
    numbers = [str(name) for name in frame if frame[name].dtype.kind == "f"]
    return [str(name) for name in frame if name not in (*numbers, "unit_year")], numbers


def _digest(table: Path) -> str:
    return hashlib.sha256(table.read_bytes()).hexdigest()


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry
