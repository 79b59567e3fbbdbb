"""Missing cells: one predictive model for the score and for its draws, learned once and re-applied."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from .._util.frozen import Frozen
from .._util.types import Array, Index, Mask
from ..framework.definition import Framework
from ..methods._classed import ClassedDraws
from ..methods._predictive import Common, NoCells, Predictive
from ..methods.imputation import Context, Imputer
from ..methods.treatment import Learned
from .auxiliary import country_labels, design_names, design_of
from .prepare import Prepared

__all__ = [
    "Estimates",
    "Imputation",
    "Sampler",
    "Units",
    "asks_alike",
    "estimate",
    "fallbacks_of",
    "imputers",
    "no_estimates",
    "learn_imputations",
    "padded",
]

GROUPINGS = ("region", "subregion", "income")
PEERS = "peers"
SHARE_WEIGHT = "share_weight"
UNIFORM = 16
"""Points at which a censored cell without a model is evaluated, evenly between its bounds."""


@dataclass(frozen=True)
class Imputation(Frozen):
    """A method for missing cells, the columns that use it, and what it learned.

    ``columns`` are indices among the columns of ``Framework.inputs``; ``design`` names the auxiliary design
    columns.
    """

    columns: Index
    imputer: Imputer
    learned: Learned
    design: tuple[str, ...] = ()


@dataclass(frozen=True)
class Estimates(Frozen):
    """The predictive distribution of every estimated cell, as values with weights.

    ``rows`` and ``columns`` (c,) say which cells; ``values`` and ``weights`` (q, c) are the points at which
    a cell is evaluated and their weights, which add up to 1 in each column.
    """

    rows: Index
    columns: Index
    values: Array
    weights: Array

    @property
    def mean(self) -> Array:
        """The mean of every cell's distribution, (c,)."""
        return self.expectation(self.values)

    def expectation(self, values: Array, cells: Index | slice = slice(None)) -> Array:
        """Return the expected value (c,) of a function given at the points of some cells (q, c)."""
        weights = self.weights[:, cells]
        return np.asarray((np.where(weights > 0, values, 0.0) * weights).sum(axis=0))

    def put(self, columns: Array) -> Array:
        """Return a copy of columns (units, B) with the mean in every estimated cell."""
        if not len(self.rows):
            return columns
        out = np.array(columns)
        out[self.rows, self.columns] = self.mean
        return out

    def select(self, keep: Index, units: int) -> Estimates:
        """Return the estimates of some rows of `units`, numbered as they come in `keep`."""
        row = np.full(units, -1, np.intp)
        row[keep] = np.arange(len(keep))
        inside = row[self.rows] >= 0
        return Estimates(
            row[self.rows[inside]],
            self.columns[inside],
            self.values[:, inside],
            self.weights[:, inside],
        )

    def with_rows(self, rows: Index, other: Estimates) -> Estimates:
        """Return the estimates with those of some rows replaced by the rows of `other`, in order."""
        kept = ~np.isin(self.rows, rows)
        parts = [
            (self.values[:, kept], self.weights[:, kept]),
            (other.values, other.weights),
        ]
        most = max(len(values) for values, _ in parts)
        return Estimates(
            np.concatenate([self.rows[kept], np.asarray(rows)[other.rows]]),
            np.concatenate([self.columns[kept], other.columns]),
            *padded(parts, most),
        )


def imputers(framework: Framework) -> list[tuple[Index, Imputer]]:
    """Return the predictive methods of a framework, each with the columns it fills."""
    return [
        (np.array(columns, np.intp), imputer)
        for imputer, columns in framework._imputers.items()
        if imputer.name != SHARE_WEIGHT
    ]


class Units:
    """The units of prepared data as methods for missing cells read them, each part made once."""

    def __init__(self, prepared: Prepared) -> None:
        self.prepared = prepared
        self.values = prepared.applicable_values
        self._contexts: dict[tuple[str, ...], Context] = {}

    def context(self, design: tuple[str, ...]) -> Context:
        """Return the labels and auxiliary columns of all units."""
        if design not in self._contexts:
            self._contexts[design] = context_of(self.prepared, design)
        return self._contexts[design]

    def predictive(self, imputation: Imputation) -> Predictive:
        """Return the distribution of the cells that a method predicts."""
        context = replace(self.context(imputation.design), own=imputation.columns)
        return imputation.imputer.predictive(self.values, context, imputation.learned)


