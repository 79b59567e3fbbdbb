"""Standard normal deviates from a table."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri
from scipy.stats import kstest

from dsr_risk._util.normals import _table, standard_normals


def test_standard_normals_are_normal_and_independent() -> None:
    z = standard_normals(np.random.default_rng(0), (4, 100_000)).astype(float)
    assert z.shape == (4, 100_000)
    np.testing.assert_allclose(z.mean(axis=1), 0, atol=4 / np.sqrt(100_000))
    np.testing.assert_allclose(z.var(axis=1), 1, atol=4 * np.sqrt(2 / 100_000))
    np.testing.assert_allclose((z**4).mean(), 3, atol=4 * np.sqrt(96 / 400_000))
    assert kstest(z[0], "norm").pvalue > 0.01
    # Neighbours share a word of random bits.
    assert abs(np.corrcoef(z)[np.triu_indices(4, 1)]).max() < 4 / np.sqrt(100_000)
    flat = z.ravel()
    for lag in (1, 2, 3, 4):
        assert abs(np.corrcoef(flat[:-lag], flat[lag:])[0, 1]) < 4 / np.sqrt(400_000)


def test_standard_normals_repeat_with_the_seed_and_take_any_shape() -> None:
    first = standard_normals(np.random.Generator(np.random.MT19937(3)), (5, 7))
    again = standard_normals(np.random.Generator(np.random.MT19937(3)), (5, 7))
    np.testing.assert_array_equal(first, again)
    assert standard_normals(np.random.default_rng(0), (3, 0)).shape == (3, 0)
    rng = np.random.default_rng(0)
    assert not np.array_equal(standard_normals(rng, (9,)), standard_normals(rng, (9,)))


def test_standard_normals_take_the_quantiles_of_the_normal_distribution() -> None:
    z = np.sort(_table().astype(float))
    exact = ndtri((np.arange(z.size) + 0.5) / z.size)
    inner = slice(z.size // 1000, -z.size // 1000)
    np.testing.assert_allclose(z[inner], exact[inner], atol=1e-5)
    np.testing.assert_allclose([z.mean(), z.var()], [0, 1], atol=1e-6)
    assert 4.3 < z[-1] == -z[0] < 4.5
