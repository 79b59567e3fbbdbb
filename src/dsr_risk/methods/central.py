"""Missing cells by what the column holds: a constant, or the values of all units or of a class."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import BeforeValidator, Field

from .._util.types import Array, Index, Labels, Mask
from ..errors import DataError, FrameworkError, did_you_mean
from ._base import Number
from ._columns import quantile
from ._predictive import Donors, Fixed, Predictive
from .imputation import Context, Imputer, bounds_of
from .treatment import Learned

__all__ = [
    "ConstantImputation",
    "HotDeck",
    "MeanImputation",
    "MedianImputation",
    "between_bounds",
    "donors",
    "fixed",
]


class ConstantImputation(Imputer):
    """Every missing cell gets the same value, given in raw units.

    For cells whose absence has a known meaning (no programme, no loan): say so in the indicator's
    rationale. A cell that does not apply needs a reason code in the data instead. A cell with bounds gets
    the value inside its bounds that is nearest to the constant.

    References
    ----------
    Little, R. J. A. and Rubin, D. B. (2002), Statistical Analysis with Missing Data, 2nd ed., Wiley,
    chapter 4 (cold deck).

    Examples
    --------
    >>> x = np.array([[1.0], [np.nan]])
    >>> where = Context(np.array(["A", "B"], object))
    >>> ConstantImputation(value=0).predict(x, where, {}).ravel().tolist()
    [1.0, 0.0]
    """

    name: ClassVar[str] = "constant"

    value: Number

    def _predictive(self, x: Array, context: Context, learned: Learned) -> Predictive:
        rows, columns = np.nonzero(np.isnan(x))
        return fixed(x, context, rows, columns, np.full(len(rows), self.value))


def fixed(x: Array, context: Context, rows: Index, columns: Index, value: Array) -> Fixed:
    """Return cells with one value each, moved inside their bounds."""
    low, high = bounds_of(x, context)
    return Fixed(rows, columns, np.clip(value, low[rows, columns], high[rows, columns]))


def _one_or_more(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


class HotDeck(Imputer):
    """The values of the reference units of the same class, each with the same probability.

    ``by`` names a grouping of countries (``region``, ``subregion``, ``income``, ``peers``), or several,
    whose labels then must all agree; None takes all units. A class needs ``least`` reference values in the
    column. Where it has fewer, or the unit has no label, all units are donors and a note of the scores says so
    (``otherwise: all``), the cell stays missing (``otherwise: leave``), or the cell is an error
    (``otherwise: refuse``). The prediction is the donors' mean. A cell with bounds takes donors inside its
    bounds: of its class, else of all units. Where there is none it takes any value between the bounds, and a
    note says so.

    Raises
    ------
    FrameworkError
        If `by` names no grouping.
    DataError
        If a class has too few values and ``otherwise`` is ``refuse``; if a grouping has no label for any
        reference unit.

    References
    ----------
    Andridge, R. R. and Little, R. J. A. (2010), A review of hot deck imputation for survey non-response,
    Int. Statistical Review 78(1), 40-64; Rubin, D. B. and Schenker, N. (1986), JASA 81, 366-374.

    Examples
    --------
    >>> x = np.array([[1.0], [3], [np.nan], [10]])
    >>> where = Context(np.array(list("ABCD"), object), groups={"region": np.array(list("nnns"), object)})
    >>> method = HotDeck(by="region", least=2)
    >>> learned = method.fit(x, where)
    >>> method.predict(x, where, learned).ravel().tolist()
    [1.0, 3.0, 2.0, 10.0]
    >>> draws = method.draws(x, where, learned, np.random.default_rng(0), 50)[:, 2, 0]
    >>> sorted(set(draws.tolist()))
    [1.0, 3.0]
    """

    name: ClassVar[str] = "hot_deck"
    stochastic: ClassVar[bool] = True

    by: Annotated[
        tuple[str, ...] | None,
        BeforeValidator(_one_or_more, json_schema_input_type=str | tuple[str, ...] | None),
    ] = None
    least: Annotated[int, Field(ge=1, strict=True)] = 5
    otherwise: Literal["leave", "all", "refuse"] = "all"

    def fit(self, x: Array, context: Context) -> Learned:
        """Return the reference columns, and under each class's label its members."""
        learned = {"reference": np.array(x, float)}
        labels = self._labels(context, len(x))
        if self.by is not None and len(x) and not any(labels):
            raise DataError(
                f"`{self.name}`: no reference unit has a label of {' & '.join(self.by)}; "
                "add labels to the data or take out `by`"
            )
        for label in sorted(set(labels) - {""}):
            learned[label] = (labels == label).astype(float)
        return learned

    def _predictive(self, x: Array, context: Context, learned: Learned) -> Predictive:
        rows, columns = np.nonzero(np.isnan(x))
        low, high = (bound[rows, columns] for bound in bounds_of(x, context))
        values = learned["reference"][:, columns]
        seen = ~np.isnan(values)
        inside = seen & (values >= low) & (values <= high)
        admitted, kept = self._admitted(context, len(x), rows, columns, seen, learned)
        near = admitted & inside
        bounded = np.isfinite(low) | np.isfinite(high)
        near = np.where(~near.any(axis=0) & bounded & kept, inside, near)
        rows, columns, near = rows[kept], columns[kept], near[:, kept]
        return donors(rows, columns, near, values[:, kept], low[kept], high[kept])

    def _admitted(
        self, context: Context, n: int, rows: Index, columns: Index, seen: Mask, learned: Learned
    ) -> tuple[Mask, Mask]:
        """Return the donors of each cell (r, c) but for its bounds, and which cells (c,) are predicted."""
        if self.by is None:
            return seen, np.ones(len(rows), bool)
        labels = self._labels(context, n)
        of_class = _of_class(labels[rows], seen, learned)
        enough = of_class.sum(axis=0) >= self.least
        if self.otherwise == "all":
            return np.where(enough, of_class, seen), np.ones(len(rows), bool)
        if self.otherwise == "refuse" and not enough.all():
            cell = int(np.argmin(enough))
            column = int(columns[cell])
            what = f"`{context.names[column]}`" if context.names else f"column {column}"
            raise DataError(
                f"`{self.name}`: the class `{labels[rows[cell]] or 'without label'}` of "
                f"{context.countries[rows[cell]]} has {int(of_class[:, cell].sum())} values of "
                f"{what}, expected at least {self.least}; write `otherwise: all` or a coarser class"
            )
        return of_class & enough, enough

    def fallbacks(self, x: Array, context: Context, learned: Learned) -> dict[str, Mask]:
        """Return the cells whose class has too few values, and those with no donor inside their bounds."""
        out = {} if self.by is None else self._outside_class(x, context, learned)
        return out | between_bounds(
            x, context, lambda: HotDeck._predictive(self, x, context, learned)
        )

    def _outside_class(self, x: Array, context: Context, learned: Learned) -> dict[str, Mask]:
        """Return the cells that take donors of all units though the method has classes."""
        rows, columns = np.nonzero(np.isnan(x))
        low, high = (bound[rows, columns] for bound in bounds_of(x, context))
        values = learned["reference"][:, columns]
        own = _of_class(self._labels(context, len(x))[rows], ~np.isnan(values), learned)
        few = own.sum(axis=0) < self.least
        inside = (values >= low) & (values <= high)
        some = inside.any(axis=0)
        outside = ~few & some & ~(own & inside).any(axis=0)
        classes = " & ".join(f"`{name}`" for name in self.by or ())
        rules = {f"because no donor of their class of {classes} lies inside their bounds": outside}
        if self.otherwise == "all":
            rules[f"because their class of {classes} has fewer than {self.least} values"] = (
                few & some
            )
        out = {}
        for reason, cells in rules.items():
            mask = np.zeros(x.shape, bool)
            mask[rows, columns] = cells
            out[f"filled with values of all units, {reason}"] = mask
        return out

    def _labels(self, context: Context, n: int) -> Labels:
        """Return the label of each row, empty where one is lacking."""
        labels = np.full(n, "", object)
        if self.by is None:
            return labels
        for name in self.by:
            if name not in context.groups:
                raise FrameworkError(
                    f"missing `{self.name}`: no grouping `{name}`; {did_you_mean(name, context.groups)}"
                )
        for row in range(n):
            parts = [(name, context.groups[name][row]) for name in self.by]
            if all(isinstance(part, str) and part for _, part in parts):
                labels[row] = " & ".join(f"{name}={part}" for name, part in parts)
        return labels