def learn_imputations(units: Units, keep: Mask) -> tuple[Imputation, ...]:
    """Fit every predictive method on the kept units."""
    out = []
    prepared, every = units.prepared, bool(keep.all())
    observed = units.values if every else units.values[keep]
    learned_by: dict[str, tuple[dict[str, Array], tuple[str, ...]]] = {}
    for columns, imputer in imputers(prepared.framework):
        alike = _model_of(imputer)
        if alike not in learned_by:
            design = design_names(imputer, prepared.data, keep)
            context = units.context(design) if every else context_of(prepared, design, keep)
            # One layout in memory, so that a model that was saved computes to the same last digit.
            learned = {
                name: np.ascontiguousarray(values)
                for name, values in imputer.fit(observed, context).items()
            }
            learned_by[alike] = learned, design
        enough = known_in(prepared, keep)[columns] >= imputer.least_known
        out.append(Imputation(columns[enough], imputer, *learned_by[alike]))
    return tuple(out)


def known_in(prepared: Prepared, keep: Mask) -> Index:
    """Return in how many of the kept units each column (B,) has a value or a bound."""
    informed = ~np.isnan(prepared.applicable_values)
    for bound in (prepared.low, prepared.high):
        if bound is not None:
            informed |= ~np.isnan(bound)
    return np.asarray(informed[keep].sum(axis=0), np.intp)


def asks_alike(first: Prepared, other: Prepared) -> bool:
    """Tell whether two frameworks estimate the cells of the same data from the same model."""
    return _asked(first.framework) == _asked(other.framework) and all(
        _equal(getattr(first, name), getattr(other, name))
        for name in ("denominated", "applicable", "focal", "low", "high")
    )


def _asked(framework: Framework) -> tuple[object, ...]:
    """Return all that a framework says of how cells are filled."""
    indicators = [
        (
            indicator.name,
            indicator.missing,
            indicator.plausible,
            indicator.sign,
            framework.parents.get(indicator.name),
        )
        for indicator in framework.inputs
    ]
    return framework.defaults.missing, framework.peers, indicators


def _equal(first: Array | Mask | None, other: Array | Mask | None) -> bool:
    if first is other or first is None or other is None:
        return first is other
    return np.array_equal(first, other, equal_nan=first.dtype.kind == "f")


def fallbacks_of(prepared: Prepared, imputation: Imputation) -> dict[str, Mask]:
    """Return the missing cells (n, B) that a method fills by another rule than its own, by that rule."""
    if type(imputation.imputer).fallbacks is Imputer.fallbacks:
        return {}
    missing = prepared.missing
    mine = np.zeros(missing.shape[1], bool)
    mine[imputation.columns] = True
    if not (missing & mine).any():
        return {}
    context = replace(context_of(prepared, imputation.design), own=imputation.columns)
    filled = imputation.imputer.fallbacks(prepared.applicable_values, context, imputation.learned)
    return {rule: cells & mine & missing for rule, cells in filled.items()}


def context_of(prepared: Prepared, design: tuple[str, ...], keep: Mask | None = None) -> Context:
    """Return the labels and auxiliary columns of the units that a method may use."""
    data, framework = prepared.data, prepared.framework
    rows = np.ones(len(data), bool) if keep is None else keep
    countries = data.iso3[rows]
    is_country = data.kind == "country"
    labels: dict[str, Mapping[str, str]] = {
        name: country_labels(name) if is_country else {} for name in GROUPINGS
    }
    if framework.peers:
        labels[PEERS] = {code: name for name, codes in framework.peers.items() for code in codes}
    groups = {
        name: np.array([label.get(code) for code in countries], dtype=object)
        for name, label in labels.items()
    }
    years = None
    if data.is_panel:
        years = np.asarray(data.units.get_level_values(1), np.intp)[rows]
    return Context(
        countries,
        years,
        groups,
        _siblings(framework),
        np.array([float(indicator.sign) for indicator in framework.inputs]),
        auxiliary=design_of(design, data)[rows] if design else None,
        auxiliary_names=design,
        low=None if prepared.low is None else prepared.low[rows],
        high=None if prepared.high is None else prepared.high[rows],
        plausible=np.array(
            [indicator.plausible or (np.nan, np.nan) for indicator in framework.inputs], float
        ).reshape(-1, 2),
        names=tuple(indicator.name for indicator in framework.inputs),
    )


