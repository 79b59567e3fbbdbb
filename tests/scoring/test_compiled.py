"""A compiled model gives the scores of the model, and exact gradients."""

from __future__ import annotations

import pickle
import subprocess
import sys
from typing import Any

import numpy as np
import pandas as pd
import pytest

import dsr_risk as dr

MEANS: tuple[Any, ...] = (
    "arithmetic",
    "geometric",
    "harmonic",
    {"method": "power", "p": 3},
    {"method": "mirrored", "of": "geometric"},
    "minimum",
    "product",
)


def framework(mean: Any, **fields: Any) -> dr.Framework:
    return dr.load_framework(
        {
            "name": "own",
            "scores": [
                {
                    "name": "risk",
                    "aggregation": mean,
                    "children": [
                        {"name": "debt", "higher_is": "riskier", "weight": 2},
                        {
                            "name": "cover",
                            "children": [
                                {"name": "reserves", "higher_is": "safer"},
                                {
                                    "name": "service",
                                    "higher_is": "riskier",
                                    "denominator": "exports",
                                    "scale_factor": 100,
                                },
                            ],
                        },
                    ],
                },
                {
                    "name": "other",
                    "children": [
                        {"name": "power", "higher_is": "riskier"},
                        {
                            "name": "both",
                            "higher_is": "riskier",
                            "derived": {"method": "product", "of": ["shock", "open"]},
                        },
                    ],
                },
            ],
            "context": [
                {"name": "shock", "higher_is": "riskier"},
                {"name": "open", "higher_is": "riskier"},
            ],
            **fields,
        }
    )


def rows(n: int = 40) -> np.ndarray:
    return np.random.default_rng(5).uniform(20, 80, (n, 7))


def model_of(mean: Any = "arithmetic", **fields: Any) -> dr.Model:
    return dr.fit(framework(mean, **fields), rows())


@pytest.mark.parametrize("mean", MEANS)
def test_compiled_scores_are_those_of_the_model(mean: Any) -> None:
    model, x = model_of(mean), rows()
    compiled = model.compile()
    assert compiled.columns == model.columns
    expected = model.score(x).evaluated[list(compiled.names)].to_numpy()
    np.testing.assert_allclose(compiled(x), expected, rtol=0, atol=1e-9)
    np.testing.assert_array_equal(compiled(x[3]), compiled(x)[3])
    assert compiled(x[3]).shape == (2,)


@pytest.mark.parametrize("mean", MEANS)
def test_compiled_gradient_equals_finite_differences(mean: Any) -> None:
    compiled, x = model_of(mean).compile(), rows(6) * 0.8 + 10
    found = compiled.gradient(x)
    for place in range(x.shape[1]):
        step = np.zeros(x.shape[1])
        step[place] = 1e-4
        quotient = (compiled(x + step) - compiled(x - step)) / 2e-4
        np.testing.assert_allclose(found[:, :, place], quotient, rtol=2e-5, atol=1e-6)
    np.testing.assert_allclose(compiled.gradient(x[2]), found[2], rtol=1e-12)


@pytest.mark.parametrize("mean", ["arithmetic", {"method": "power", "p": 3}])
def test_compiled_gradient_equals_elasticities(mean: Any) -> None:
    fw = {
        "name": "own",
        "scores": [
            {
                "name": "risk",
                "aggregation": mean,
                "children": [
                    {"name": "debt", "higher_is": "riskier"},
                    {"name": "reserves", "higher_is": "safer"},
                ],
            }
        ],
    }
    x = np.random.default_rng(2).uniform(0, 100, (9, 2))
    model = dr.fit(fw, x)
    inside = int(np.argmin(np.abs(x - 50).max(axis=1)))
    table = dr.elasticities(model.score(x), str(inside))
    sides = table.loc[["debt", "reserves"], ["left", "right"]].mean(axis=1)
    found = model.compile().gradient(x[inside])[0]
    np.testing.assert_allclose(found, sides, rtol=1e-4)


def test_compiled_of_the_bundled_model_shares_weights_as_written() -> None:
    fw = dr.load_framework()
    inputs = {indicator.name for indicator in fw.inputs}
    fw = fw.replace({"defaults.missing": "share_weight"}).replace(
        {f"{name}.missing": None for name in inputs if getattr(fw[name], "missing", None)}
    )
    model, data = dr.fit(fw), dr.load_data()
    x = data.values[list(model.columns)].to_numpy()
    scores = model.score(data)
    expected = scores.evaluated[list(scores.names)].to_numpy()
    # Censored cells are estimated by the model, and left out by the compiled one.
    plain = ~scores.imputed.to_numpy().any(axis=1) & ~np.isnan(expected).any(axis=1)
    assert plain.sum() > 150
    found = model.compile(missing="share_weight")(x)
    np.testing.assert_allclose(found[plain], expected[plain], rtol=0, atol=1e-9)


