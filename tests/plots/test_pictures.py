"""Pictures: labels do not overlap, nothing leaves the figure, what is missing is shown as such."""

from __future__ import annotations

import itertools
import json
import sys

import click
import numpy as np
import pandas as pd
import pytest

import dsr_risk as dr
from tests.folders import ROOT
from tests.helpers import COUNTRIES, frame, framework, group, indicator, run

matplotlib = pytest.importorskip("matplotlib", reason="needs the extra `plots`")
matplotlib.use("agg")
from matplotlib import pyplot as plt  # noqa: E402


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def scores(bundled):
    return bundled


@pytest.fixture(scope="module")
def drawn(scores):
    return dr.uncertainty(
        scores.framework, scores.data, draws=128,
        factors={"*.weights": {"method": "spread", "share": 0.25}},
    )  # fmt: skip


@pytest.fixture(scope="module")
def effects(scores):
    return dr.sensitivity(
        scores.framework, scores.data, n=32,
        factors={f"{name}.weights": {"method": "spread", "share": 0.25} for name in scores.names},
    )  # fmt: skip


def boxes(ax):
    figure = ax.get_figure()
    figure.draw_without_rendering()
    renderer = figure.canvas.get_renderer()
    texts = [*ax.texts, ax.title, ax._left_title, ax.xaxis.label, ax.yaxis.label]
    for axis, (low, high) in ((ax.xaxis, ax.get_xlim()), (ax.yaxis, ax.get_ylim())):
        inside = [
            t for t in axis.get_major_ticks() if min(low, high) <= t.get_loc() <= max(low, high)
        ]
        texts += [tick.label1 for tick in inside if ax.axison]
    if ax.get_legend() is not None:
        texts += ax.get_legend().get_texts()
    texts = [one for one in texts if one.get_visible() and one.get_text().strip()]
    return figure, [(one.get_text(), one.get_window_extent(renderer)) for one in texts]


def overlapping(ax):
    """Pairs of texts whose boxes share more than a pixel each way."""
    _, found = boxes(ax)
    return [
        (a, b)
        for (a, one), (b, other) in itertools.combinations(found, 2)
        if min(one.x1, other.x1) - max(one.x0, other.x0) > 1
        and min(one.y1, other.y1) - max(one.y0, other.y0) > 1
    ]


def outside(ax):
    """Texts that leave the figure by more than a pixel."""
    figure, found = boxes(ax)
    width, height = figure.bbox.width, figure.bbox.height
    return [
        text
        for text, box in found
        if box.x0 < -1 or box.y0 < -1 or box.x1 > width + 1 or box.y1 > height + 1
    ]


SETS = {"lenders": {"debt_exposure": 0.6}, "engineers": {"networks": 0.8}}


def panel():
    """Scores of ten countries in three years."""
    rng = np.random.default_rng(2)
    fw = framework(group("risk", indicator("a", normalisation="minmax"), indicator("b")))
    rows = [(code, year) for code in COUNTRIES for year in (2020, 2021, 2022)]
    index = pd.MultiIndex.from_tuples(rows, names=["iso3", "year"])
    return dr.score(fw, pd.DataFrame(rng.uniform(0, 100, (len(rows), 2)), index, ["a", "b"]))


