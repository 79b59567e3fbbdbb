"""A fitted model as plain data, and back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from .._util.types import Array
from ..errors import FrameworkError
from ..framework.definition import Framework
from ..methods.treatment import Learned
from .learn import blocks
from .missing import Imputation, imputers
from .pipeline import Step
from .tree import compile_tree

__all__ = ["Reference", "checked", "parts_of", "plain_of"]

FORMAT = 2

Fitted = tuple[tuple[Step, ...], Array, tuple[Imputation, ...], tuple[str, ...]]
"""What a model learned: its steps, the weight of every node, its methods for missing cells, notes on the fit."""


@dataclass(frozen=True)
class Reference:
    """The reference set a model learned from: how many units, which years, which data."""

    units: int
    years: tuple[int, ...]
    fingerprint: str
    origin: str

    def __str__(self) -> str:
        return f"{self.units} units of {self.origin} ({self.fingerprint})"


def plain_of(framework: Framework, reference: Reference, fitted: Fitted) -> dict[str, Any]:
    """Return a model as plain data, with a digest of its content."""
    steps, weights, imputations, notes = fitted
    indicators = framework.indicators
    learned: dict[str, Any] = {indicator.name: {} for indicator in indicators}
    for step in steps:
        for number, index in enumerate(step.indices):
            entry = learned[indicators[index].name]
            for kind, values in (
                ("treatment", step.treated),
                ("normalisation", step.normalised),
            ):
                if values:
                    entry[kind] = {
                        name: _listed(np.asarray(array)[..., number])
                        for name, array in values.items()
                    }
    plain = {
        "format": FORMAT,
        "framework": framework.to_dict(),
        "fingerprint": framework.fingerprint,
        "reference": {
            "units": reference.units,
            "years": list(reference.years),
            "fingerprint": reference.fingerprint,
            "origin": reference.origin,
        },
        "weights": dict(zip(compile_tree(framework).names, weights.tolist(), strict=True)),
        "learned": learned,
        "missing": [
            {
                "method": imputation.imputer.spec(),
                "design": list(imputation.design),
                "learned": {name: _listed(values) for name, values in imputation.learned.items()},
            }
            for imputation in imputations
        ],
    }
    if notes:
        plain["notes"] = list(notes)
    return {**plain, "sha256": _digest(plain)}


def checked(raw: object, target: str) -> tuple[Framework, Mapping[str, Any]]:
    """Return the framework of a saved model and its plain data; raise FrameworkError if it was changed."""
    if not isinstance(raw, Mapping) or raw.get("format") != FORMAT:
        raise FrameworkError(
            f"{target}: not a model; expected a .json file written by `Model.save` or "
            "`dsr-risk score --save-model`"
        )
    framework = Framework.from_dict(raw.get("framework"), target)
    if framework.fingerprint != raw.get("fingerprint"):
        raise FrameworkError(
            f"{target}: the framework was changed after the model was fitted (fingerprint "
            f"{framework.fingerprint}, expected {raw.get('fingerprint')}); fit it again"
        )
    plain = {key: value for key, value in raw.items() if key != "sha256"}
    if _digest(plain) != raw.get("sha256"):
        raise FrameworkError(
            f"{target}: damaged, or changed by hand after the model was fitted (`sha256` does not fit "
            "the content); fit it again"
        )
    return framework, raw


def parts_of(
    framework: Framework, raw: Mapping[str, Any]
) -> tuple[Reference, tuple[Step, ...], Array, tuple[Imputation, ...], tuple[str, ...]]:
    """Return what a model is made of beside its framework, from plain data."""
    tree = compile_tree(framework)
    indicators = framework.indicators
    steps = []
    for columns, sign, treatment, normaliser in blocks(framework):
        entries = [raw["learned"][indicators[index].name] for index in columns]

        def stacked(kind: str, entries: list[Any] = entries) -> Learned:
            names = entries[0].get(kind, {})
            return {
                name: np.stack([_array(entry[kind][name]) for entry in entries], axis=-1)
                for name in names
            }

        steps.append(
            Step(
                columns,
                sign,
                treatment,
                normaliser,
                stacked("treatment"),
                stacked("normalisation"),
            )
        )
    weights = np.array([float(raw["weights"][name]) for name in tree.names])
    if not (np.isfinite(weights) & (weights >= 0)).all():
        raise ValueError("weights must be finite and not negative")
    reference = raw["reference"]
    return (
        Reference(
            int(reference["units"]),
            tuple(int(year) for year in reference["years"]),
            str(reference["fingerprint"]),
            str(reference["origin"]),
        ),
        tuple(steps),
        weights,
        _restored_imputations(framework, raw["missing"]),
        tuple(str(note) for note in raw.get("notes", ())),
    )


def _digest(plain: Mapping[str, Any]) -> str:
    """Return SHA-256 of plain data, whatever the order of keys."""
    text = json.dumps(plain, sort_keys=True, ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _listed(values: Array) -> Any:
    """Return an array as plain lists; JSON has no NaN and no infinity, so those become null and text."""
    flat = np.asarray(values, float)
    if np.isfinite(flat).all():
        return flat.tolist()
    plain = flat.astype(object)
    plain[np.isnan(flat)] = None
    plain[np.isposinf(flat)], plain[np.isneginf(flat)] = "inf", "-inf"
    return plain.tolist()


def _array(values: Any) -> Array:
    return np.array(values, dtype=object).astype(float)


def _restored_imputations(framework: Framework, entries: Any) -> tuple[Imputation, ...]:
    asked = imputers(framework)
    if [imputer.spec() for _, imputer in asked] != [entry["method"] for entry in entries]:
        raise ValueError("missing-cell methods do not match the framework")
    return tuple(
        Imputation(
            columns,
            imputer,
            {name: _array(values) for name, values in entry["learned"].items()},
            tuple(str(name) for name in entry.get("design", ())),
        )
        for (columns, imputer), entry in zip(asked, entries, strict=True)
    )
