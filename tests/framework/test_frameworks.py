"""The bundled frameworks say what the tables say; a framework is data that can be kept and changed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

import dsr_risk as dr
from dsr_risk.framework.files import framework_schema
from tests.helpers import framework, group, indicator

SHIPPED = {
    # indicator: effective weight, higher is, low, high, of the table in the design of `dsr`
    "network_operator_hhi": (0.12, "riskier", 0.05, 0.80),
    "focal_digital_projects": (0.11, "riskier", 0, 60),
    "focal_digital_finance_gdp": (0.11, "riskier", 0, 2),
    "surveillance_focal_supplier_share": (0.06, "riskier", 0, 1),
    "focal_share_machinery_electronics": (0.12, "riskier", 0, 0.80),
    "imports_focal_share": (0.04, "riskier", 0, 40),
    "import_partner_hhi": (0.04, "riskier", 0.04, 0.50),
    "focal_share_debt_service": (0.0875, "riskier", 0, 0.5),
    "focal_commitments_gdp": (0.0875, "riskier", 0, 50),
    "external_debt_gni": (0.0375, "riskier", 0, 120),
    "debt_service_exports": (0.0375, "riskier", 0, 45),
    "egdi_osi": (0.075, "safer", 0.10, 0.95),
    "egdi_tii": (0.075, "safer", 0.10, 1),
    "incident_rate": (0.20, "riskier", 0, 1.4),
    "adoption_x_safeguards_gap": (0.14, "riskier", 0, 75),
    "safeguards_gap": (0.16, "riskier", 0, 100),
    "data_protection_level": (0.10, "safer", 0, 5),
    "network_operator_top_share": (0.10, "riskier", 0.15, 0.95),
    "gci_2024": (0.135, "safer", 0, 100),
    "ncsi_2026": (0.105, "safer", 0, 100),
    "cybercrime_law": (0.06, "safer", 0, 1),
}
FULL = {
    # code: name, effective weight, higher is, low, high, of DOMAIN.md table (c), with fixed ends for s01
    # and s11 as in `dsr`
    "d01": ("ran_supplier_hhi", 0.0880, "riskier", 0.20, 1.0),
    "d02": ("ran_focal_share", 0.0880, "riskier", 0, 1),
    "d03": ("cable_supplier_hhi", 0.0440, "riskier", 0.10, 1.0),
    "d04": ("ict_import_hhi", 0.0630, "riskier", 0.10, 0.80),
    "d05": ("cloud_focal_share", 0.0810, "riskier", 0, 0.60),
    "d06": ("satnav_dependence", 0.0360, "riskier", 0, 3),
    "d07": ("debt_to_focal_gni", 0.0945, "riskier", 0, 25),
    "d08": ("focal_share_external_debt", 0.0630, "riskier", 0, 0.50),
    "d09": ("debt_service_exports", 0.0525, "riskier", 0, 21),
    "d10": ("focal_digital_finance_gdp", 0.0450, "riskier", 0, 3),
    "d11": ("focal_equity_digital_firms", 0.0450, "riskier", 0, 0.50),
    "d12": ("formal_alignment", 0.0750, "riskier", 0, 1),
    "d13": ("focal_standards_uptake", 0.0750, "riskier", 0, 0.50),
    "d14": ("qualified_supplier_scarcity", 0.0900, "riskier", 0.20, 1.0),
    "d15": ("digital_capacity", 0.0600, "safer", 20, 85),
    "s01": ("incident_rate", 0.0990, "riskier", 0, 1.4),
    "s02": ("state_data_foreign_centre", 0.0810, "riskier", 0, 2),
    "s03": ("supplier_legal_exposure", 0.0600, "riskier", 0, 1),
    "s04": ("data_protection_gap", 0.0600, "riskier", 0, 1),
    "s05": ("high_risk_vendor_critical", 0.0975, "riskier", 0, 1),
    "s06": ("vendor_restriction_policy", 0.0650, "safer", 0, 3),
    "s07": ("largest_cable_share", 0.0350, "riskier", 0.2, 1.0),
    "s08": ("supply_cut_exposure", 0.0525, "riskier", 0, 1),
    "s09": ("surveillance_adoption", 0.0975, "riskier", 0, 1),
    "s10": ("surveillance_supplier_hhi", 0.0525, "riskier", 0, 1),
    "s11": ("adoption_x_safeguards_gap", 0.1000, "riskier", 0, 75),
    "s12": ("gci_2024", 0.1000, "safer", 0, 100),
    "s13": ("ncsi_2026", 0.1000, "safer", 0, 100),
}
BUNDLED = ("dsr", "dsr-full")


def test_the_default_framework_has_the_weights_goalposts_and_directions_of_its_table() -> None:
    fw = dr.load_framework()
    assert [node.name for node in fw.indicators] == list(SHIPPED)
    for node in fw.indicators:
        effective, direction, low, high = SHIPPED[node.name]
        assert fw.effective_weights[node.name] == pytest.approx(effective, abs=1e-12), node.name
        assert node.higher_is == direction, node.name
        posts = node.normalisation.model_dump()
        assert posts["low"] == low, node.name
        assert posts["high"] == high, node.name
    logs = {n.name for n in fw.indicators if n.normalisation.model_dump()["curve"] == "log1p"}
    assert logs == {"focal_digital_projects", "focal_digital_finance_gdp", "incident_rate"}


def test_the_full_framework_has_every_indicator_of_the_domain_table(
    full: dr.Framework,
) -> None:
    assert {node.code: node.name for node in full.indicators} == {
        code: row[0] for code, row in FULL.items()
    }
    for node in full.indicators:
        _, effective, direction, low, high = FULL[node.code]
        assert full.effective_weights[node.name] == pytest.approx(effective, abs=1e-12), node.code
        assert node.higher_is == direction, node.code
        posts = node.normalisation.model_dump()
        assert (posts["low"], posts["high"]) == (low, high), node.code
    assert full["incident_rate"].normalisation.model_dump()["curve"] == "log1p"


def test_micro_example_27_effective_weights_of_both_tables_sum_to_one(
    fw: dr.Framework, full: dr.Framework
) -> None:
    assert full.effective_weights["debt_to_focal_gni"] == pytest.approx(0.30 * 0.70 * 0.45)
    assert full.effective_weights["high_risk_vendor_critical"] == pytest.approx(0.25 * 0.65 * 0.60)
    for one in (fw, full, dr.load_framework()):
        for headline in one.scores:
            inside = [n.name for n in one.indicators if one.score_of(n.name) == headline.name]
            total = sum(one.effective_weights[name] for name in inside)
            assert total == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("name", BUNDLED)
def test_siblings_sum_to_one_as_written_and_shares_are_those_of_the_design(name: str) -> None:
    fw = dr.load_framework(name)
    assert all(total == pytest.approx(1, abs=1e-12) for total in fw.weight_totals.values())
    assert {headline.name: headline.min_coverage for headline in fw.scores} == {
        "dependency": 0.6,
        # Above the .70 that a country without any evidence on surveillance can have.
        "security": 0.72 if name == "dsr" else 0.6,
    }
    assert fw.defaults.min_coverage == 0.5
    assert fw.grades == {"A": 0.85, "B": 0.70, "C": 0.60}
    assert fw.bands == {"low": 0, "guarded": 20, "elevated": 40, "high": 60, "severe": 80}
    assert fw.focal == "CHN"


@pytest.mark.parametrize("name", BUNDLED)
def test_every_node_of_a_bundled_framework_says_what_it_is_and_why(name: str) -> None:
    fw = dr.load_framework(name)
    for node in (*fw.nodes, *fw.context):
        for field in ("label", "unit", "source", "rationale"):
            assert getattr(node, field), (node.name, field)
    for leaf_ in fw.indicators:
        assert leaf_.plausible is not None or leaf_.ordinal is not None, leaf_.name


@pytest.mark.parametrize("name", BUNDLED)
def test_every_claim_of_the_domain_is_represented_and_says_how(name: str) -> None:
    fw = dr.load_framework(name)
    assert len(fw.mechanisms) == 31
    for one in fw.mechanisms:
        assert one.rationale, one.name
        assert one.nodes or "indicator" not in one.role, one.name
        assert one.levers or "lever" not in one.role, one.name
    assert len({one.name for one in fw.mechanisms}) == 31


@pytest.mark.slow
@pytest.mark.parametrize("name", BUNDLED)
def test_every_preset_gives_a_framework_that_keeps_its_rules(name: str) -> None:
    fw = dr.load_framework(name)
    assert {"equal", "data_quality", "focal_neutral"} <= set(fw.presets)
    for preset in fw.presets:
        changed = dr.load_framework(name, preset=preset)
        assert changed.fingerprint != fw.fingerprint, preset
        for headline in changed.scores:
            inside = [
                n.name for n in changed.indicators if changed.score_of(n.name) == headline.name
            ]
            total = sum(changed.effective_weights[one] for one in inside)
            assert total == pytest.approx(1, abs=1e-12), preset


@pytest.mark.parametrize("name", BUNDLED)
def test_the_focal_neutral_preset_leaves_nothing_that_depends_on_a_focal_origin(name: str) -> None:
    neutral = dr.load_framework(name, preset="focal_neutral")
    assert neutral.focal is None
    assert not [node.name for node in neutral.indicators if node.focal]


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".yaml", ".yml", ".json", ".toml"])
@pytest.mark.parametrize("name", BUNDLED)
def test_a_framework_saved_and_loaded_is_equal(name: str, suffix: str, tmp_path: Path) -> None:
    fw = dr.load_framework(name)
    if suffix == ".toml":
        pytest.importorskip("tomli_w")
    path = fw.save(tmp_path / f"copy{suffix}")
    again = dr.load_framework(path)
    assert again == fw
    assert again.fingerprint == fw.fingerprint
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


def test_a_framework_with_an_empty_value_is_refused_by_toml_and_leaves_no_file(
    fw: dr.Framework, tmp_path: Path
) -> None:
    pytest.importorskip("tomli_w")
    whole = {"name": "gci", "higher_is": "safer", "normalisation": None}
    fw = fw.replace({"presets": {"other": {"gci": whole}}})
    with pytest.raises(dr.FrameworkError, match=r"\.yaml or \.json"):
        fw.save(tmp_path / "copy.toml")
    assert not list(tmp_path.iterdir())


def test_the_fingerprint_depends_on_content_and_not_on_how_it_is_written(tmp_path: Path) -> None:
    one = framework(group("risk", indicator("a", 1), indicator("b", 2)))
    two = framework(
        {"children": [indicator("a"), indicator("b", 2.0, label="")], "name": "risk"},
        scale=[0, 100],
    )
    assert one.fingerprint == two.fingerprint
    assert one.replace({"b.weight": 2.5}).fingerprint != one.fingerprint
    assert one.replace({"b.rationale": "because"}).fingerprint != one.fingerprint


@pytest.mark.slow
@pytest.mark.parametrize("name", BUNDLED)
def test_the_json_schema_accepts_the_bundled_files_and_refuses_a_misspelt_key(name: str) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    from dsr_risk.framework.files import config_folder

    schema = framework_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    check = jsonschema.Draft202012Validator(schema)
    written = yaml.safe_load((config_folder() / f"{name}.yaml").read_text(encoding="utf-8"))
    assert [error.message for error in check.iter_errors(written)] == []
    wrong = json.loads(json.dumps(written))
    wrong["scores"][0]["children"][0]["wieght"] = 1
    assert not check.is_valid(wrong)
    wrong = json.loads(json.dumps(written))
    wrong["defaults"]["aggregation"] = "geometrc"
    assert not check.is_valid(wrong)


def test_replace_changes_what_is_named_and_leaves_the_original_alone(fw: dr.Framework) -> None:
    before = fw.to_json()
    changed = fw.replace(
        {
            "gci.weight": 0.5,
            "security.aggregation": {"method": "power", "p": 2},
            "focal": "USA",
            "defaults.min_coverage": 0.25,
            "bands.high": 65,
            "imports_focal_share.normalisation.high": 50,
        }
    )
    assert changed["gci"].weight == 0.5
    assert changed["security"].aggregation.spec() == {"method": "power", "p": 2.0}
    assert changed.focal == "USA"
    assert changed.defaults.min_coverage == 0.25
    assert changed.bands["high"] == 65
    assert changed["imports_focal_share"].normalisation.model_dump()["high"] == 50
    assert changed["imports_focal_share"].normalisation.model_dump()["low"] == 0
    assert fw.to_json() == before


def test_replace_drops_a_node_or_puts_a_whole_one_in_its_place(fw: dr.Framework) -> None:
    smaller = fw.replace({"technology_supply": None})
    assert "technology_supply" not in [node.name for node in smaller.nodes]
    assert len(smaller.indicators) == len(fw.indicators) - 3
    assert "imports_focal_share" not in [node.name for node in smaller.indicators]
    swapped = fw.replace({"gci": indicator("gci_2024", 0.6)})
    assert "gci" not in [node.name for node in swapped.indicators]
    assert swapped.parents["gci_2024"] == "lack_of_cyber_capacity"


@pytest.mark.parametrize(
    ("path", "suggestion"),
    [
        ("gcii.weight", "gci"),
        ("gci.wieght", "weight"),
        ("focla", "focal"),
        ("secuirty.aggregation", "security"),
        ("defaults.agregation", "aggregation"),
        ("lack_of_cybercapacity", "lack_of_cyber_capacity"),
    ],
)
def test_replace_of_a_path_that_leads_nowhere_suggests_the_nearest(
    fw: dr.Framework, path: str, suggestion: str
) -> None:
    with pytest.raises(dr.DsrRiskError) as caught:
        fw.replace({path: 1})
    said = str(caught.value)
    assert path in said
    assert "did you mean" in said
    assert f"`{suggestion}`" in said


def test_replace_takes_lists_of_nodes_and_changes_inside_them(fw: dr.Framework) -> None:
    name = fw.indicators[0].name
    changed = fw.replace({f"{name}.weight": 3, "scores": fw.scores})
    assert changed[name].weight == 3
    assert changed.replace({f"{name}.weight": fw[name].weight}).fingerprint == fw.fingerprint


@pytest.mark.parametrize(
    "nodes", [5, [3], None, "x", [{"name": "a", "children": 4}]], ids=["5", "3", "None", "x", "4"]
)
def test_replace_refuses_what_is_no_list_of_nodes(fw: dr.Framework, nodes: object) -> None:
    for section in ("scores", "context"):
        with pytest.raises(dr.FrameworkError, match=f"`{section}` must be a list of nodes"):
            fw.replace(
                {section: nodes, f"{fw.indicators[0].name}.weight": 2, fw.scores[0].name: None}
            )


def test_replace_says_which_path_leads_into_nodes_that_are_gone(fw: dr.Framework) -> None:
    own = [{"name": "own", "children": [{"name": "new", "higher_is": "riskier"}]}]
    name, group = fw.indicators[0].name, fw.scores[0].name
    with pytest.raises(dr.UnknownNameError) as caught:
        fw.replace({"scores": own, f"{name}.weight": 2, f"{group}.add": own[0]["children"][0]})
    assert f"no node `{name}` among" in str(caught.value)
    assert f"no group `{group}` among" in str(caught.value)


def test_replace_names_every_bad_path_at_once(fw: dr.Framework) -> None:
    with pytest.raises(dr.UnknownNameError) as caught:
        fw.replace({"gcii.weight": 1, "gci.wieght": 1, "ncsi.weight": 0.5})
    assert len(caught.value.problems) == 2


def test_a_framework_written_as_a_dict_is_checked_whole_and_every_breach_is_named() -> None:
    with pytest.raises(dr.FrameworkError) as caught:
        framework(
            group(
                "risk",
                indicator("debt", -1),
                {"name": "gci", "higher_is": "better"},
                indicator("ncsi", colour="red"),
                indicator("hhi", normalisation={"method": "goalposts", "low": 9, "high": 1}),
            )
        )
    said = "\n".join(caught.value.problems)
    assert len(caught.value.problems) == 4
    for name, value in (("debt", "-1"), ("gci", "better"), ("ncsi", "colour"), ("hhi", "9")):
        assert any(name in line and value in line for line in caught.value.problems), said


def test_a_framework_is_frozen(fw: dr.Framework) -> None:
    with pytest.raises(Exception, match="frozen"):
        fw.focal = "USA"  # type: ignore[misc]


def test_an_unknown_framework_name_suggests_the_nearest() -> None:
    with pytest.raises(dr.UnknownNameError, match="did you mean `dsr-full`"):
        dr.load_framework("dsr-ful")
    with pytest.raises(dr.UnknownNameError, match="did you mean `equal`"):
        dr.load_framework("dsr", preset="eqal")


@pytest.mark.parametrize("scale", [[1, 100], [0, 1], [0, 10], [-5, 5]])
def test_bands_left_out_are_five_of_equal_length_on_any_scale(scale: list[float]) -> None:
    children = [{"name": name, "higher_is": "riskier"} for name in ("debt", "loans")]
    risk = {"name": "risk", "children": children}
    mine = dr.Framework(name="mine", scale=scale, scores=[risk])
    lower, upper = scale
    starts = [lower + share * (upper - lower) for share in (0, 0.2, 0.4, 0.6, 0.8)]
    assert list(mine.bands.values()) == pytest.approx(starts)
    assert dr.load_framework(mine.to_dict()) == mine
    assert dr.Framework(name="mine", scores=[risk]).replace({"scale": scale}).bands == mine.bands


def test_a_bundled_framework_is_kept_in_toml(tmp_path: Path) -> None:
    """By a third party's writer, with `none` where TOML has no null."""

    def toml(value: object) -> str:
        if isinstance(value, dict):
            return (
                "{"
                + ", ".join(f"{json.dumps(key)} = {toml(one)}" for key, one in value.items())
                + "}"
            )
        if isinstance(value, list):
            return "[" + ", ".join(map(toml, value)) + "]"
        return '"none"' if value is None else json.dumps(value)

    for name in ("dsr", "dsr-full"):
        shipped = dr.load_framework(name)
        path = tmp_path / f"{name}.toml"
        path.write_text(
            "\n".join(f"{key} = {toml(value)}" for key, value in shipped.to_dict().items())
        )
        back = dr.load_framework(path)
        assert back == shipped
        assert back.fingerprint == shipped.fingerprint