def test_compiled_missing_policies() -> None:
    model, x = model_of(), rows(3)
    x[1, 0] = np.nan
    assert np.isnan(model.compile()(x)[:, 0]).tolist() == [False, True, False]
    assert not np.isnan(model.compile()(x)[:, 1]).any()
    shared = model.compile(missing="share_weight")(x)
    np.testing.assert_allclose(
        shared, model.score(x).evaluated[["risk", "other"]].to_numpy(), atol=1e-9
    )
    gradient = model.compile(missing="share_weight").gradient(x)
    assert gradient[1, 0, 0] == 0
    assert np.isnan(model.compile().gradient(x)[1, 0]).all()
    with pytest.raises(dr.DataError, match="row 1, column `debt`: no value"):
        model.compile(missing="raise")(x)
    with pytest.raises(dr.UnknownNameError, match="unknown `missing` 'drop'"):
        model.compile(missing="drop")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("x", "said"),
    [
        (np.ones((2, 3)), r"must have 7 columns, in this order: debt, .*; received shape \(2, 3\)"),
        (np.ones((1, 2, 7)), r"received shape \(1, 2, 7\)"),
        (np.array(["a"] * 7), "must hold numbers, received dtype"),
        (
            np.array([1.0, np.inf] + [1.0] * 5),
            "row 0, column `reserves`: inf is infinite; give NaN",
        ),
    ],
)
def test_compiled_bad_array(x: np.ndarray, said: str) -> None:
    with pytest.raises(dr.DataError, match=said):
        model_of().compile()(x)


def test_compiled_is_pickled_and_changes_nothing() -> None:
    compiled, x = model_of().compile(), rows(4)
    before = x.copy()
    expected = compiled(x)
    compiled.gradient(x)
    np.testing.assert_array_equal(x, before)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(compiled))(x), expected)


