"""Frameworks as objects: nodes added and dropped, texts and files read back equal, old names."""

import jsonschema
import pytest

import dsr_risk as dr
from dsr_risk import Framework
from dsr_risk.framework.files import framework_schema
from tests.first_edition import first_data, first_framework
from tests.helpers import frame, framework, group, indicator


@pytest.fixture(scope="module")
def schema():
    return jsonschema.Draft202012Validator(framework_schema())


def test_add_puts_a_node_last_below_its_parent():
    node = {"name": "own_core", "higher_is": "riskier", "weight": 0.2}
    fw = first_framework().add("technology_supply", node)
    assert fw["technology_supply"].children[-1] == dr.Indicator(**node)
    assert fw.drop("own_core").scores == first_framework().scores


def test_add_of_an_indicator_takes_it_from_context():
    base = first_framework()
    column = base.context[0]
    fw = base.add("finance", column)
    assert fw.parents[column.name] == "finance"
    assert column.name not in [node.name for node in fw.context]


@pytest.mark.parametrize(
    ("parent", "node", "error", "said"),
    [
        ("financ", {"name": "x", "higher_is": "riskier"}, dr.UnknownNameError, "did you mean `finance`"),
        ("gci", {"name": "x", "higher_is": "riskier"}, dr.UnknownNameError, "not a group"),
        ("finance", {"name": "gci", "higher_is": "safer"}, dr.FrameworkError, "scored already"),
        ("finance", "x", dr.FrameworkError, "expected a node to add"),
        ("finance", {"name": "x"}, dr.FrameworkError, "`higher_is` is missing"),
    ],
)  # fmt: skip
def test_add_refuses_what_it_cannot_add(parent, node, error, said):
    with pytest.raises(error, match=said):
        first_framework().add(parent, node)


def test_drop_of_an_unknown_node_suggests_a_name():
    with pytest.raises(dr.UnknownNameError, match="did you mean `gci`"):
        first_framework().drop("gcy")


@pytest.mark.slow
def test_texts_and_files_read_back_equal(tmp_path):
    fw = dr.load_framework("dsr-full")
    assert dr.Framework.from_json(fw.to_json()) == fw
    assert dr.Framework.from_yaml(fw.to_yaml()) == fw
    assert dr.Framework.load(fw.save(tmp_path / "fw.yaml")) == fw


def test_from_json_of_a_path_names_load(tmp_path):
    with pytest.raises(dr.FrameworkError, match=r"Framework\.load\(path\)"):
        dr.Framework.from_json(tmp_path / "fw.json")
    with pytest.raises(dr.FrameworkError, match=r"Model\.load\(path\)"):
        dr.Model.from_json(str(tmp_path / "model.json"))


@pytest.mark.slow
def test_a_model_reads_back_from_text_and_file(tmp_path):
    model = dr.fit()
    assert dr.Model.from_json(model.to_json()).to_json() == model.to_json()
    assert dr.Model.load(model.save(tmp_path / "m.json")).to_json() == model.to_json()
    with pytest.raises(dr.FrameworkError, match=r"expected a \.json file"):
        model.save(tmp_path / "m.yaml")


def test_an_old_name_gives_the_new_one():
    with pytest.raises(AttributeError, match=r"Framework\.save\(path\)"):
        dr.save_framework  # noqa: B018


def test_swapped_arguments_are_named():
    with pytest.raises(dr.DsrRiskError, match=r"order is \(framework, data\)"):
        dr.score(first_data(), first_framework())
    with pytest.raises(dr.DsrRiskError, match=r"order is \(framework, data\)"):
        dr.score(None, first_framework())


def test_a_path_that_ends_in_add_puts_a_node_below_a_group():
    fw = dr.load_framework()
    node = {"name": "own_index", "higher_is": "riskier", "weight": 0.5}
    group = "lack_of_alternatives"
    added = fw.replace({f"{group}.add": node})
    assert added == fw.add(group, node)
    assert [child.name for child in added[group].children][-1] == "own_index"


@pytest.mark.parametrize(
    ("path", "node", "said"),
    [
        ("egdi_osi.add", {"name": "x", "higher_is": "riskier"}, "only a group takes a node"),
        ("networks.add", "x", "expected a node, as a mapping with `name`, received 'x'"),
        ("networks.add", {"name": "egdi_tii", "higher_is": "safer"}, "is scored already"),
    ],
)
def test_add_by_path_refuses_what_it_cannot_add(path, node, said):
    with pytest.raises(dr.UnknownNameError, match=said):
        dr.load_framework().replace({path: node})


def test_weights_that_overflow_in_a_share_are_refused() -> None:
    for weight in (5e-324, 1e-101, 1e101):
        with pytest.raises(
            dr.FrameworkError, match=r"expected 0, or a number from 1e-100 to 1e\+100"
        ):
            framework(group("risk", indicator("a", weight), indicator("b", weight)))
    small = framework(group("risk", indicator("a", 1e-100), indicator("b", 1e-100)))
    assert dr.score(small, frame({"a": [1, 2, 3], "b": [1, 2, 3]})).values["risk"].notna().all()


def _with_context(*columns, **fields):
    children = [{"name": "debt", "higher_is": "riskier"}, {"name": "gci", "higher_is": "safer"}]
    scores = [{"name": "risk", "children": children}]
    return Framework.from_dict({"name": "own", "context": columns, "scores": scores, **fields})


def test_a_context_column_needs_no_direction(schema):
    framework = _with_context({"name": "gdp"}, {"name": "debt_gdp", "higher_is": "riskier"})
    assert [column.higher_is for column in framework.context] == ["neither", "riskier"]
    assert Framework.from_yaml(framework.to_yaml()) == framework
    schema.validate(
        {"name": "own", "context": [{"name": "gdp"}], "scores": framework.to_dict()["scores"]}
    )


@pytest.mark.parametrize("direction", [{}, {"higher_is": "neither"}], ids=["none", "neither"])
def test_a_scored_indicator_needs_a_direction(direction, schema):
    node = {"name": "gci", **direction}
    raw = {"name": "own", "scores": [{"name": "risk", "children": [node]}]}
    with pytest.raises(dr.FrameworkError, match="`gci`: `higher_is`"):
        Framework.from_dict(raw)
    with pytest.raises(jsonschema.ValidationError):
        schema.validate(raw)


def test_an_estimate_on_the_scale_of_risk_needs_a_direction():
    ratio = {
        "name": "ratio",
        "higher_is": "riskier",
        "derived": {"method": "ratio", "of": ["debt", "gdp"]},
    }
    scores = [{"name": "risk", "children": [{"name": "debt", "higher_is": "riskier"}, ratio]}]
    defaults = {"missing": {"method": "siblings"}}
    with pytest.raises(dr.FrameworkError, match="`gdp`: `higher_is` must be riskier or safer"):
        _with_context({"name": "gdp"}, scores=scores, defaults=defaults)