def _of_class(labels: Labels, seen: Mask, learned: Learned) -> Mask:
    """Return the donors (r, c) of each cell's own class; none for a cell without a label."""
    out = np.zeros(seen.shape, bool)
    for label in set(labels) - {""}:
        if label in learned:
            cells = labels == label
            out[:, cells] = seen[:, cells] & (learned[label] > 0)[:, None]
    return out


def between_bounds(
    x: Array, context: Context, predict: Callable[[], Predictive]
) -> dict[str, Mask]:
    """Return the cells that have bounds and no donor inside them, by what is done with these.

    Nothing is predicted where no missing cell has bounds.
    """
    low, high = bounds_of(x, context)
    bounded = np.isnan(x) & (np.isfinite(low) | np.isfinite(high))
    cells = predict() if bounded.any() else None
    if not isinstance(cells, Donors):
        return {}
    out = np.zeros(x.shape, bool)
    out[cells.rows, cells.columns] = ~cells.valid.any(axis=0)
    out &= bounded
    return {"filled with any value between their bounds, because no donor lies inside them": out}


def donors(
    rows: Index, columns: Index, near: Mask, values: Array, low: Array, high: Array
) -> Donors:
    """Return cells that take the value of a near unit (r, c), from values (r, c)."""
    depth = int(near.sum(axis=0).max(initial=0))
    unit = np.argsort(~near, axis=0, kind="stable")[:depth]
    valid = np.take_along_axis(near, unit, axis=0)
    value = np.where(valid, np.take_along_axis(values, unit, axis=0), 0.0)
    return Donors(rows, columns, len(values), unit, value, valid, low, high)