def pictures(scores, drawn, effects):
    """Every picture by name, as functions of nothing."""
    first = scores.names[0]
    half = scores.framework.replace({f"{first}.weighting": "equal"})
    p = dr.plots
    some = [str(one) for one in scores.table().index[:2]]
    return {
        "ranking": scores.plot,
        "ranking_drawn": lambda: drawn.plot(top=30),
        "quadrant": lambda: p.quadrant(scores),
        "heat_map": lambda: p.heat_map(scores),
        "world_map": lambda: p.world_map(scores),
        "waterfall": lambda: dr.explain(scores, some[0]).plot(),
        "waterfall_pair": lambda: dr.explain(scores, some[0], against=some[1]).plot(top=4),
        "contributions": lambda: p.contributions(scores),
        "framework_tree": lambda: p.framework_tree(scores.framework),
        "acceptability": lambda: p.acceptability(drawn),
        "effects": effects.plot,
        "convergence": lambda: p.convergence(effects),
        "correlation": lambda: dr.audit(scores).plot(),
        "outranking": lambda: dr.outranking(scores).plot(),
        "arrows": lambda: dr.compare(scores, dr.score(half, scores.data)).plot(),
        "robustness": lambda: dr.robustness(scores, spread=0.25).plot(),
        "fragility": lambda: dr.fragility(scores, some[0]).plot(),
        "stakeholders": lambda: dr.stakeholders(scores, dict(SETS)).plot(),
        "trend": lambda: p.trend_lines(panel(), COUNTRIES[:4]),
        "replay": lambda: dr.replay(panel().framework, panel().data).plot(),
        "tornado": lambda: p.tornado(
            pd.DataFrame({"low": [1.0, 2], "high": [5.0, 3], "nominal": [2.5] * 2}, ["a", "b"])
        ),
        "stress": lambda: p.stress_matrix(
            pd.DataFrame(np.array([[1.0, -2], [np.nan, 3]]), ["s1", "s2"], ["KEN", "PER"])
        ),
        "best_case": lambda: p.best_case(dr.best_case(scores)),
        "elasticities": lambda: p.elasticities(dr.elasticities(scores, some[0])),
        "ranks_without": lambda: p.ranks_without(dr.leave_one_out(scores)),
        "weight_swings": lambda: p.weight_swings(dr.weight_swings(scores)),
        "reversals": lambda: p.reversals(dr.reversals(scores)),
        "crosswalk": lambda: p.crosswalk(dr.crosswalk(scores)),
        "trends": lambda: p.trends(dr.trends(panel().framework, panel().data)),
        "correlations": lambda: p.correlation(dr.correlations(scores)),
        "profile": lambda: dr.profile(scores, some).plot(),
        "suppliers": lambda: p.supplier_shares(
            pd.DataFrame({"country": ["KEN"] * 9, "supplier": list("abcdefghi"), "share": [0.1] * 9})
        ),
    }  # fmt: skip