def _siblings(framework: Framework) -> tuple[Index, ...]:
    """Return for every column, the columns with the same parent."""
    parents = [
        framework.parents.get(indicator.name, indicator.name) for indicator in framework.inputs
    ]
    below: dict[str | None, list[int]] = {}
    for index, parent in enumerate(parents):
        below.setdefault(parent, []).append(index)
    return tuple(np.array(below[parent], np.intp) for parent in parents)


def estimate(units: Units, imputations: tuple[Imputation, ...]) -> Estimates:
    """Return the predictive distribution of every missing cell that has one.

    A cell has one if a predictive method fills it, or if it is censored: then any value between its bounds
    is as likely as another where no method says more. Cells that do not apply have none.
    """
    prepared = units.prepared
    wanted = prepared.missing
    if not wanted.any():
        return no_estimates()
    parts: list[tuple[Index, Index, Array, Array]] = []
    for imputation in imputations:
        cells = _predicted(units, imputation, wanted)
        values, weights = cells.nodes()
        rows, columns = cells.rows, cells.columns
        if not imputation.imputer.expected or np.isnan(values).any():
            mean = (np.where(weights > 0, values, 0.0) * weights).sum(axis=0)
            if not imputation.imputer.expected:
                values, weights = mean[None], np.ones((1, len(mean)))
            kept = ~np.isnan(mean)
            rows, columns = rows[kept], columns[kept]
            values, weights = values[:, kept], weights[:, kept]
        parts.append((rows, columns, values, weights))
        wanted[rows, columns] = False
    parts.append(_between_bounds(prepared, wanted))
    # One part is taken as it is, without a copy.
    parts = [part for part in parts if len(part[0])] or parts[-1:]
    if len(parts) == 1:
        return Estimates(*parts[0])
    most = max(len(values) for *_, values, _ in parts)
    return Estimates(
        np.concatenate([rows for rows, *_ in parts]),
        np.concatenate([columns for _, columns, *_ in parts]),
        *padded([(values, weights) for *_, values, weights in parts], most),
    )


def no_estimates() -> Estimates:
    """Return the estimates of data without a missing cell."""
    nothing, points = np.empty(0, np.intp), np.empty((UNIFORM, 0))
    return Estimates(nothing, nothing, points, points)


def padded(parts: list[tuple[Array, Array]], points: int) -> tuple[Array, Array]:
    """Put values and weights (q, c) beside each other, with as many points each.

    A point without weight repeats one of its cell, so that no method sees a value that cannot be.
    """
    every_value, every_weight = [], []
    for values, weights in parts:
        if len(values) == points and (weights > 0).all():
            every_value.append(values)
            every_weight.append(weights)
            continue
        more = ((0, points - len(values)), (0, 0))
        weight = np.pad(weights, more)
        value = np.pad(values, more)
        if value.shape[1]:
            likeliest = value[weight.argmax(axis=0), np.arange(value.shape[1])]
            value = np.where(weight > 0, value, likeliest)
        every_value.append(value)
        every_weight.append(weight)
    return np.concatenate(every_value, axis=1), np.concatenate(every_weight, axis=1)


def _between_bounds(prepared: Prepared, wanted: Mask) -> tuple[Index, Index, Array, Array]:
    """Return censored cells that no method fills: evenly between their bounds."""
    rows, columns, low, high = _censored(prepared, wanted)
    share = (np.arange(UNIFORM) + 0.5) / UNIFORM
    values = low + share[:, None] * (high - low)
    return rows, columns, values, np.full(values.shape, 1 / UNIFORM)


