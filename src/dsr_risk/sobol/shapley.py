"""Shapley effects: the variance split fairly over inputs, exact over all subsets or by permutations."""

from __future__ import annotations

import math

import numpy as np

from .._util.types import Array, Index

__all__ = ["EXACT", "exact_parts", "permuted_parts", "shapley_of_game", "shapley_weights"]


EXACT = 8
"""Up to so many players all subsets are evaluated."""


def shapley_weights(players: int) -> Array:
    """Return (players, 2^players) what each coalition's worth counts for each player's Shapley value.

    Coalitions are numbered by their bits: player i is in coalition s if ``s >> i & 1``.

    References
    ----------
    Shapley, L. S. (1953), A value for n-person games.

    Examples
    --------
    >>> shapley_weights(2).tolist()
    [[-0.5, 0.5, -0.5, 0.5], [-0.5, -0.5, 0.5, 0.5]]
    """
    coalitions = np.arange(1 << players)
    size = np.array([int(coalition).bit_count() for coalition in coalitions])
    out = np.empty((players, len(coalitions)))
    order = [math.factorial(k) * math.factorial(players - k - 1) for k in range(players)]
    share = np.array([*order, 0.0]) / math.factorial(players)
    for player in range(players):
        inside = coalitions >> player & 1 == 1
        out[player] = np.where(inside, share[size - 1], -share[size])
    return out


def shapley_of_game(worth: Array) -> Array:
    """Return (g, ...) Shapley values of a game given by the worth (2^g, ...) of every coalition.

    Examples
    --------
    >>> shapley_of_game(np.array([0.0, 1, 2, 4])).tolist()
    [1.5, 2.5]
    """
    players = len(worth).bit_length() - 1
    return np.asarray(np.tensordot(shapley_weights(players), worth, axes=1))


def exact_parts(y: Array, *, symmetric: bool) -> Array:
    """Return (g, m, T) each player's part of the variance, row by row, from outputs at every subset.

    Parameters
    ----------
    y
        (2^g, m, T) outputs at A with the subset's players taken from B; subsets numbered by bits.
    symmetric
        True for independent players: every two corners of the cube that differ in a subset then estimate
        that subset's total effect, and all such pairs are averaged. False where the exchanged inputs
        are drawn given the others: only pairs with A count.

    Notes
    -----
    The worth of a subset is its total effect, the mean of (y(A) - y(A, subset from B))^2 / 2; its
    Shapley values are the Shapley effects (Owen 2014; Song, Nelson and Staum 2016, theorem 2). Over all
    pairs, with the Walsh coefficients c_s of y on the cube, the worth of u is the sum of 2 c_s^2 over
    the s that share an odd number of players with u. By symmetry its Shapley value for player j is the sum
    of 2 c_s^2 / |s| over odd-sized s that contain j: never negative, adding up to the variance.

    References
    ----------
    Owen, A. B. (2014), SIAM/ASA J. Uncertainty Quantification 2(1), 245-251; Song, E., Nelson, B. L. and
    Staum, J. (2016), ibid. 4(1), 1060-1083; Plischke, E., Rabitti, G. and Borgonovo, E. (2021), ibid.
    9(4), 1411-1437 (all subsets).
    """
    if not symmetric:
        game = y - y[0]
        game *= game
        game *= 0.5
        return shapley_of_game(game)
    g = len(y).bit_length() - 1
    odd = np.array([int(index).bit_count() & 1 for index in range(len(y))], bool)
    power = _walsh(y)[odd]
    power *= power
    subsets = np.flatnonzero(odd)
    size = np.array([int(subset).bit_count() for subset in subsets])
    inside = (subsets[None] >> np.arange(g)[:, None] & 1) * (2.0 / size)
    return np.asarray(inside @ power.reshape(len(subsets), -1)).reshape(g, *y.shape[1:])


def _walsh(y: Array) -> Array:
    """Return Walsh coefficients over the first axis, as two matrix products (the Hadamard matrix splits)."""
    g = len(y).bit_length() - 1
    high, low = _hadamard(g - g // 2), _hadamard(g // 2)
    inner = y.reshape(len(high), len(low), -1)
    half = np.matmul(low, inner)
    out = high @ half.reshape(len(high), -1)
    out /= len(y)
    return np.asarray(out.reshape(y.shape))


def _hadamard(g: int) -> Array:
    out = np.ones((1, 1))
    for _ in range(g):
        out = np.block([[out, out], [out, -out]])
    return out


def permuted_parts(walk: Array, orders: Index, *, symmetric: bool) -> Array:
    """Return (g, m, T) each player's part of the variance, row by row, from one random order a row.

    Parameters
    ----------
    walk
        (g + 1, m, T) outputs on the way from A to B, players exchanged one by one in the row's order.
    orders
        (m, g) the orders.
    symmetric
        True for independent players: the walk read backwards, from B to A, is as good, and both are
        averaged. False where the exchanged inputs are drawn given the others.

    Notes
    -----
    One way: (y_{k-1} - y_k) (y_0 - (y_{k-1} + y_k) / 2) for the k-th player of the order, which is the
    change of (y_0 - y_k)^2 / 2. The mean of both ways is (y_k - y_{k-1}) (y_g - y_0) / 2.

    References
    ----------
    Goda, T. (2021), Reliab. Eng. Syst. Saf. 213, 107702; Song, Nelson and Staum (2016) for dependent
    inputs; Castro, J., Gomez, D. and Tejada, J. (2009), Comput. Oper. Res. 36(5), 1726-1730.
    """
    step = np.diff(walk, axis=0)
    if symmetric:
        step *= (walk[-1] - walk[0]) * 0.5
    else:
        middle = walk[1:] + walk[:-1]
        middle *= 0.5
        middle -= walk[0]
        step *= middle
    at = np.argsort(orders, axis=1)
    rows = np.arange(orders.shape[0])
    return np.stack([step[at[:, player], rows] for player in range(orders.shape[1])])


def linear_gaussian(slopes: Array, covariance: Array) -> Array:
    """Return (d,) Shapley effects of y = slopes . x for jointly normal x, in closed form over all subsets.

    The worth of a subset is the variance of y left once all inputs outside it are known.

    References
    ----------
    Owen, A. B. and Prieur, C. (2017), SIAM/ASA J. Uncertainty Quantification 5(1), 986-1002; Iooss, B.
    and Prieur, C. (2019), Int. J. Uncertainty Quantification 9(5), 493-514.

    Examples
    --------
    >>> linear_gaussian(np.ones(2), np.array([[1.0, 0.5], [0.5, 4.0]])).round(4).tolist()
    [0.2656, 0.7344]
    """
    b, s = np.asarray(slopes, float), np.asarray(covariance, float)
    d = len(b)
    worth = np.zeros(1 << d)
    for number in range(1, 1 << d):
        u = [i for i in range(d) if number >> i & 1]
        rest = [i for i in range(d) if not number >> i & 1]
        left = s[np.ix_(u, u)]
        if rest:
            cross = s[np.ix_(u, rest)]
            left = left - cross @ np.linalg.solve(s[np.ix_(rest, rest)], cross.T)
        worth[number] = b[u] @ left @ b[u]
    return np.asarray(shapley_of_game(worth) / worth[-1])
