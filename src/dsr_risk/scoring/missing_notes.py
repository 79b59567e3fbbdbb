"""Notes on the methods for missing cells: what they do not use, and what they leave without an estimate."""

from __future__ import annotations

import numpy as np

from .._util.display import counted
from ..framework.definition import Framework
from .auxiliary import LABELS
from .missing import Estimates, Imputation, fallbacks_of, imputers
from .prepare import Prepared

__all__ = ["by_fallback", "too_few", "unused_labels", "without_estimate"]


def unused_labels(imputations: tuple[Imputation, ...]) -> list[str]:
    """Return a note for every auxiliary label that is the same for all reference units."""
    return [
        f"missing cells ({imputation.imputer.name}): auxiliary `{name}` is the same for all reference units and "
        "not used"
        for imputation in imputations
        for name in imputation.imputer.auxiliary
        if name in LABELS and not any(part.startswith(f"{name}=") for part in imputation.design)
    ]


def too_few(framework: Framework, imputations: tuple[Imputation, ...]) -> list[str]:
    """Return a note for the columns that are known in too few units to be estimated."""
    notes = []
    for (columns, imputer), imputation in zip(imputers(framework), imputations, strict=True):
        left = np.setdiff1d(columns, imputation.columns).tolist()
        if left:
            names = ", ".join(f"`{framework.inputs[column].name}`" for column in left)
            notes.append(
                f"{names}: known in fewer than {imputer.least_known} reference units, too few for "
                f"`{imputer.name}` to estimate missing cells; the siblings share the weight"
            )
    return notes


def by_fallback(prepared: Prepared, imputations: tuple[Imputation, ...]) -> list[str]:
    """Return a note for the missing cells that a method fills by another rule than its own."""
    inputs = prepared.framework.inputs
    return [
        f"`{imputation.imputer.name}`: {counted(int(cells.sum()), 'missing cell')} {rule}: "
        + ", ".join(
            f"`{inputs[column].name}` ({count})"
            for column, count in enumerate(cells.sum(axis=0))
            if count
        )
        for imputation in imputations
        for rule, cells in fallbacks_of(prepared, imputation).items()
        if cells.any()
    ]


def without_estimate(
    prepared: Prepared, imputations: tuple[Imputation, ...], estimates: Estimates
) -> list[str]:
    """Return a note for the missing cells of scored columns that their method leaves without an estimate."""
    left = prepared.missing
    if not left.any():
        return []
    left[estimates.rows, estimates.columns] = False
    scored = {indicator.name for indicator in prepared.framework.indicators}
    notes = []
    for imputation in imputations:
        counts = left[:, imputation.columns].sum(axis=0)
        unestimated = [
            f"`{prepared.framework.inputs[column].name}` ({count})"
            for column, count in zip(imputation.columns, counts, strict=True)
            if count and prepared.framework.inputs[column].name in scored
        ]
        if unestimated:
            notes.append(
                f"`{imputation.imputer.name}` has no estimate for missing cells of {', '.join(unestimated)}; "
                "the siblings share their weight"
            )
    return notes