NAMES = [
    "ranking", "ranking_drawn", "quadrant", "heat_map", "world_map", "waterfall", "waterfall_pair",
    "contributions", "framework_tree", "acceptability", "effects", "convergence", "correlation",
    "outranking", "arrows", "robustness", "tornado", "stress", "suppliers", "fragility",
    "stakeholders", "trend", "replay", "best_case", "elasticities", "ranks_without", "correlations",
    "profile", "weight_swings", "reversals", "crosswalk", "trends",
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_labels_do_not_overlap_and_stay_inside_the_figure(name, scores, drawn, effects) -> None:
    before = dict(matplotlib.rcParams)
    ax = pictures(scores, drawn, effects)[name]()
    assert isinstance(ax, matplotlib.axes.Axes)
    assert overlapping(ax) == []
    assert outside(ax) == []
    assert ax.get_title(loc="left")
    assert dict(matplotlib.rcParams) == before


def test_every_function_of_plots_is_drawn_in_these_tests() -> None:
    text = (ROOT / "tests" / "plots" / "test_pictures.py").read_text(encoding="utf-8")
    by_result = {
        "ranking",
        "effects",
        "waterfall",
        "outranking",
        "rank_intervals",
        "rank_changes",
        "weight_arrows",
        "ranks_by_set",
        "hindsight",
        "scenario_arrows",
    }
    called = {one for one in dr.plots.__all__ if f"p.{one}(" in text or f"plots.{one}(" in text}
    stress = {"stress_matrix"} & {one for one in dr.plots.__all__ if f".{one}(" in text}
    assert set(dr.plots.__all__) - called - stress == by_result


def test_ranking_given_axes_draws_in_them(scores) -> None:
    _, (left, right) = plt.subplots(1, 2)
    assert scores.plot(top=5, ax=right) is right
    assert not left.has_data()


def test_ranking_of_a_country_without_score_gives_the_reason(scores) -> None:
    name = scores.names[0]
    reasons = scores.reason[name]
    code = reasons[reasons != ""].index[0]
    scored = scores.values[name].dropna().index[0]
    ax = scores.plot(countries=[code, scored])
    assert any(reasons[code] in one.get_text() for one in ax.texts)


def test_ranking_bad_arguments_name_the_argument(scores) -> None:
    with pytest.raises(dr.DataError, match="`top` must be a whole number from 1, received 0"):
        scores.plot(top=0)
    with pytest.raises(dr.DataError, match="`ax` must be a matplotlib Axes"):
        scores.plot(top=3, ax="axes")
    with pytest.raises(dr.UnknownNameError):
        scores.plot(score="no such score")
    with pytest.raises(dr.UnknownNameError, match="Atlantis"):
        scores.plot(countries=["Atlantis"])


def test_bands_get_darker_with_risk(scores) -> None:
    from dsr_risk.plots._canvas import band_colours

    colours = list(band_colours(scores.framework).values())
    light = [0.2126 * c[0] + 0.7152 * c[1] + 0.0722 * c[2] for c in colours]
    assert light == sorted(light, reverse=True)
    assert min(-np.diff(light)) > 0.08


def test_quadrant_writes_the_names_of_the_outermost_countries(scores) -> None:
    ax = dr.plots.quadrant(scores)
    assert len(ax.texts) > 50


def test_trend_lines_leave_gaps_and_name_lines() -> None:
    fw = framework(group("risk", indicator("a"), indicator("b")))
    table = frame({"a": [10, 20], "b": [30, 40]})
    panel = pd.concat({2020: table, 2021: table + 5}, names=["year"]).swaplevel().sort_index()
    scores = dr.score(fw, panel)
    ax = dr.plots.trend_lines(scores, ["Pakistan", "KEN"])
    assert [one.get_text() for one in ax.get_legend().get_texts()] == ["Pakistan", "Kenya"]
    assert ax.lines[0].get_ydata().tolist() == [20.0, 25.0]
    with pytest.raises(dr.DataError, match="panel"):
        dr.plots.trend_lines(dr.score(fw, table), ["KEN"])


@pytest.mark.slow
def test_value_of_information_draws_its_cells(scores) -> None:
    country = str(scores.table().index[0])
    found = dr.value_of_information(scores.framework, scores.data, country, draws=64)
    ax = dr.plots.information(found)
    assert len(ax.patches) > 2
    assert overlapping(ax) == []


def test_world_shapes_are_countries_and_small() -> None:
    from dsr_risk.data.countries import country_table

    path = ROOT / "src" / "dsr_risk" / "plots" / "world.json"
    world = json.loads(path.read_text(encoding="utf-8"))
    codes = {*world["shapes"], *world["dots"]} - {""}
    assert codes <= set(country_table().index)
    assert len(codes) > 225
    assert path.stat().st_size < 150_000


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_missing_matplotlib_names_the_extra(name, scores, drawn, effects, monkeypatch) -> None:
    for module in [one for one in sys.modules if one.partition(".")[0] == "matplotlib"]:
        monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(dr.MissingExtraError, match=r'pip install "dsr-risk\[plots\]"'):
        pictures(scores, drawn, effects)[name]()


@pytest.mark.slow
@pytest.mark.parametrize("suffix", ["svg", "png", "pdf"])
def test_plot_option_writes_the_picture(suffix, tmp_path) -> None:
    target = tmp_path / f"p.{suffix}"
    done = run("explain", "Pakistan", "--plot", target)
    assert done.returncode == 0, done.stderr
    headline = {"svg": b"<?xml", "png": b"\x89PNG", "pdf": b"%PDF"}[suffix]
    assert target.read_bytes().startswith(headline)


@pytest.mark.slow
def test_plot_option_refuses_other_formats_before_any_work(tmp_path) -> None:
    done = run("score", "--plot", tmp_path / "p.bmp")
    assert done.returncode == 2
    assert "expected one of .svg, .png, .pdf" in done.stderr


def test_every_public_result_has_its_natural_picture() -> None:
    results = {
        name: value
        for name in dr.__all__
        if isinstance(value := getattr(dr, name), type) and hasattr(value, "table")
    }
    assert len(results) > 14
    assert {name for name, value in results.items() if not hasattr(value, "plot")} == set()


def test_every_command_whose_result_has_a_picture_takes_plot() -> None:
    from dsr_risk.cli.main import main

    commands = {
        name
        for name in main.list_commands(click.Context(main))
        if any("--plot" in one.opts for one in main.get_command(click.Context(main), name).params)
    }
    assert commands >= {
        "audit", "best-case", "compare", "correlations", "elasticities", "explain", "fragility",
        "leave-one-out", "outranking", "pathway", "profile", "publish", "replay", "reversal", "robustness",
        "scenario", "score", "sensitivity", "stakeholders", "tornado", "uncertainty",
        "value-of-information",
    }  # fmt: skip


@pytest.mark.slow
def test_ranking_of_200_countries_is_readable(scores) -> None:
    ax = scores.plot(top=200)
    labels = [one.get_text() for one in ax.get_yticklabels()]
    assert len(labels) > 150
    assert overlapping(ax) == []
    assert outside(ax) == []


def test_world_map_of_a_selection_does_not_call_the_others_unscored(scores) -> None:
    ax = dr.plots.world_map(scores.select(region="Africa"))
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels[-2:] == ["no score", "not in the selection"]
    outside, hatched = ax.collections[-1], ax.collections[-2]
    assert outside.get_hatch() is None
    assert 0 < len(hatched.get_paths()) < len(outside.get_paths())
    every = dr.plots.world_map(scores).get_legend().get_texts()
    assert every[-1].get_text() == "no score"


def test_world_map_hatches_countries_without_score_and_dots_small_states(scores) -> None:
    ax = dr.plots.world_map(scores)
    drawn = [*ax.patches, *ax.collections]
    assert any(one.get_hatch() for one in drawn)
    offsets = sum(len(one.get_offsets()) for one in ax.collections if hasattr(one, "get_offsets"))
    markers = sum(line.get_marker() not in ("None", None, "") for line in ax.lines)
    assert offsets + markers > 10


@pytest.mark.slow
@pytest.mark.parametrize(
    "command",
    [
        ("fragility", "Kenya"),
        ("audit",),
        ("reversal", "Pakistan", "Kenya"),
        ("tornado", "Kenya"),
        ("correlations",),
        ("elasticities", "Kenya"),
        ("best-case",),
        ("leave-one-out",),
        ("weight-swings",),
        ("reversals",),
        ("crosswalk",),
        ("value-of-information", "Kenya", "--draws", "64"),
    ],  # fmt: skip
)
def test_plot_option_of_other_commands_writes_the_picture(command, tmp_path) -> None:
    done = run(*command, "--plot", tmp_path / "p.svg")
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "p.svg").read_text(encoding="utf-8")
    assert text.startswith("<?xml")
    assert "Source: bundled snapshot" in text


