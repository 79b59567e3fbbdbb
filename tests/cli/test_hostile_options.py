"""Options and figures out of range: one short message, no array larger than memory, no traceback."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import dsr_risk as dr
from dsr_risk.scoring.saved import _digest
from tests.helpers import run

FRAMEWORK: dict[str, Any] = {
    "name": "mine",
    "scores": [
        {
            "name": "risk",
            "children": [
                {"name": "debt", "higher_is": "riskier"},
                {"name": "gci", "higher_is": "safer"},
            ],
        }
    ],
    "factors": {"*.weights": {"method": "spread", "share": 0.2}},
}
DATA = pd.DataFrame(
    {
        "country": ["PAK", "KEN", "GHA", "TGO"],
        "debt": [0.2, 0.4, 0.7, 0.3],
        "gci": [65.0, 82, 50, 44],
    }
)
HUGE = 10**9, 10**15, 10**400


@pytest.fixture(scope="module")
def scores() -> dr.Scores:
    return dr.score(FRAMEWORK, DATA)


@pytest.mark.parametrize("value", [*HUGE, -1, 0, 1.5, float("nan"), "ten", None, True])
@pytest.mark.parametrize(
    "call",
    [
        lambda scores, value: dr.sensitivity(scores, n=value),
        lambda scores, value: dr.sensitivity(scores, n=8, resamples=value),
        lambda scores, value: dr.uncertainty(scores, draws=value),
        lambda scores, value: dr.robustness(scores).sample(value),
        lambda scores, value: dr.robustness(scores).sampled_scores(value),
        lambda scores, value: dr.fragility(scores, "PAK", top=value),
        lambda scores, value: dr.value_of_information(scores, "PAK", draws=value),
    ],
)  # fmt: skip
def test_counts_out_of_range_are_refused(call: Any, value: Any, scores: dr.Scores) -> None:
    with pytest.raises(dr.DsrRiskError) as caught:
        call(scores, value)
    assert len(str(caught.value)) < 300


@pytest.mark.slow
def test_resamples_that_do_not_fit_in_memory_are_refused() -> None:
    with pytest.raises(dr.DataError, match="GiB of memory"):
        dr.sensitivity(dr.score(), n=8, resamples=100_000)


SPOTS: dict[str, Any] = {
    "scale": lambda tree, value: tree.update(scale=[0, value]),
    "plausible": lambda tree, value: indicator(tree).update(plausible=[0, value]),
    "goalpost": lambda tree, value: indicator(tree).update(
        normalisation={"method": "goalposts", "low": 0, "high": value}
    ),
    "weight": lambda tree, value: indicator(tree).update(weight=value),
    "band": lambda tree, value: tree.update(bands={"low": 0, "high": value}),
    "power": lambda tree, value: tree["scores"][0].update(
        aggregation={"method": "power", "p": value}
    ),
}
FIGURES = [-1e308, 1e308, 1e-320, 10**400, float("inf"), float("nan"), "1e999", True, None, [], {}]


def indicator(tree: dict[str, Any]) -> dict[str, Any]:
    child: dict[str, Any] = tree["scores"][0]["children"][0]
    return child


@pytest.mark.parametrize("spot", SPOTS)
@pytest.mark.parametrize("value", FIGURES, ids=lambda value: str(value)[:8])
@pytest.mark.filterwarnings("error")
def test_a_figure_of_a_framework_has_a_range(spot: str, value: Any) -> None:
    tree = copy.deepcopy(FRAMEWORK)
    SPOTS[spot](tree, value)
    try:
        table = dr.score(tree, DATA).table()
    except dr.DsrRiskError as error:
        assert len(str(error)) < 1000
    else:
        figures = table.select_dtypes("number").to_numpy(dtype=float)
        assert not np.isinf(figures).any()
        assert np.nanmax(np.abs(figures)) < 1e10


def damaged() -> Iterator[tuple[str, dict[str, Any]]]:
    """Return copies of a saved model with one figure damaged."""
    plain = json.loads(dr.fit(FRAMEWORK, DATA).to_json())

    def paths(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
        if path:
            yield path
        keys = (
            node
            if isinstance(node, dict)
            else range(min(len(node), 2))
            if isinstance(node, list)
            else ()
        )
        for key in keys:
            yield from paths(node[key], (*path, key))

    values: tuple[Any, ...] = (
        None,
        float("nan"),
        float("inf"),
        -1e308,
        "x",
        "\ud800",
        [],
        {},
        10**400,
    )
    for path in paths(plain):
        for value in values:
            copied = copy.deepcopy(plain)
            node = copied
            for key in path[:-1]:
                node = node[key]
            if node[path[-1]] != value:
                node[path[-1]] = value
                yield f"{path} {str(value)[:8]!a}", copied


def test_a_model_with_one_figure_damaged_is_refused() -> None:
    accepted = []
    for name, raw in damaged():
        try:
            dr.Model.from_json(json.dumps(raw))
        except dr.DsrRiskError as error:
            assert len(str(error)) < 4000  # noqa: PT017 - one of many
        else:
            accepted.append(name)
    assert not accepted


@pytest.mark.slow
def test_a_model_with_a_damaged_figure_and_a_new_digest_is_refused_or_scores_numbers() -> None:
    for _, raw in damaged():
        plain = {key: value for key, value in raw.items() if key != "sha256"}
        try:
            raw["sha256"] = _digest(plain)
        except ValueError:
            continue
        try:
            table = dr.Model.from_json(json.dumps(raw)).score(DATA).table()
        except dr.DsrRiskError:
            continue
        assert not np.isinf(table.select_dtypes("number").to_numpy(dtype=float)).any()


@pytest.mark.parametrize("name", ["next", "arrays"])
def test_a_damaged_checkpoint_is_refused(name: str, tmp_path: Path, scores: dr.Scores) -> None:
    path = tmp_path / "run.npz"
    dr.uncertainty(scores, draws=2048, checkpoint=path)
    with np.load(path) as saved:
        arrays = {key: saved[key] for key in saved.files}
    if name == "next":
        meta = json.loads(str(arrays["meta"]))
        arrays["meta"] = np.array(json.dumps({**meta, "next": meta["next"] + 1}))
    else:
        arrays["total"] = arrays["total"] + 1
    np.savez_compressed(path, **arrays)
    with pytest.raises(dr.DataError, match="damaged"):
        dr.uncertainty(scores, draws=4096, checkpoint=path)


@pytest.mark.slow
@pytest.mark.parametrize(
    "options",
    [
        ("score", "--workbook", "a\udcffb"),
        ("score", "--score", "x" * 5000),
        ("score", "-f", "x" * 5000),
        ("explain", "x" * 5000),
        ("score", "--format", "x" * 5000),
    ],
)
def test_a_long_option_is_not_quoted_whole(options: tuple[str, ...], tmp_path: Path) -> None:
    done = run(*options, cwd=tmp_path)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert len(done.stderr) < 1500
    assert not list(tmp_path.iterdir())
