"""Missing cells: the contract of a predictive model, and what a model may look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BeforeValidator, WithJsonSchema, model_validator

from .._util.types import Array, Index, Labels, Mask
from ..errors import DataError, FrameworkError
from ._base import Checked, Method, Number
from ._predictive import Mixture, NoCells, Predictive
from .treatment import Learned

__all__ = ["Context", "Delta", "Imputer", "ShareWeight", "bounds_of", "check_auxiliary"]

_DELTA_LEVELS = 8


@dataclass(frozen=True, eq=False)
class Context:
    """Facts of the n rows and k columns beside their values, for an imputer.

    Attributes
    ----------
    countries
        (n,) ISO3 code of each row.
    years
        (n,) year of each row, or None where the data have one year only.
    groups
        Labels of the rows by name of the grouping (``region``, ``income``), each (n,); None or an empty
        string where a row has no label.
    siblings
        For each column the indices of the columns with the same parent (itself included or not).
    signs
        (k,) +1 where a higher value is riskier, -1 where it is safer.
    auxiliary
        (n, a) columns that predict and are not scored: transformed, labels as 0 and 1; NaN is missing.
    auxiliary_names
        The a names, for messages.
    low, high
        (n, k) hard bounds of each cell in the unit of the columns, NaN where there is none; None where no
        cell has any.
    plausible
        (k, 2) the plausible range of each column, NaN where there is none; None for no range at all.
    own
        The columns that the method fills for its caller: those that its ``delta`` is for; None for all.
    names
        The k names of the columns, for messages; none if not known.
    made
        What a method computed of these rows when it learned from them, for when it predicts their cells.

    Examples
    --------
    >>> context = Context(countries=np.array(["KEN", "PAK"], object), signs=np.array([1.0]))
    >>> context.design(2).shape, context.years is None
    ((2, 0), True)
    """

    countries: Labels
    years: NDArray[np.intp] | None = None
    groups: Mapping[str, Labels] = field(default_factory=dict)
    siblings: tuple[NDArray[np.intp], ...] = ()
    signs: Array = field(default_factory=lambda: np.empty(0))
    auxiliary: Array | None = None
    auxiliary_names: tuple[str, ...] = ()
    low: Array | None = None
    high: Array | None = None
    plausible: Array | None = None
    own: Index | None = None
    names: tuple[str, ...] = ()
    made: dict[str, Any] = field(default_factory=dict, repr=False)

    def design(self, n: int) -> Array:
        """Return the auxiliary columns (n, a), with a = 0 where there are none.

        Parameters
        ----------
        n
            The number of rows, where there are no auxiliary columns.

        Returns
        -------
        array
            (n, auxiliary columns); no columns without any.
        """
        return np.empty((n, 0)) if self.auxiliary is None else self.auxiliary


class Delta(Checked):
    """A multiplier of estimates for cells that are not missing at random, uniform between two values.

    Raises
    ------
    FrameworkError
        If `low` is not above zero or `high` is below `low`.

    Examples
    --------
    >>> len(Delta(low=0.8, high=1.2).levels()), Delta(low=1, high=1).levels()
    (8, [1.0])
    """

    low: Number
    high: Number

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not 0 < self.low <= self.high:
            raise ValueError(
                f"`delta` needs 0 < low <= high, received low={self.low:g}, high={self.high:g}"
            )
        return self

    def levels(self) -> list[float]:
        """Return the midpoints of equally probable parts of the range."""
        if self.low == self.high:
            return [self.low]
        share = (np.arange(_DELTA_LEVELS) + 0.5) / _DELTA_LEVELS
        return [float(value) for value in self.low + share * (self.high - self.low)]


_DELTA_SCHEMA = {
    "anyOf": [
        {
            "type": "object",
            "properties": {"low": {"type": "number"}, "high": {"type": "number"}},
            "required": ["low", "high"],
            "additionalProperties": False,
        },
        {"type": "null"},
    ]
}


def _one_or_more(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


class Imputer(Method):
    """Predicts missing cells of raw columns; predicted cells are flagged in every table.

    ``fit(x, context)`` takes all reference columns (n, k), NaN for missing, and returns named float64
    arrays (NaN where nothing could be learned). ``predictive(x, context, learned)`` returns the predictive
    distribution of the missing cells. ``predict`` and ``draws`` both read that distribution: ``predict``
    returns a copy of x with its mean in each missing cell, ``draws`` returns m filled copies (m, n, k).
    The mean of the draws is the prediction. Observed cells are never changed; a cell that the method cannot
    predict stays NaN. The caller selects the columns that use this method.

    A cell with bounds has the distribution cut to them. ``delta`` multiplies every prediction by a factor
    drawn once an iteration, uniform on its range; the prediction uses the mean over the range. Columns whose
    methods differ in ``delta`` only are drawn from one joint distribution.
    ``auxiliary`` names columns that are used and not scored; ``log`` before a name takes its logarithm.

    A plug-in implements `fit` and `_predictive`, or `predict` and `draws`.

    Examples
    --------
    >>> method = Imputer.parse("regression")
    >>> x = np.array([[1.0, 2.0], [2.0, 4.0], [3.0, 6.0], [4.0, 8.0], [5.0, np.nan]])
    >>> context = Context(countries=np.array(list("ABCDE"), object), signs=np.ones(2))
    >>> learned = method.fit(x, context)
    >>> method.predict(x, context, learned)[:4].tolist() == x[:4].tolist()
    True
    >>> method.draws(x, context, learned, np.random.default_rng(0), 3).shape
    (3, 5, 2)
    """

    family: ClassVar[str] = "missing"
    stochastic: ClassVar[bool] = False
    """True if `draws` differ, that is whether the uncertainty of the prediction is represented."""
    expected: ClassVar[bool] = True
    """True if the score takes the mean of the normalised draws; else the normalised mean of the cell."""
    reads_years: ClassVar[bool] = False
    """True if a cell is filled from other years of the data, so that a year alone says less."""
    least_known: ClassVar[int] = 0
    """In how many units a column must have a value or a bound; the siblings of another share its weight."""

    auxiliary: Annotated[
        tuple[str, ...],
        BeforeValidator(_one_or_more, json_schema_input_type=str | tuple[str, ...]),
    ] = ()
    delta: Annotated[Delta | None, WithJsonSchema(_DELTA_SCHEMA)] = None

    @classmethod
    def parse(cls, value: object) -> Self:
        """Return the method that `value` names: a name, a mapping with ``method``, or a method itself.

        Parameters
        ----------
        value
            A name, a mapping with ``method``, or a method itself.

        Raises
        ------
        FrameworkError
            For an unregistered name, or parameters the method refuses.
        """
        name = value.get("method") if isinstance(value, Mapping) else value
        for old, new in _RENAMED.items():
            if isinstance(name, str) and name == old and old not in cls.registry:
                raise FrameworkError(f"missing: `{old}` is now `{new}`; write `{new}`")
        return super().parse(value)

    def fit(self, x: Array, context: Context) -> Learned:
        """Return what is learned from the reference columns.

        Parameters
        ----------
        x
            (n, k) reference columns, NaN for missing.
        context
            What is known about the rows and columns beside their values.

        Returns
        -------
        dict
            Named float64 arrays, as ``predictive`` takes them.

        Raises
        ------
        DataError
            If an auxiliary column is constant, or missing in every row.
        """
        return {}

    def predictive(self, x: Array, context: Context, learned: Learned) -> Predictive:
        """Return the distribution of the missing cells of x (n, k).

        Parameters
        ----------
        x
            (n, k) columns in the order of those that `fit` saw, NaN for missing.
        context
            What is known about these rows and columns.
        learned
            What `fit` returned.

        Returns
        -------
        Predictive
            Rows, columns and distributions of the cells that can be predicted.

        Raises
        ------
        DataError
            If a missing cell has bounds that no value meets, or a value lies outside its own bounds.
        """
        if self.delta is None:
            return self._predictive(x, context, learned)
        low, high = bounds_of(x, context)
        levels = self.delta.levels()
        own = np.ones(x.shape[1], bool) if context.own is None else _in(context.own, x.shape[1])
        # What is multiplied lies between the bounds; other columns are read as they are.
        factors = [np.where(own, level, 1.0) for level in levels]
        contexts = [
            replace(context, low=low / factor, high=high / factor, plausible=None)
            for factor in factors
        ]
        return Mixture(self._bounded(x, contexts, learned), tuple(levels))

    def _bounded(
        self, x: Array, contexts: Sequence[Context], learned: Learned
    ) -> tuple[Predictive, ...]:
        """Return the distribution in each of some contexts that differ in the bounds of cells only."""
        return tuple(self._predictive(x, context, learned) for context in contexts)

    def _predictive(self, x: Array, context: Context, learned: Learned) -> Predictive:
        raise TypeError(f"{type(self).__name__} gives no `predict`")

    def fallbacks(self, x: Array, context: Context, learned: Learned) -> dict[str, Mask]:
        """Return the missing cells (n, k) that another rule than the method's own fills, by what that rule is.

        Parameters
        ----------
        x, context, learned
            As of `predictive`.

        Returns
        -------
        dict
            Keys end the sentence "2 missing cells ..."; a score has a note for each. Empty by default.
        """
        return {}

    def predict(self, x: Array, context: Context, learned: Learned) -> Array:
        """Return the columns with the mean of the predictive distribution in missing cells.

        Parameters
        ----------
        x, context, learned
            As of `predictive`.

        Returns
        -------
        array
            (n, k), NaN where the method predicts nothing.
        """
        cells = self.predictive(x, context, learned)
        out = np.array(x, float)
        out[cells.rows, cells.columns] = cells.mean()
        return out

    def draws(
        self, x: Array, context: Context, learned: Learned, rng: np.random.Generator, m: int
    ) -> Array:
        """Return m filled copies (m, n, k), missing cells drawn from the predictive distribution.

        Parameters
        ----------
        x, context, learned
            As of `predictive`.
        rng
            The source of random numbers.
        m
            How many copies, at least 1.

        Returns
        -------
        array
            (m, n, k), NaN where the method predicts nothing.
        """
        cells = self.predictive(x, context, learned)
        out = np.repeat(np.asarray(x, float)[None], m, axis=0)
        out[:, cells.rows, cells.columns] = cells.draw(rng, m)
        return out

    def apply(self, x: Array, context: Context, learned: Learned) -> Array:
        """Return `predict`.

        Parameters
        ----------
        x, context, learned
            As of `predictive`.

        Returns
        -------
        array
            (n, k), NaN where the method predicts nothing.
        """
        return self.predict(x, context, learned)


def _in(columns: Index, count: int) -> NDArray[np.bool_]:
    out = np.zeros(count, bool)
    out[columns] = True
    return out


_RENAMED = {"none": "share_weight", "multiple": "matching"}


def bounds_of(x: Array, context: Context) -> tuple[Array, Array]:
    """Return the bounds (n, k) of each cell: its own, and the plausible range of its column.

    Raises
    ------
    DataError
        If a missing cell has no value that its bounds and the plausible range of its column allow, or an
        observed value lies outside its own bounds.
    """
    low, high = np.full(x.shape, -np.inf), np.full(x.shape, np.inf)
    if context.plausible is not None:
        low, high = np.fmax(low, context.plausible[:, 0]), np.fmin(high, context.plausible[:, 1])
    if context.low is not None:
        low = np.fmax(low, context.low)
    if context.high is not None:
        high = np.fmin(high, context.high)
    bad = np.isnan(x) & (low > high)
    if bad.any():
        row, column = np.argwhere(bad)[0]
        raise DataError(
            f"{bad.sum()} missing cells have bounds that no value meets; first: "
            f"{context.countries[row]}, column {column}: received at least {low[row, column]:g} and at most "
            f"{high[row, column]:g} (bounds of the cell and plausible range of the indicator); "
            "correct the bounds or the plausible range"
        )
    outside = _outside(x, context)
    if outside.any():
        row, column = np.argwhere(outside)[0]
        raise DataError(
            f"{outside.sum()} observed values lie outside their own bounds; first: "
            f"{context.countries[row]}, column {column}: received {x[row, column]:g}; correct the value or "
            "its bounds"
        )
    return low, high


def _outside(x: Array, context: Context) -> NDArray[np.bool_]:
    out = np.zeros(x.shape, bool)
    slack = 1e-9 * np.abs(x)
    if context.low is not None:
        out |= x < context.low - slack
    if context.high is not None:
        out |= x > context.high + slack
    return out


def check_auxiliary(method: str, extra: Array, names: tuple[str, ...]) -> None:
    """Check that auxiliary columns (n, a) can predict anything.

    Raises
    ------
    DataError
        If an auxiliary column is constant or missing in every row; all such columns are named.
    """
    if not len(extra):
        return
    called = names or tuple(str(column) for column in range(extra.shape[1]))
    seen = ~np.isnan(extra)
    empty = ~seen.any(axis=0)
    constant = ~empty & (np.fmax.reduce(extra, axis=0) == np.fmin.reduce(extra, axis=0))
    problems = [
        f"`{method}`: auxiliary {called[column]} is {problem} in the {len(extra)} reference units; "
        "take it out or add its values to the data"
        for problem, which in (("missing", empty), ("constant", constant))
        for column in np.flatnonzero(which)
    ]
    if problems:
        raise DataError("\n".join(problems))


class ShareWeight(Imputer):
    """Missing stays missing: the observed siblings share the weight, in the score and in every draw.

    Notes
    -----
    COINr's rule. An interval then says nothing about missing cells.

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, step 3.

    Examples
    --------
    >>> x, context = np.array([[1.0, np.nan]]), Context(countries=np.array(["KEN"], object))
    >>> ShareWeight().predict(x, context, {}).tolist()
    [[1.0, nan]]
    """

    name: ClassVar[str] = "share_weight"

    @model_validator(mode="after")
    def _plain(self) -> Self:
        if self.auxiliary or self.delta is not None:
            raise ValueError("predicts nothing: take out `auxiliary` and `delta`")
        return self

    def predictive(self, x: Array, context: Context, learned: Learned) -> Predictive:
        """Return no cells."""
        return NoCells()