@pytest.mark.parametrize(
    "verb", ["best_case", "elasticities", "ranks_without", "weight_swings", "trends", "crosswalk"]
)
def test_pictures_of_tables_refuse_another_table(verb) -> None:
    with pytest.raises(dr.DataError, match="the table has no column .*; expected one of `dr"):
        getattr(dr.plots, verb)(pd.DataFrame({"country": ["Kenya"]}))


def test_reversals_draws_the_pairs_with_the_smallest_change() -> None:
    with pytest.raises(dr.DataError, match="the table is not square"):
        dr.plots.reversals(pd.DataFrame({"a": [1.0, 0.5]}, ["a", "b"]))
    codes = ["KEN", "PAK", "GHA"]
    sizes = np.array([[np.nan, 0.3, 0.1], [0.3, np.nan, np.nan], [0.1, np.nan, np.nan]])
    ax = dr.plots.reversals(pd.DataFrame(sizes, codes, codes))
    assert [one.get_text() for one in ax.get_yticklabels()] == ["Kenya – Ghana", "Kenya – Pakistan"]
    assert [bar.get_width() for bar in ax.patches] == [0.1, 0.3]


def test_trends_puts_the_clearest_first_and_pales_what_is_no_trend() -> None:
    from dsr_risk.plots._canvas import BLUE, ORANGE

    index = pd.MultiIndex.from_tuples([("KEN", "a"), ("KEN", "b"), ("PAK", "a")])
    table = pd.DataFrame(
        {
            "slope": [1.0, -4.0, np.nan],
            "std_error": [1.0, 1.0, 1.0],
            "trend": ["none", "falling", "none"],
        },
        index,
    )
    ax = dr.plots.trends(table)
    assert [one.get_text() for one in ax.get_yticklabels()] == ["Kenya: b", "Kenya: a"]
    assert [bar.get_width() for bar in ax.patches] == [-4.0, 1.0]
    assert ax.patches[0].get_facecolor()[:3] == matplotlib.colors.to_rgb(BLUE)
    assert ax.patches[1].get_facecolor()[:3] != matplotlib.colors.to_rgb(ORANGE)


def test_crosswalk_and_swings_refuse_a_score_that_is_not_there(scores) -> None:
    with pytest.raises(dr.DataError, match="the table has no score `x`; it has "):
        dr.plots.crosswalk(dr.crosswalk(scores), score="x")
    with pytest.raises(dr.DataError, match="the table has no score `x`; it has "):
        dr.plots.weight_swings(dr.weight_swings(scores), score="x")


@pytest.mark.slow
def test_crosswalk_counts_every_country_once(scores) -> None:
    table = dr.crosswalk(scores)
    ax = dr.plots.crosswalk(table)
    assert sum(bar.get_width() for bar in ax.patches) == len(scores.data)