@pytest.mark.slow
def test_compiled_makes_no_frame() -> None:
    code = (
        "import numpy as np, dsr_risk as dr, pandas as pd\n"
        "m = dr.fit({'name': 'o', 'scores': [{'name': 'r', 'children': [{'name': 'a', 'higher_is':"
        " 'riskier'}]}]}, np.array([[1.0], [2.0]]))\n"
        "f = m.compile()\n"
        "def no(*a, **k): raise SystemExit('pandas was used')\n"
        "pd.DataFrame.__init__ = pd.Series.__init__ = no\n"
        "print(f(np.array([[1.5]])).tolist(), f.gradient(np.array([1.5])).round(6).tolist())\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "[[50.0]] [[100.0]]", done.stderr


def test_slopes_are_those_of_the_value_before_it_is_rounded() -> None:
    def fitted(**fields: Any) -> tuple[dr.Model, np.ndarray]:
        low = {"name": "hazard", "children": [{"name": "a", "higher_is": "riskier"},
               {"name": "b", "higher_is": "safer", "weight": 3}], **fields}  # fmt: skip
        fw = {"name": "own", "scores": [{"name": "risk", "children": [
            low, {"name": "c", "higher_is": "riskier"}]}]}  # fmt: skip
        x = np.random.default_rng(4).uniform(0, 100, (12, 3))
        return dr.fit(fw, x), x

    for mean in ("arithmetic", "geometric"):
        (rounded, x), (plain, _) = fitted(rounding=1, aggregation=mean), fitted(aggregation=mean)
        inside = int(np.argmin(np.abs(x - 50).max(axis=1)))
        found = rounded.compile().gradient(x[inside])
        np.testing.assert_allclose(found, plain.compile().gradient(x[inside]), rtol=1e-3)
        tables = [dr.elasticities(m.score(x), str(inside))["by_value"] for m in (rounded, plain)]
        np.testing.assert_allclose(tables[0], tables[1], rtol=1e-3)
        assert (tables[0] > 0).all()


def flat(mean: Any) -> dict[str, Any]:
    return {
        "name": "own",
        "units": "any",
        "defaults": {"normalisation": {"method": "goalposts", "low": 0, "high": 100}},
        "scores": [
            {
                "name": "risk",
                "aggregation": mean,
                "children": [{"name": name, "higher_is": "riskier"} for name in "abc"],
            }
        ],
    }


ZERO = {"method": "geometric", "offset": 0}


@pytest.mark.parametrize(
    ("mean", "x", "left", "right"),
    [
        (ZERO, [-5, 50, 50], [0, 0, 0], [0, 0, 0]),
        (ZERO, [0, 0, 50], [0, 0, 0], [0, 0, 0]),
        (ZERO, [0, 50, 50], [0, 0, 0], [np.nan, 0, 0]),
        ({"method": "mirrored", "of": ZERO}, [100, 50, 50], [np.nan, 0, 0], [0, 0, 0]),
        ({"method": "power", "p": 0.5}, [0, 36, 36], [0, 2 / 9, 2 / 9], [np.nan, 2 / 9, 2 / 9]),
        ({"method": "power", "p": 0.5}, [0, 0, 0], [0, 0, 0], [1 / 9, 1 / 9, 1 / 9]),
        ("product", [0, 50, 50], [0, 0, 0], [0.25, 0, 0]),
        ("product", [100, 50, 50], [0.25, 0.5, 0.5], [0, 0.5, 0.5]),
        ("maximum", [20, 50, 50], [0, 0, 0], [0, 1, 1]),
        ("maximum", [0, 0, 0], [0, 0, 0], [1, 1, 1]),
        ("minimum", [100, 100, 100], [1, 1, 1], [0, 0, 0]),
    ],
)
def test_slopes_at_poles_kinks_and_ends_are_those_of_each_side(
    mean: Any, x: list[float], left: list[float], right: list[float]
) -> None:
    model = dr.fit(flat(mean), rows(8)[:, :3])
    table = dr.elasticities(model.score(np.array([x, [30.0, 40, 60]])), "0").loc[list("abc")]
    np.testing.assert_allclose(table["left"], left, rtol=1e-4, atol=1e-9)
    np.testing.assert_allclose(table["right"], right, rtol=1e-4, atol=1e-9)
    # A unit at a pole leaves the gradients of the other units as they are.
    gradient = model.compile().gradient(np.array([x, [30.0, 40, 60]]))[:, 0]
    np.testing.assert_allclose(gradient[0], (table["left"] + table["right"]) / 2, atol=1e-9)
    alone = model.compile().gradient(np.array([30.0, 40, 60]))[0]
    np.testing.assert_allclose(gradient[1], alone, rtol=1e-12)


def test_a_product_at_a_pole_has_no_slope_by_its_parts() -> None:
    fw = flat(ZERO)
    fw["scores"][0]["children"][0]["derived"] = {
        "method": "product",
        "of": ["u", "v"],
        "scale": 0.02,
    }
    fw["context"] = [{"name": name, "higher_is": "riskier"} for name in "uv"]
    model = dr.fit(fw, rows(8)[:, :4])
    x = dict.fromkeys(model.columns, 50.0) | {"u": 0.0}
    at = np.array([[x[name] for name in model.columns]])
    table = dr.elasticities(model.score(at), "0")
    assert table.loc["v", ["left", "right"]].tolist() == [0, 0]
    assert table.loc["u", "left"] == 0
    assert np.isnan(table.loc["u", "right"])
    found = dict(zip(model.columns, model.compile().gradient(at)[0, 0], strict=True))
    assert np.isnan(found.pop("u"))
    assert set(found.values()) == {0.0}


def test_masked_cells_are_missing_and_an_empty_array_is_refused() -> None:
    model = dr.fit(flat("arithmetic"), rows(8)[:, :3])
    x = np.ma.masked_array([[10.0, 20, 60], [10, 20, 60]], mask=[[0, 0, 1], [0, 0, 0]])
    assert model.score(x).values["risk"].tolist() == [15.0, 30.0]
    assert model.compile(missing="share_weight")(x)[:, 0].tolist() == [15.0, 30.0]
    assert model.score(np.ma.masked_array([[1, 2, 6]], mask=[[0, 0, 1]])).values[
        "risk"
    ].tolist() == [1.5]
    with pytest.raises(dr.DataError, match=r"must have a row or more, received shape \(0, 3\)"):
        model.score(np.empty((0, 3)))
    assert model.compile()(np.empty((0, 3))).shape == (0, 1)


def test_a_compiled_model_prints_its_scores_and_columns() -> None:
    risk = dr.fit(flat("arithmetic"), rows(8)[:, :3]).compile(missing="share_weight")
    assert repr(risk) == "Compiled(risk of 3 columns, missing='share_weight')"


def test_a_frame_in_another_order_is_refused() -> None:
    compiled = dr.fit(flat("arithmetic"), rows(8)[:, :3]).compile()
    frame = pd.DataFrame([[10.0, 20, 60]], columns=list("abc"))
    assert compiled(frame).tolist() == [[30.0]]
    for given in (frame[["b", "a", "c"]], frame.rename(columns={"c": "d"})):
        with pytest.raises(dr.DataError, match=r"must be a, b, c; received .*frame\[list"):
            compiled(given)
        with pytest.raises(dr.DataError, match="must be a, b, c"):
            compiled.gradient(given)