def test_none_in_a_preset_stays_a_text_where_a_text_or_a_method_is_meant() -> None:
    changes = {"title": "none", "defaults.treatment": "none", "focal": "None", "b": "none"}
    fw = framework(group("risk", indicator("a"), indicator("b")), presets={"other": changes})
    assert fw.presets["other"] == {**changes, "focal": None, "b": None}
    assert fw.preset("other").title == "none"
    assert "b" not in fw.preset("other").effective_weights


def test_groups_and_indicators_are_shown_as_a_table_and_in_one_line(fw: dr.Framework) -> None:
    for node in (fw["security"], fw["gci"]):
        assert "\n" not in repr(node)
        assert len(repr(node)) < 120
        assert node._repr_html_().count("<tr>") == 1 + sum(
            1 for _ in getattr(node, "walk", lambda: "1")()
        )
        assert "gci" in node._repr_markdown_()


def test_weights_too_large_to_add_up_are_refused() -> None:
    with pytest.raises(dr.FrameworkError, match="`a`: `weight`.*1e\\+?308"):
        framework(group("risk", indicator("a", 1e308), indicator("b", 1e308)))


def test_pieces_nested_without_end_are_one_error() -> None:
    deep: dict[str, object] = {"name": "z", "higher_is": "riskier"}
    listed: object = 5
    for number in range(2000):
        deep, listed = {"name": f"g{number}", "children": [deep]}, [listed]
    with pytest.raises(dr.FrameworkError, match="group `g1999`: 1 problem"):
        dr.Group(**deep)
    with pytest.raises(dr.FrameworkError, match="nested too deeply to show"):
        dr.load_framework({"name": "m", "scores": listed})


@pytest.mark.parametrize("suffix", [".yaml", ".json"])
def test_a_framework_of_fifty_levels_is_saved_and_loaded(suffix: str, tmp_path: Path) -> None:
    node = indicator("a")
    for depth in range(50):
        node = group(f"g{depth}", node)
    deep = framework(node)
    assert dr.load_framework(deep.save(tmp_path / f"deep{suffix}")) == deep