@pytest.mark.slow
def test_records_draw_the_shares_of_suppliers_and_refuse_other_pictures(tmp_path) -> None:
    file = tmp_path / "contracts.csv"
    file.write_text(
        "iso3,vendor,vendor_iso3\nKEN,Huawei,CHN\nKEN,Nokia,FIN\nPAK,ZTE,CHN\n", "utf-8"
    )
    done = run("records", "supplier_shares", file, "--plot", tmp_path / "p.svg")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "p.svg").read_text(encoding="utf-8").startswith("<?xml")
    done = run("records", "laws", "--plot", tmp_path / "q.svg")
    assert done.returncode == 2
    assert "laws has no picture; --plot is for supplier_shares" in done.stderr
    assert not (tmp_path / "q.svg").exists()


def test_correlation_refuses_a_table_that_is_not_square() -> None:
    with pytest.raises(dr.DataError, match="the table is not square"):
        dr.plots.correlation(pd.DataFrame({"a": [1.0, 0.5]}, ["a", "b"]))


@pytest.mark.slow
def test_ranks_by_set_ranks_a_partial_basis_apart(scores) -> None:
    ax = dr.stakeholders(scores, dict(SETS)).plot(top=200)
    stars = [one.get_text().endswith("★") for one in ax.get_yticklabels()]
    assert any(stars)
    assert stars == sorted(stars)


def test_changes_that_round_to_zero_have_no_sign() -> None:
    from dsr_risk._util.display import number as shown, signed
    from dsr_risk.plots._canvas import number

    assert [signed(-0.04), signed(-0.06), signed(0.0)] == ["0.0", "-0.1", "0.0"]
    assert [number(-0.0, 1), number(-0.004, 2)] == ["0.0", "0.00"]
    assert [shown(-1e-17), shown(-1e-4), shown(1e-12)] == ["0", "-0.000100", "0"]


@pytest.mark.slow
def test_labels_of_the_quadrant_touch_no_point(scores) -> None:
    ax = dr.plots.quadrant(scores)
    figure = ax.get_figure()
    figure.draw_without_rendering()
    labels = [one for one in ax.texts if one.get_text() in set(scores.data.unit_names)]
    assert len(labels) > 60
    radius = (3.6 / 2 * 2**0.5 + 0.3) * figure.dpi / 72  # a diamond of 3.6 points and half its edge
    lines = [line for line in ax.lines if len(line.get_xdata()) > 2]
    points = np.vstack([ax.transData.transform(line.get_xydata()) for line in lines])
    assert len(points) > 150
    for label in labels:
        box = label.get_window_extent()
        inside = (np.abs(points[:, 0] - (box.x0 + box.x1) / 2) < box.width / 2 + radius) & (
            np.abs(points[:, 1] - (box.y0 + box.y1) / 2) < box.height / 2 + radius
        )
        assert not inside.any(), label.get_text()


@pytest.mark.parametrize("name", ["ranking", "quadrant", "heat_map", "contributions"])
def test_a_picture_of_unscored_countries_only_says_why(name, scores) -> None:
    left = scores.select(countries=["TWN", "CHN"])
    why = r"no country with a dependency (and a security )?score .*China: focal; Taiwan: coverage"
    with pytest.raises(dr.DataError, match=why):
        getattr(dr.plots, name)(left)
    if name != "quadrant":
        with pytest.raises(dr.DataError, match=r"is left to draw \(China: focal\)"):
            getattr(dr.plots, name)(scores, countries=["CHN"])


@pytest.mark.slow
def test_draws_of_unscored_countries_only_say_why(scores) -> None:
    left = scores.select(countries=["TWN", "CHN"])
    drawn = dr.uncertainty(
        left, draws=16, factors={"*.weights": {"method": "spread", "share": 0.2}}
    )
    for draw in (drawn.plot, lambda: dr.plots.acceptability(drawn)):
        with pytest.raises(dr.DataError, match="China: focal; Taiwan: coverage"):
            draw()


def test_pictures_of_tables_without_a_value_point_to_the_reasons(scores) -> None:
    left = scores.select(countries=["TWN", "CHN"])
    for draw in (
        lambda: dr.plots.best_case(dr.best_case(left)),
        lambda: dr.plots.weight_swings(dr.weight_swings(left)),
        lambda: dr.plots.reversals(dr.reversals(left)),
    ):
        with pytest.raises(dr.DataError, match=r"at least one row.*`scores\.reason`"):
            draw()
