"""The engine `numba32` against `numba`; skipped where numba is not installed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import dsr_risk as dr
from dsr_risk._util.scratch import Scratch
from dsr_risk.montecarlo.counts import ARRAYS, DrawCounts
from dsr_risk.montecarlo.single import Single
from dsr_risk.scoring.ranking import ranks_of
from tests.montecarlo.montecarlo_cases import made_data, made_framework

pytest.importorskip("numba", reason="numba (extra `fast`) is not installed")

pytestmark = pytest.mark.slow  # the first run compiles the loops

WEIGHTS = {"*.weights": {"method": "spread", "share": 0.25}}
MOST_MOVED = 2e-5
"""The share of ranks that single precision may move."""


def drawn(engine: Any, framework: Any = None, data: Any = None, **options: Any) -> dr.Uncertainty:
    settings = {"draws": 20_000, "factors": WEIGHTS, "engine": engine, **options}
    return dr.uncertainty(framework or made_framework(), data or made_data(60, 12), **settings)


def counts_of(result: dr.Uncertainty) -> DrawCounts:
    return result._counts.counts


def single_of(result: dr.Uncertainty) -> Single:
    form = result._counts.job.single
    assert form is not None
    return form


def test_ranks_of_every_draw_are_equal_but_for_the_stated_share() -> None:
    result = drawn("numba32", made_framework(40, 8, 3), made_data(200, 40), draws=64, nodes="score")
    job, form = result._counts.job, single_of(result)
    u = job.points().block(0)
    exact = ranks_of(job.values(u, 0, Scratch())[0], 100.0)
    moved = 0
    for row in range(1000):
        counts = DrawCounts.empty(job.spec)
        assert form.count(u[row : row + 1], counts, Scratch())
        ranks, units = np.nonzero(counts.ranks[0])
        assert units.size == 200
        moved += int((exact[row, units] != ranks).sum())
    assert moved <= MOST_MOVED * 1000 * 200


@pytest.mark.parametrize("options", [{}, {"nodes": "groups", "pairs": False}, {"bins": 0}])
def test_counts_and_moments_are_equal_but_for_the_stated_share(options: dict[str, Any]) -> None:
    double, single = drawn("numba", **options), drawn("numba32", **options)
    assert single_of(single).nodes
    for part in ("ranks", "above", "bins"):
        one, other = (getattr(counts_of(result), part) for result in (double, single))
        assert np.abs(one - other).sum() / 2 <= MOST_MOVED * one.sum(), part
    for part in ("count", "seen", "apart", "failed"):
        assert np.array_equal(getattr(counts_of(double), part), getattr(counts_of(single), part))
    for part in ("mean", "sd"):
        np.testing.assert_allclose(double.scores()[part], single.scores()[part], rtol=0, atol=1e-5)
    assert (single.engine, double.engine) == ("numba32", "numba")


def test_equal_units_stay_tied() -> None:
    frame = made_data(60, 12).values
    frame.iloc[3] = frame.iloc[7]
    counts = counts_of(drawn("numba32", data=dr.as_data(frame)))
    assert counts.above[0, 3, 7] == counts.above[0, 7, 3] == 0
    assert np.array_equal(counts.ranks[0, :, 3], counts.ranks[0, :, 7])


def test_same_bytes_whatever_the_workers() -> None:
    alone = drawn("numba32", draws=40_000)
    with ThreadPoolExecutor(3) as pool:
        spread = drawn("numba32", draws=40_000, executor=pool)
    for part in ARRAYS:
        assert (
            getattr(counts_of(alone), part).tobytes() == getattr(counts_of(spread), part).tobytes()
        )


@pytest.mark.parametrize(
    ("methods", "missing", "factors"),
    [
        ({"top": "geometric"}, 0.0, WEIGHTS),
        ({}, 0.2, WEIGHTS),
        pytest.param(
            {},
            0.0,
            {**WEIGHTS, "*.data": {"method": "standard_error", "relative": 0.1}},
            marks=pytest.mark.slow,
        ),
        ({}, 0.0, {"*.aggregation": {"method": "choice", "options": ["arithmetic", "geometric"]}}),
    ],
)
def test_elsewhere_it_is_the_engine_in_double_precision(
    methods: dict[str, Any], missing: float, factors: dict[str, Any]
) -> None:
    data = made_data(40, 12, missing=missing)
    found = [
        drawn(engine, made_framework(**methods), data, draws=2000, factors=factors)
        for engine in ("numba", "numba32")
    ]
    assert [result.engine for result in found] == ["numba", "numba"]
    for part in ARRAYS:
        assert np.array_equal(*(getattr(counts_of(one), part) for one in found))


def test_draws_without_a_value_are_left_to_double_precision() -> None:
    factors = {"*.weights": {"method": "spread", "share": 1.0}}
    result = drawn("numba32", draws=64, factors=factors)
    counts = DrawCounts.empty(result._counts.spec)
    u = np.full((4, result._counts.design.dimension), 0.5)
    u[2] = 0.0
    assert not single_of(result).count(u, counts, Scratch())
    assert counts.draws == 0
    assert not counts.ranks.any()
    assert not counts.count.any()
    assert single_of(result).count(u[:2], counts, Scratch())
    assert counts.draws == 2


def test_few_units_and_many() -> None:
    for units in (2, 3, 130, 250):
        data = made_data(units, 12)
        double, single = (drawn(engine, data=data, draws=8000) for engine in ("numba", "numba32"))
        assert single_of(single).nodes
        moved = np.abs(counts_of(double).ranks - counts_of(single).ranks).sum() / 2
        assert moved <= MOST_MOVED * 8000 * units


def test_a_checkpoint_of_the_other_engine_is_refused(tmp_path: Path) -> None:
    place = tmp_path / "run.npz"
    drawn("numba32", checkpoint=place)
    with pytest.raises(dr.DsrRiskError, match="saved by another run \\(other engine\\)"):
        drawn("numba", checkpoint=place)
    longer = drawn("numba32", draws=50_000, checkpoint=place)
    assert (
        counts_of(longer).ranks.tobytes()
        == counts_of(drawn("numba32", draws=50_000)).ranks.tobytes()
    )
