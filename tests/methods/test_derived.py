"""Laws of every derived operation, and values by arithmetic."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from hypothesis.extra import numpy as hnp

from dsr_risk.errors import FrameworkError
from dsr_risk.methods.derived import Derived
from tests.methods.method_cases import NAN, each, frozen

VALUES = st.one_of(
    st.sampled_from([-2.0, 0.0, 1.0, 3.0]),
    st.floats(-50, 100, allow_subnormal=False).map(lambda value: round(value, 3)),
)


def profiles(count: int):
    return hnp.arrays(float, (2, count, 5), elements=VALUES, fill=st.nothing())


@pytest.mark.slow
@each(Derived)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_split_adds_up_to_the_difference(method: Derived, data: st.DataObject) -> None:
    x, base = data.draw(profiles(len(method.of)))
    moved = method.evaluate(x) - method.evaluate(base)
    parts = method.split(x, base)
    assert parts.shape == x.shape
    known = ~np.isnan(parts).any(axis=0)
    room = 1e-9 * (1 + np.abs(parts).sum(axis=0))
    assert (np.abs(parts.sum(axis=0) - moved)[known] <= room[known]).all()
    if method.linear:
        assert known.all()


@pytest.mark.slow
@each(Derived)
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_split_gives_nothing_to_a_part_that_stays(method: Derived, data: st.DataObject) -> None:
    x, base = data.draw(profiles(len(method.of)))
    x[0] = base[0]
    parts = method.split(x, base)[0]
    if method.name != "first_available":
        assert (np.isnan(parts) | (np.abs(parts) < 1e-9)).all()


@pytest.mark.slow
@each(Derived)
@settings(max_examples=25, deadline=None)
@given(data=st.data(), share=st.floats(0, 1))
def test_bounds_contain_every_value(method: Derived, data: st.DataObject, share: float) -> None:
    ends = data.draw(profiles(len(method.of)))
    low, high = ends.min(axis=0), ends.max(axis=0)
    least, most = method.bounds(low, high)
    for inside in (low, high, low + share * (high - low)):
        value = method.evaluate(np.clip(inside, low, high))
        known = ~np.isnan(value)
        room = 1e-9 * (1 + np.abs(value[known]))
        assert (value[known] >= least[known] - room).all()
        assert (value[known] <= most[known] + room).all()


@pytest.mark.slow
@each(Derived)
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_evaluate_is_the_same_in_batches_and_changes_nothing(
    method: Derived, data: st.DataObject
) -> None:
    x = frozen(data.draw(profiles(len(method.of)))[0])
    whole = method.evaluate(x)
    assert whole.shape == (5,)
    single = [method.evaluate(x[:, place]) for place in range(5)]
    assert np.array_equal(whole, np.array(single), equal_nan=True)
    batch = np.stack([x, x], axis=1)
    assert np.array_equal(method.evaluate(batch), np.stack([whole] * 2), equal_nan=True)


@each(Derived)
def test_a_missing_part_leaves_the_value_missing(method: Derived) -> None:
    x = np.full((len(method.of), 1), 5.0)
    x[-1] = NAN
    expected = len(method.of) > 1 and method.name == "first_available"
    assert np.isnan(method.evaluate(x)).item() != expected


def test_a_product_of_shares_is_not_above_its_factor() -> None:
    method = Derived.parse({"method": "product", "of": ["adoption", "gap"], "scale": 0.01})
    low, high = method.bounds(np.array([[0.0], [4.1]]), np.array([[100.0], [4.1]]))
    assert (low.item(), high.item()) == pytest.approx((0, 4.1))


def test_a_product_is_split_by_halves_of_the_other_part() -> None:
    method = Derived.parse({"method": "product", "of": ["a", "b"]})
    x, base = np.array([[6.0], [5.0]]), np.array([[2.0], [3.0]])
    # The change of one part times the mean of the other: 4 x 4 and 2 x 4.
    assert method.split(x, base).ravel().tolist() == [16, 8]


@pytest.mark.parametrize(
    ("spec", "parts", "expected"),
    [
        ({"method": "product", "of": ["a", "b"], "scale": 0.01}, [50, 80], 40),
        ({"method": "ratio", "of": ["a", "b"], "scale": 100}, [5, 50], 10),
        ({"method": "per_head", "of": ["a", "b"], "scale": 1e6}, [5, 2.5e6], 2),
        ({"method": "per_head", "of": ["a", "b"]}, [5, -1], NAN),
        ({"method": "share", "of": ["a", "b", "c"]}, [5, 3, 2], 0.5),
        ({"method": "share", "of": ["a", "b"]}, [5, -3], NAN),
        ({"method": "change", "of": ["a", "b"], "years": 5}, [38.92, 13.62], 5.06),
        ({"method": "change", "of": ["a", "b"], "years": 2, "kind": "rate"}, [121, 100], 0.1),
        ({"method": "change", "of": ["a", "b"], "years": 2, "kind": "relative"}, [121, 100], 0.105),
        ({"method": "root", "of": "a", "degree": 3}, [27], 3),
        ({"method": "root", "of": "a"}, [-1], NAN),
        ({"method": "power", "of": "a", "exponent": 0.5}, [-1], NAN),
        ({"method": "logarithm", "of": "a", "offset": 1}, [0], 0),
        ({"method": "threshold", "of": "a", "at": 55, "above": 9, "below": 2}, [55], 9),
        ({"method": "difference", "of": ["a", "b"]}, [1, 3], -2),
        ({"method": "weighted_sum", "of": ["a", "b"], "weights": [0.5, 2]}, [1, 3], 6.5),
    ],
    ids=str,
)
def test_evaluate_by_arithmetic(spec, parts: list[float], expected: float) -> None:
    found = Derived.parse(spec).evaluate(np.array(parts, float)[:, None]).item()
    assert found == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ({"method": "ratio", "of": ["a"]}, "`of` needs 2 columns, received 1"),
        ({"method": "product", "of": "a"}, "`of` needs 2 to 10 columns, received 1"),
        ({"method": "weighted_sum", "of": ["a", "b"], "weights": [1]}, "received 1"),
        ({"method": "sum", "of": ["a", "b"], "weights": [1, 2]}, "belongs to `weighted_sum`"),
        ({"method": "logarithm", "of": "a", "base": 1}, "greater than 1"),
        ({"method": "produkt", "of": ["a", "b"]}, "did you mean `product`"),
    ],
    ids=str,
)
def test_an_operation_that_cannot_be_is_refused(spec, said: str) -> None:
    with pytest.raises(FrameworkError, match=said):
        Derived.parse(spec)


EXTREMES = [0.0, -1.0, 1.0, 1e154, 1e308, -1e308, 5e-324, 1e-300, NAN]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "raw",
    [
        {"method": method, "of": ["a", "b"], **fields}
        for method in ("product", "ratio", "share", "sum", "difference", "minimum", "maximum")
        for fields in ({}, {"scale": 1e308})
    ]
    + [{"method": "weighted_sum", "of": ["a", "b"], "weights": [1e308, -1e308], "scale": 1e308}],
    ids=lambda raw: f"{raw['method']} {raw.get('scale', 1)}",
)
def test_parts_at_the_ends_of_the_range_of_floats_give_no_warning(raw: dict[str, object]) -> None:
    method = Derived.parse(raw)
    parts = np.array(np.meshgrid(EXTREMES, EXTREMES)).reshape(2, -1)
    base = parts[:, ::-1]
    assert not np.isinf(method.evaluate(parts)).any()
    low, high = method.bounds(np.fmin(parts, base), np.fmax(parts, base))
    both = ~np.isnan(low) & ~np.isnan(high)
    assert (low[both] <= high[both]).all()
    assert method.split(parts, base).shape == parts.shape
