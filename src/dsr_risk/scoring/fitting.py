"""Fit models: learn from data what a framework needs."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from functools import cache

import numpy as np

from .._util.types import Array
from ..errors import NotScorableError
from ..framework.definition import Framework
from .cells import Cells, cells_of
from .classes import check_classes, labels_in
from .expectation import expected
from .learn import Block, blocks, learn_steps, learn_weights
from .method_notes import still_skewed
from .missing import Estimates, Units, asks_alike, estimate, learn_imputations
from .model import Model, Reference, coverage_of_cells, quality_of_inputs
from .pipeline import Pipeline, Step
from .prepare import FOCAL_PARTS, Prepared, Source, prepare, prepare_variant
from .scores import Scores
from .tree import Scorable, compile_tree

__all__ = ["fit", "fit_and_score", "fit_variant", "score_beside"]


def fit(framework: Framework, data: Source, *, strict: bool = False) -> Model:
    """Learn from a reference set what the framework's methods need; see ``dsr_risk.fit``."""
    prepared = prepare(framework, data, strict=strict, reference=True)
    model, estimates = _fit(prepared)
    model._remember(prepared, estimates)
    return model


def _fit(
    prepared: Prepared,
    like: Scores | None = None,
    same: Scores | None = None,
    steps_before: Sequence[Step] = (),
) -> tuple[Model, Estimates]:
    """Fit on prepared data; return the estimates of their missing cells too.

    With `like` the missing cells were estimated already, by the model of these scores; with `same` the
    indicators come to the scale by the steps of these. `steps_before` were learned from the same columns.
    """
    framework, data = prepared.framework, prepared.data
    keep = ~prepared.focal
    if not keep.any():
        raise NotScorableError(
            f"every country in the data is the focal origin {framework.focal} itself or part of it "
            f"({', '.join((str(framework.focal), *FOCAL_PARTS.get(str(framework.focal), ())))}), "
            "which is not scored"
        )
    if like is None:
        units = Units(prepared)
        imputations = learn_imputations(units, keep)
        estimates = estimate(units, imputations)
    else:
        imputations, estimates = like.model._imputations, like._state.estimates
    raw = prepared.layout.derive(estimates.put(prepared.denominated))
    check_classes(framework, data, keep)
    if same is None:
        kept = raw if keep.all() else raw[keep]
        steps = learn_steps(framework, kept, data.origin, steps_before)
        notes = still_skewed(framework, steps, kept)
    else:
        steps, notes = same.model._steps, same.model._of_fit
    reference = Reference(int(keep.sum()), data.years, data.fingerprint, data.origin)
    tree = compile_tree(framework)
    pipeline = Pipeline(prepared.layout, steps, framework.scale).bound(
        lambda name: labels_in(framework, name, data)
    )

    @cache
    def reference_cells() -> tuple[Array, Cells]:
        raw, _, normalised = expected(pipeline, prepared, estimates)
        return normalised[keep], cells_of(pipeline, prepared, raw, estimates).rows(keep)

    def normalise(weights: Array) -> tuple[Array, Scorable]:
        normalised, cells = reference_cells()
        return normalised, coverage_of_cells(framework, tree, weights, cells, normalised)

    weights = learn_weights(framework, tree, lambda: quality_of_inputs(prepared), normalise)
    return Model(framework, reference, steps, weights, imputations, notes), estimates


def fit_and_score(framework: Framework, source: Source, *, strict: bool = False) -> Scores:
    """Fit on data and score the same data; they are read, checked and prepared once."""
    prepared = prepare(framework, source, strict=strict, reference=True)
    model, estimates = _fit(prepared)
    return model._score(prepared, estimates)


def fit_variant(framework: Framework, scores: Scores, others: Sequence[Scores] = ()) -> Scores:
    """Fit a changed framework on the data of `scores`, which were fitted on them, and score the same data.

    What does not change is done once: data that are read alike, missing cells that are estimated alike, and
    indicators that come to the scale as they do in `scores` or in `others`, its other variants.
    """
    prepared = prepare_variant(framework, scores._state.prepared)
    like = scores if asks_alike(prepared, scores._state.prepared) else None
    alike: list[Scores] = []
    if like is not None:
        alike = [other for other in (scores, *others) if _same_columns(other, like, prepared)]
    parts = blocks(framework)
    same = next((other for other in alike if _same_steps(other, framework, parts)), None)
    before = [step for other in alike for step in other.model._steps]
    model, estimates = _fit(prepared, like, same, before)
    return model._score(prepared, estimates, same)


def _same_columns(variant: Scores, like: Scores, prepared: Prepared) -> bool:
    """Tell whether a variant learned from the columns, missing cells estimated, that `prepared` has."""
    return (
        variant._state.estimates is like._state.estimates
        and variant._state.prepared.denominated is prepared.denominated
    )


def _same_steps(variant: Scores, framework: Framework, parts: Sequence[Block]) -> bool:
    """Tell whether indicators with these methods come to the scale as those of a variant do."""
    steps = variant.model._steps
    return (
        variant.framework.scale == framework.scale
        and len(steps) == len(parts)
        and all(
            (step.sign, step.treatment, step.normaliser) == part[1:]
            and np.array_equal(step.indices, part[0])
            for step, part in zip(steps, parts, strict=True)
        )
    )


def score_beside(model: Model, scores: Scores) -> Scores:
    """Score the data of `scores` with another model.

    Missing cells are estimated once where both models estimate them alike.
    """
    prepared = prepare(model.framework, scores.data)
    imputations, other = model._imputations, scores.model._imputations
    same = len(imputations) == len(other) and all(map(operator.is_, imputations, other))
    alike = same and asks_alike(prepared, scores._state.prepared)
    return model._score(prepared, scores._state.estimates if alike else None)
