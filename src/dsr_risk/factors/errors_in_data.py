"""Errors of the data: every cell of every draw, from a stream of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from ..errors import did_you_mean
from ..methods._base import Number
from ._base import Array, Factor, Kind

__all__ = [
    "Cells",
    "Confidence",
    "DataFactor",
    "Noise",
    "Revision",
    "Share",
    "StandardError",
]

Positive = Annotated[Number, Field(gt=0)]
Share = Annotated[Number, Field(ge=0, le=1)]


@dataclass(frozen=True, eq=False)
class Cells:
    """The cells a data factor acts on: k indicators by n units, all arrays (k, n).

    ``values`` are raw (divided by their denominator), NaN where missing; ``std_error``, ``low`` and
    ``high`` on the same scale, NaN where not stated; ``grade`` 3 high, 2 medium, 1 low, 0 unstated;
    ``source`` numbers the sources from 0; ``length`` (k,) is the observed range; ``ordinal`` the codes
    of each indicator; ``within`` (k, 2) its plausible range, infinite where none is given. ``age`` is how
    many years a cell is older than the newest of the data, 0 where no year is stated; ``denominator`` (k,)
    names the column that an indicator is divided by, None where there is none.

    Examples
    --------
    >>> none = np.full((1, 2), np.nan)
    >>> cells = Cells(names=("debt",), values=np.array([[10.0, 20.0]]), std_error=none,
    ...     low=np.array([[5.0, np.nan]]), high=none, grade=np.array([[3, 1]]), source=np.zeros((1, 2), int),
    ...     length=np.array([10.0]), ordinal=(None,), within=np.array([[0.0, 100.0]]),
    ...     age=np.zeros((1, 2)), denominator=(None,))
    >>> cells.bottom.tolist(), cells.top.tolist()
    ([[5.0, 0.0]], [[100.0, 100.0]])
    """

    names: tuple[str, ...]
    values: Array
    std_error: Array
    low: Array
    high: Array
    grade: NDArray[np.intp]
    source: NDArray[np.intp]
    length: Array
    ordinal: tuple[tuple[float, ...] | None, ...]
    within: Array
    age: Array
    denominator: tuple[str | None, ...]

    @property
    def bottom(self) -> Array:
        """(k, n) the lowest value that a cell may take: its own bound and the plausible range."""
        return np.fmax(self.low, self.within[:, :1])

    @property
    def top(self) -> Array:
        """(k, n) the highest value that a cell may take."""
        return np.fmin(self.high, self.within[:, 1:])


Noise = tuple[Array, ...]
"""Random arrays whose first axis is the draw and whose second is the indicator."""


class DataFactor(Factor):
    """Errors of cells, in two steps, so that one draw's errors do not depend on any other choice.

    ``noise(rng, draws, cells)`` makes what is random; ``perturb(x, noise, cells)`` turns values
    (draws, k, n), or (1, k, n) for the same values in every draw, into drawn ones. Neither its
    arguments nor its noise survive: both may be overwritten.

    A drawn value that lies outside the bounds of its cell or the plausible range is reflected at the end
    that it passed, so that the error of a floor (value = lower bound) goes one way only. With ``stands_in``
    the factor is a default: a cell that states a standard error, or two bounds, is drawn from these
    instead; ``standardised(noise)`` then gives errors of unit variance and ``uniform(noise)`` the same as
    numbers between 0 and 1.

    Examples
    --------
    >>> factor = Factor.parse({"method": "under_reported", "low": 0.5})
    >>> factor.perturb(np.array([[[10.0]]]), (np.array([[[0.5]]]),), None).tolist()  # 10 / 0.5
    [[[20.0]]]
    >>> factor.moves(None), factor.complaints_about(None), factor.stands_in
    (True, [], False)
    """

    kind: ClassVar[Kind] = "data"

    @property
    def stands_in(self) -> bool:
        """True if the errors are a default for cells that state none of their own."""
        return False

    def standardised(self, noise: Noise) -> Array:
        """Return what `noise` made as errors of variance 1, of the same shape.

        Parameters
        ----------
        noise
            What ``noise`` returned.

        Returns
        -------
        array
            (draws, k, n).
        """
        raise TypeError(f"{type(self).__name__} gives no `standardised`")

    def uniform(self, noise: Noise) -> Array:
        """Return what `noise` made as numbers between 0 and 1, of the same shape.

        Parameters
        ----------
        noise
            What ``noise`` returned.

        Returns
        -------
        array
            (draws, k, n), between 0 and 1.
        """
        raise TypeError(f"{type(self).__name__} gives no `uniform`")

    def noise(self, rng: np.random.Generator, draws: int, cells: Cells) -> Noise:
        """Return random arrays (draws, k, n), or of shapes that broadcast to it.

        Parameters
        ----------
        rng
            The stream of the factor.
        draws
            How many draws, at least 1.
        cells
            The cells that have errors.

        Returns
        -------
        array or tuple of array
            (draws, k, n) random numbers, or shapes that broadcast to it.
        """
        raise TypeError(f"{type(self).__name__} gives no `noise`")

    def perturb(self, x: Array, noise: Noise, cells: Cells) -> Array:
        """Return drawn values from x.

        Parameters
        ----------
        x
            (draws, k, n) or (1, k, n) values, NaN where missing.
        noise
            What `noise` returned.
        cells
            The cells that have errors.

        Returns
        -------
        ndarray
            (draws, k, n) values in raw units.
        """
        raise TypeError(f"{type(self).__name__} gives no `perturb`")

    def moves(self, ordinal: Sequence[float] | None) -> bool:
        """Return whether a column with these codes, None for a column without, can have errors.

        Parameters
        ----------
        ordinal
            Codes of an ordinal column; None for a column of numbers.

        Returns
        -------
        bool
            Whether the factor changes such a column.
        """
        return True

    def complaints_about(self, cells: Cells) -> list[str]:
        """Return why it cannot act on these cells, one line a reason.

        Parameters
        ----------
        cells
            The cells that have errors.

        Returns
        -------
        list of str
            One problem a line; empty if there is none.
        """
        return []


class StandardError(DataFactor):
    """Normal errors: ``relative`` to the value, ``absolute`` in raw units, or as the data state them.

    With neither, each cell's ``std_error`` is used and a cell without one has no error.
    ``correlation`` is that of the errors of two cells from the same source, in a draw and an indicator.

    References
    ----------
    JCGM 101:2008, Supplement 1 to the GUM, 6.4.7; Saisana, Saltelli and Tarantola (2005), J. R. Stat.
    Soc. A 168(2), 307-323.

    Examples
    --------
    >>> factor = StandardError(absolute=2)
    >>> factor.uniform((np.array([0.0]),)).tolist(), factor.stands_in
    ([0.5], True)
    """

    name: ClassVar[str] = "standard_error"

    relative: Annotated[Number, Field(ge=0)] | None = None
    absolute: Annotated[Number, Field(ge=0)] | None = None
    correlation: Share = 0.0

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.relative is not None and self.absolute is not None:
            raise ValueError("give `relative` or `absolute`, not both")
        return self

    @property
    def stands_in(self) -> bool:
        """True if a size is given here rather than taken from the cells."""
        return self.absolute is not None or self.relative is not None

    def standardised(self, noise: Noise) -> Array:
        """Return the normals."""
        return noise[0]

    def uniform(self, noise: Noise) -> Array:
        """Return the probabilities of the normals."""
        return _normal_probability(noise[0])

    def size_of(self, cells: Cells) -> Array:
        """Return the standard error of every cell, 0 where none is known.

        Parameters
        ----------
        cells
            The cells that have errors.

        Returns
        -------
        array
            Standard deviations in raw units, one a cell.
        """
        if self.absolute is not None:
            return np.full(cells.values.shape, self.absolute)
        if self.relative is not None:
            return np.nan_to_num(np.abs(cells.values) * self.relative)
        return np.nan_to_num(cells.std_error)

    def noise(self, rng: np.random.Generator, draws: int, cells: Cells) -> Noise:
        """Return standard normals, correlated within sources as asked."""
        return (_normals(rng, draws, cells, self.correlation),)

    def perturb(self, x: Array, noise: Noise, cells: Cells) -> Array:
        """Return values plus normal errors."""
        (out,) = noise
        out *= self.size_of(cells)
        out += x
        return out

    def complaints_about(self, cells: Cells) -> list[str]:
        """Return what is wrong with the standard errors: negative, or none at all."""
        if self.absolute is not None or self.relative is not None:
            return []
        lines = [
            f"`{cells.names[row]}`: a standard error is negative, received {cells.std_error[row].min():g}"
            for row in np.flatnonzero((cells.std_error < 0).any(axis=1))
        ]
        if np.isnan(cells.std_error).all():
            lines.append(
                "no cell states a standard error; give `relative` or `absolute`, or a column "
                "`std_error` in the data"
            )
        return lines


def _normals(
    rng: np.random.Generator,
    draws: int,
    cells: Cells,
    source: float = 0.0,
    denominator: float = 0.0,
) -> Array:
    """Return standard normals (draws, k, n), correlated within sources and within shared denominators."""
    rows, units = cells.values.shape
    out = rng.standard_normal((draws, rows, units))
    if source:
        count = int(cells.source.max(initial=0)) + 1
        common = rng.standard_normal((draws, rows, count))
        shared = np.take_along_axis(common, cells.source[None], axis=2)
        out *= np.sqrt(1 - source)
        out += np.sqrt(source) * shared
    if denominator:
        names = sorted({name for name in cells.denominator if name is not None})
        common = rng.standard_normal((draws, len(names), units))
        for row, name in enumerate(cells.denominator):
            if name is not None:
                out[:, row] *= np.sqrt(1 - denominator)
                # A denominator that is too high makes every ratio too low.
                out[:, row] -= np.sqrt(denominator) * common[:, names.index(name)]
    return out


def _normal_probability(z: Array) -> Array:
    # Loading scipy.special takes as long as loading the rest of the package.
    from scipy.special import ndtr

    return np.asarray(ndtr(z))


class Revision(DataFactor):
    """Normal errors of the size of revisions: of the grade, the age and the rounding of a cell.

    The variance of a cell is ``value**2 * (grade**2 + per_year**2 * age) + rounding**2 / 12``: the standard
    error of its confidence grade and a random walk over the years that it is older than the newest cell,
    both as shares of the value, and the variance of a number rounded to a unit. Indicators with ``ordinal``
    codes have no such error: a code is right or it is another one (``misclassified``).

    ``rounding`` gives the rounding unit by indicator, in its raw unit. ``correlation`` is that of the
    errors of two units from the same source, in a draw and an indicator; ``denominator_correlation`` that
    of two indicators of one unit that are divided by the same column (a GDP that is too high makes every
    ratio too low).

    Notes
    -----
    The defaults come from revisions of the bundled sources. External debt over GNI (grade high): the value
    of 2021 moved by 2.7 % (median) between the editions of 2023 and 2024 of the International Debt
    Statistics and by 1.0 % between those of 2024 and 2026, 111-117 countries; 2.7 / 0.674 = 4 %. Grade
    medium is twice that, grade low 15 % (judgement). GCI, 40 countries: 10 % (median) between the editions
    of 2018 and 2020, so 10 / 0.674 / sqrt(2) = 10 % a year. Import shares and concentrations moved by 12 %
    from one reference year to the next (177-221 countries), part of which is real.

    References
    ----------
    JCGM 101:2008, Supplement 1 to the GUM, 6.4.7 and 6.4.2 (rounding); Jerven, M. (2013), Poor Numbers,
    Cornell University Press, on revisions.

    Examples
    --------
    >>> Revision(high=0.05).uniform((np.array([0.0]),)).tolist(), Revision().medium
    ([0.5], 0.08)
    """

    name: ClassVar[str] = "revision"

    high: Annotated[Number, Field(ge=0)] = 0.04
    medium: Annotated[Number, Field(ge=0)] = 0.08
    low: Annotated[Number, Field(ge=0)] = 0.15
    unstated: Annotated[Number, Field(ge=0)] = 0.08
    per_year: Annotated[Number, Field(ge=0)] = 0.10
    rounding: dict[str, Annotated[Number, Field(gt=0)]] = Field(default_factory=dict)
    correlation: Share = 0.0
    denominator_correlation: Share = 0.0

    @property
    def stands_in(self) -> bool:
        """True."""
        return True

    def standardised(self, noise: Noise) -> Array:
        """Return the normals."""
        return noise[0]

    def uniform(self, noise: Noise) -> Array:
        """Return the probabilities of the normals."""
        return _normal_probability(noise[0])

    def noise(self, rng: np.random.Generator, draws: int, cells: Cells) -> Noise:
        """Return standard normals, correlated as asked."""
        return (_normals(rng, draws, cells, self.correlation, self.denominator_correlation),)

    def size_of(self, cells: Cells) -> Array:
        """Return the standard error of every cell.

        Parameters
        ----------
        cells
            The cells that have errors.

        Returns
        -------
        array
            Standard deviations in raw units, one a cell.
        """
        grade = np.array([self.unstated, self.low, self.medium, self.high])[cells.grade]
        share = np.square(grade) + self.per_year**2 * cells.age
        unit = np.array([self.rounding.get(name, 0.0) for name in cells.names])[:, None]
        size = np.sqrt(np.nan_to_num(np.square(cells.values) * share) + np.square(unit) / 12)
        codes = np.array([scale is not None for scale in cells.ordinal])
        return np.where(codes[:, None], 0.0, size)

    def perturb(self, x: Array, noise: Noise, cells: Cells) -> Array:
        """Return values plus normal errors."""
        (out,) = noise
        out *= self.size_of(cells)
        out += x
        return out

    def complaints_about(self, cells: Cells) -> list[str]:
        """List the names under `rounding` that are no indicator here."""
        return [
            f"`rounding` names `{name}`, which is no indicator of this factor; "
            f"{did_you_mean(name, cells.names)}"
            for name in self.rounding
            if name not in cells.names
        ]


class Confidence(DataFactor):
    """Triangular errors by confidence grade: half widths for cells graded high, medium and low.

    Half widths are shares of the value, or with ``of="range"`` of the indicator's observed range. A
    cell without a grade counts as `unstated`.

    References
    ----------
    Judgement turned into triangular distributions: JCGM 101:2008, 6.4.5.

    Examples
    --------
    >>> factor = Confidence(high=0.05, medium=0.1, low=0.2)
    >>> factor.uniform((np.array([-1.0, 0.0, 1.0]),)).tolist()
    [0.0, 0.5, 1.0]
    """

    name: ClassVar[str] = "confidence"

    high: Annotated[Number, Field(ge=0)]
    medium: Annotated[Number, Field(ge=0)]
    low: Annotated[Number, Field(ge=0)]
    unstated: Annotated[Number, Field(ge=0)] = 0.0
    of: Literal["value", "range"] = "value"

    @property
    def stands_in(self) -> bool:
        """True."""
        return True

    def standardised(self, noise: Noise) -> Array:
        """Return triangular numbers of variance 1: between -1 and 1 the variance is 1/6."""
        return np.asarray(noise[0] * np.sqrt(6))

    def uniform(self, noise: Noise) -> Array:
        """Return the distribution function of the triangle."""
        t = noise[0]
        return np.where(t < 0, np.square(1 + t) / 2, 1 - np.square(1 - t) / 2)

    def noise(self, rng: np.random.Generator, draws: int, cells: Cells) -> Noise:
        """Return triangular numbers between -1 and 1: the difference of two unit numbers."""
        out = rng.random((draws, *cells.values.shape))
        out -= rng.random(out.shape)
        return (out,)

    def perturb(self, x: Array, noise: Noise, cells: Cells) -> Array:
        """Return values plus symmetric triangular errors."""
        half = np.array([self.unstated, self.low, self.medium, self.high])[cells.grade]
        size = np.abs(cells.values) if self.of == "value" else cells.length[:, None]
        (out,) = noise
        out *= np.nan_to_num(half * size)
        out += x
        return out