def _censored(prepared: Prepared, wanted: Mask) -> tuple[Index, Index, Array, Array]:
    """Return the wanted cells that have bounds, and these, cut to the plausible range.

    The open side of a cell ends at the plausible range, else at the goalposts that the framework writes as
    numbers; without either the cell takes its one bound for both.
    """
    if prepared.low is None or prepared.high is None:
        nothing = np.empty(0, np.intp)
        return nothing, nothing, np.empty(0), np.empty(0)
    bounded = ~(np.isnan(prepared.low) & np.isnan(prepared.high))
    rows, columns = np.nonzero(wanted & bounded)
    ranges = np.array(
        [indicator.plausible or (np.nan, np.nan) for indicator in prepared.framework.inputs], float
    ).reshape(-1, 2)
    low = np.fmax(prepared.low[rows, columns], ranges[columns, 0])
    high = np.fmin(prepared.high[rows, columns], ranges[columns, 1])
    # What lies beyond a goalpost does not change a score, so an open side ends there.
    posts = _written_goalposts(prepared.framework)[columns]
    low = np.where(np.isnan(low), np.fmin(posts[:, 0], high), low)
    high = np.where(np.isnan(high), np.fmax(posts[:, 1], low), high)
    return rows, columns, np.where(np.isnan(low), high, low), np.where(np.isnan(high), low, high)


def _written_goalposts(framework: Framework) -> Array:
    """Return the goalposts (B, 2) that are numbers in the framework, NaN for others."""
    out = np.full((len(framework.inputs), 2), np.nan)
    for column, indicator in enumerate(framework.inputs):
        method = indicator.normalisation or framework.defaults.normalisation
        ends = (getattr(method, "low", None), getattr(method, "high", None))
        if all(isinstance(end, int | float) for end in ends):
            out[column] = ends
    return out


class Sampler:
    """Draws of the cells that ``estimate`` describes, the distributions made once for any number of draws.

    Methods that learned the same model (they differ in ``delta`` only) draw from one joint distribution.

    Attributes
    ----------
    rows, columns
        (c,) the cells, by unit and by column of ``Framework.inputs``.
    """

    def __init__(self, prepared: Prepared, imputations: tuple[Imputation, ...]) -> None:
        wanted, units = prepared.missing, Units(prepared)
        self._parts: list[tuple[str, Predictive]] = []
        for imputation in imputations:
            cells = _predicted(units, imputation, wanted)
            cells = cells.some(np.flatnonzero(cells.known()))
            if len(cells.rows):
                self._parts.append((_model_of(imputation.imputer), cells))
                wanted[cells.rows, cells.columns] = False
        censored = _censored(prepared, wanted)
        self._low, self._high = censored[2:]
        parts = [part for _, part in self._parts]
        self.rows = np.concatenate([*(part.rows for part in parts), censored[0]])
        self.columns = np.concatenate([*(part.columns for part in parts), censored[1]])

    @property
    def by_class(self) -> bool:
        """True if all cells are drawn by one method, as values of classes."""
        return len(self._parts) == 1 and not len(self._low) and self._parts[0][1].by_class

    def classed(self, rng: np.random.Generator, draws: int) -> ClassedDraws:
        """Return the draws of ``draw`` by class, from the same random numbers."""
        return self._parts[0][1].classed(rng, draws)

    def draw(self, rng: np.random.Generator, draws: int) -> Array:
        """Return draws (draws, c) of the cells; they lie cell by cell in memory."""
        common: dict[str, Common] = {}
        parts = []
        for model, cells in self._parts:
            if model not in common:
                common[model] = cells.common(rng, draws)
            parts.append(cells.draw(rng, draws, cells.own(common[model])).T)
        share = rng.random((draws, len(self._low)))
        parts.append((self._low + share * (self._high - self._low)).T)
        full = [part for part in parts if len(part)]
        return (full[0] if len(full) == 1 else np.concatenate(parts)).T


def _predicted(units: Units, imputation: Imputation, wanted: Mask) -> Predictive:
    """Return the distribution of the wanted cells (n, B) that one method fills."""
    mine = np.zeros(wanted.shape[1], bool)
    mine[imputation.columns] = True
    if not (wanted & mine).any():
        return NoCells()
    cells = units.predictive(imputation)
    return cells.some(np.flatnonzero(mine[cells.columns] & wanted[cells.rows, cells.columns]))


def _model_of(imputer: Imputer) -> str:
    """Return what decides what an imputer learns: what multiplies predictions afterwards changes nothing of it."""
    return repr(imputer.model_copy(update={"delta": None}))
