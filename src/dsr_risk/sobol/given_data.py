"""Sensitivity from draws that are already there: PAWN and Borgonovo's delta, any number of outputs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .._util.checks import check_memory
from .._util.types import Array, Index
from .bootstrap import counts

__all__ = ["GivenData", "classes_for", "delta", "pawn"]

FINE = 256
"""Points at which distribution functions are compared."""

PERMUTATIONS = 20
"""Permutations that the null level is read from."""

LEAST_ROWS = 20
"""Rows that a class of an input needs at least, on average."""


@dataclass(frozen=True, eq=False)
class GivenData:
    """A measure for every input and output, (d, T), its bootstrap standard error and its null level.

    ``null`` is what 95 % of inputs without any influence stay below, by permutation; a value below it says
    nothing. NaN where the output, or the input, does not vary.
    """

    value: Array
    error: Array
    null: Array


def classes_for(n: int) -> int:
    """Return how many classes n rows are cut into, 2 to 200; it grows with n (Plischke et al. 2013).

    Examples
    --------
    >>> [classes_for(n) for n in (100, 512, 4000, 100_000, 1_000_000)]
    [4, 5, 16, 47, 100]
    """
    power = 2 / (7 + np.tanh((1500 - n) / 500))
    return int(min(max(np.ceil(n**power - 1e-9), 2), 200))


def pawn(
    x: ArrayLike, y: ArrayLike, *, classes: int = 10, resamples: int = 50, seed: int = 0
) -> GivenData:
    """Return PAWN: how far the distribution of the output moves when an input is known; 0-1.

    The median, over classes of an input with about equally many rows, of the Kolmogorov-Smirnov
    distance between the output in the class and over all rows.

    Parameters
    ----------
    x
        (n, d) inputs of the draws; columns of the unit cube will do.
    y
        (n,) or (n, T) outputs of the same draws.
    classes
        Classes of each input; one with fewer distinct values has one class a value.
    resamples
        Bootstrap resamples for the standard error.

    Raises
    ------
    ValueError
        For shapes that do not belong together, values that are not finite, or too few rows.

    References
    ----------
    Pianosi, F. and Wagener, T. (2015), Environ. Model. Softw. 67, 1-11; (2018), ibid. 108, 197-207 (from
    given data).

    Examples
    --------
    >>> x = np.random.default_rng(0).random((4000, 2))
    >>> pawn(x, x[:, 0] + 0.1 * x[:, 1]).value[:, 0].round(1).tolist()
    [0.7, 0.1]
    """
    return _measure(_ks, x, y, classes, resamples, seed, correct=False)


def delta(
    x: ArrayLike, y: ArrayLike, *, classes: int | None = None, resamples: int = 50, seed: int = 0
) -> GivenData:
    """Return Borgonovo's delta: half the expected area between the output's density and that given an input; 0-1.

    Densities are histograms with classes of equally many rows, which leaves delta unchanged, as it does
    not depend on the scale of the output; the bias of few rows a cell is taken off by the bootstrap, and
    where the value is not above those of permuted rows, by their mean (adjusted for chance). Classes make
    the densities coarse and delta smaller: ``error`` holds, beside the bootstrap standard error, the change
    of the value when every two classes are merged.

    Parameters
    ----------
    x, y, resamples, seed
        As in `pawn`.
    classes
        Classes of each input and of the output; a number that grows with the rows if None.

    Raises
    ------
    ValueError
        As in `pawn`.

    References
    ----------
    Borgonovo, E. (2007), Reliab. Eng. Syst. Saf. 92(6), 771-784; Plischke, E., Borgonovo, E. and Smith,
    C. L. (2013), Eur. J. Oper. Res. 226(3), 536-550 (from given data, with the correction of bias).

    Examples
    --------
    >>> x = np.random.default_rng(0).random((4000, 2))
    >>> result = delta(x, x[:, 0] + 0.1 * x[:, 1]).value[:, 0]
    >>> bool(result[0] > 0.7), bool(result[1] < 0.1)
    (True, True)
    """
    rows = np.shape(x)[0] if np.ndim(x) else 0
    class_count = classes_for(max(rows, 1)) if classes is None else classes
    return _measure(_area, x, y, class_count, resamples, seed, correct=True)


Tables = Callable[[Array], Array]


def _measure(
    measure: Tables,
    x: ArrayLike,
    y: ArrayLike,
    classes: int,
    resamples: int,
    seed: int,
    *,
    correct: bool,
) -> GivenData:
    inputs, outputs = _checked(x, y, classes)
    n, d = inputs.shape
    check_memory("resamples", 24.0 * n * resamples, "ask for fewer resamples, or pass fewer draws")
    weight = counts(n, resamples, seed)
    value, error, null = np.full((3, d, outputs.shape[1]), np.nan)
    orders = _orders(n, seed)
    bins = classes if correct else FINE
    groups = [_classes(column, classes) for column in inputs.T]
    for output in range(outputs.shape[1]):
        cut = _classes(outputs[:, output], bins)
        if cut.max() == 0:
            continue
        for number, group in enumerate(groups):
            if group.max() == 0:
                continue
            tables = _tables(group, cut, weight)
            values_of = measure(tables)
            value[number, output], error[number, output] = values_of[0], values_of[1:].std(ddof=1)
            by_chance = np.array([measure(_tables(group, cut[o], weight[:1]))[0] for o in orders])
            null[number, output] = np.quantile(by_chance, 0.95)
            if correct:
                chance, level = by_chance.mean(), null[number, output]
                null[number, output] = (level - chance) / (1 - chance)
                coarse = measure(_merged(tables))
                step = 2 * (values_of[0] - coarse[0]) - values_of[1:].mean() + coarse[1:].mean()
                if values_of[0] > level:
                    error[number, output] = np.hypot(error[number, output], step)
                # The bootstrap takes off too little where rows are cut by chance alone.
                value[number, output] = (
                    2 * values_of[0] - values_of[1:].mean()
                    if values_of[0] > level
                    else max(0.0, (values_of[0] - chance) / (1 - chance))
                )
    return GivenData(value, error, null)


def _orders(n: int, seed: int) -> list[Index]:
    """Return random orders of n rows."""
    rng = np.random.default_rng([seed, 1])
    return [rng.permutation(n) for _ in range(PERMUTATIONS)]


def _checked(x: ArrayLike, y: ArrayLike, classes: int) -> tuple[Array, Array]:
    inputs, outputs = np.asarray(x, float), np.asarray(y, float)
    inputs = inputs[:, None] if inputs.ndim == 1 else inputs
    outputs = outputs[:, None] if outputs.ndim == 1 else outputs
    if inputs.ndim != 2 or outputs.ndim != 2 or len(inputs) != len(outputs):
        raise ValueError(
            f"`x` must be (n, d) and `y` (n,) or (n, T), received {np.shape(x)} and {np.shape(y)}"
        )
    if not (np.isfinite(inputs).all() and np.isfinite(outputs).all()):
        raise ValueError("`x` and `y` must be finite; leave out draws without a value")
    if classes < 2 or len(inputs) < LEAST_ROWS * classes:
        raise ValueError(
            f"{classes} classes need at least 2 classes and {LEAST_ROWS * classes} rows "
            f"({LEAST_ROWS} a class), received {len(inputs)} rows"
        )
    return inputs, outputs


def _classes(values: Array, most: int) -> Index:
    """Return (n,) class numbers 0.. of about equally many rows; equal values stay together."""
    distinct, class_of = np.unique(values, return_inverse=True)
    if len(distinct) <= most:
        return np.asarray(class_of.reshape(-1), np.intp)
    below = np.concatenate([[0], np.cumsum(np.bincount(class_of.reshape(-1)))[:-1]])
    number = below * most // len(values)
    _, number = np.unique(number, return_inverse=True)
    return np.asarray(number.reshape(-1)[class_of.reshape(-1)], np.intp)


def _tables(group: Index, cut: Index, weight: Array) -> Array:
    """Return (resamples + 1, classes of x, classes of y) weighted counts."""
    rows, columns = int(group.max()) + 1, int(cut.max()) + 1
    cell = group * columns + cut
    order = np.argsort(cell, kind="stable")
    edges = np.searchsorted(cell[order], np.arange(rows * columns))
    ordered = np.concatenate([weight[:, order], np.zeros((len(weight), 1))], axis=1)
    tables = np.add.reduceat(ordered, edges, axis=1)
    tables[:, np.diff(np.append(edges, len(cell))) == 0] = 0.0
    return tables.reshape(len(weight), rows, columns)


def _merged(tables: Array) -> Array:
    """Return the counts with every two neighbouring classes of x, and of y, as one."""
    for axis in (1, 2):
        tables = np.add.reduceat(tables, np.arange(0, tables.shape[axis], 2), axis=axis)
    return tables


def _shares(tables: Array) -> tuple[Array, Array, Array]:
    """Return share of each class of x, of y within it, and of y over all."""
    size = tables.sum(axis=2)
    marginal = tables.sum(axis=1) / tables.sum(axis=(1, 2))[:, None]
    inside = tables / np.where(size > 0, size, np.nan)[:, :, None]
    return size / size.sum(axis=1, keepdims=True), inside, marginal


def _ks(tables: Array) -> Array:
    _, inside, marginal = _shares(tables)
    away = np.abs(np.cumsum(inside, axis=2) - np.cumsum(marginal, axis=1)[:, None]).max(axis=2)
    return np.asarray(np.nanmedian(away, axis=1))


def _area(tables: Array) -> Array:
    part, inside, marginal = _shares(tables)
    away = np.abs(np.nan_to_num(inside) - marginal[:, None]).sum(axis=2)
    return np.asarray(0.5 * (part * away).sum(axis=1))