class MeanImputation(HotDeck):
    """The mean of the reference column, of all units or ``by`` a class; draws take values of its members.

    As `hot_deck`, but a class needs one value only, and a cell whose class has none stays missing. With
    ``repeat`` draws repeat the mean instead: an interval then says nothing about missing cells.

    Notes
    -----
    COINr's ``i_mean`` and ``i_mean_grp``, which leaves cells of a group without values empty, as here. As there
    the score takes the mean of the raw values: where the normalisation is no straight line (ranks, logarithms,
    values beyond goalposts) it is not the mean of the draws on the scale. `hot_deck` takes that mean.

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, step 3 (unconditional mean); Rubin, D. B.
    and Schenker, N. (1986), JASA 81, 366-374 (draws).

    Examples
    --------
    >>> x = np.array([[1.0], [3], [np.nan], [10]])
    >>> where = Context(np.array(list("ABCD"), object), groups={"region": np.array(list("nnns"), object)})
    >>> method = MeanImputation(by="region")
    >>> method.predict(x, where, method.fit(x, where)).ravel().tolist()
    [1.0, 3.0, 2.0, 10.0]
    """

    name: ClassVar[str] = "mean"
    expected: ClassVar[bool] = False

    least: Annotated[int, Field(ge=1, strict=True)] = 1
    otherwise: Literal["leave", "all", "refuse"] = "leave"
    repeat: bool = False

    def _predictive(self, x: Array, context: Context, learned: Learned) -> Predictive:
        cells = super()._predictive(x, context, learned)
        if not self.repeat or not isinstance(cells, Donors):
            return cells
        return fixed(x, context, cells.rows, cells.columns, cells.mean())


class MedianImputation(MeanImputation):
    """The median of the reference column, of all units or ``by`` a class; without uncertainty.

    Draws repeat the median: an interval says nothing about missing cells. `hot_deck` draws values.

    Notes
    -----
    COINr's ``i_median`` and ``i_median_grp``.

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, step 3 (unconditional median).

    Examples
    --------
    >>> x = np.array([[1.0], [3], [np.nan], [10]])
    >>> where = Context(np.array(list("ABCD"), object))
    >>> MedianImputation().predict(x, where, MedianImputation().fit(x, where)).ravel().tolist()
    [1.0, 3.0, 3.0, 10.0]
    """

    name: ClassVar[str] = "median"
    stochastic: ClassVar[bool] = False

    def _predictive(self, x: Array, context: Context, learned: Learned) -> Predictive:
        cells = HotDeck._predictive(self, x, context, learned)
        if not isinstance(cells, Donors):
            return cells
        middle = quantile(np.where(cells.valid, cells.value, np.nan), 0.5)
        ends = np.isnan(middle)
        middle[ends] = cells.mean()[ends]
        return fixed(x, context, cells.rows, cells.columns, middle)
