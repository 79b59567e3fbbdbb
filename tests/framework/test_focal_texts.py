"""Texts of a framework name the state that is studied."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

import dsr_risk as dr
from dsr_risk.framework.focal_texts import focal_forms, with_focal
from dsr_risk.output.focal_names import translated_forms
from dsr_risk.output.wording import LANGUAGES

OWN = {
    "name": "own",
    "title": "Reliance on {focal}",
    "focal": "USA",
    "scores": [
        {
            "name": "risk",
            "label": "{focal_possessive} part",
            "rationale": "From a {focal_adjective} maker, not {other}.",
            "children": [{"name": "debt", "label": "Debt {of}", "higher_is": "riskier"}],
        }
    ],
}


def texts_of(framework: dr.Framework) -> list[str]:
    """Return the title and the labels of what is scored."""
    return [framework.title, *(node.label for node in framework.nodes)]


def test_the_bundled_framework_names_the_state_that_is_studied() -> None:
    bundled = dr.load_framework()
    american = bundled.replace({"focal": "USA"})
    assert bundled["dependency"].label == "Dependency on China"
    assert american["dependency"].label == "Dependency on the United States"
    assert american["imports_focal_share"].label == "The United States' share in goods imports"
    assert not [text for text in texts_of(american) if "China" in text or "Chinese" in text]
    assert american["focal_digital"].rationale.startswith("The nearest open view of American")
    assert american.replace({"focal": "CHN"}) == bundled
    assert american.replace({"focal": "CHN"}).fingerprint == bundled.fingerprint


@pytest.mark.parametrize("focal", ["CHN", "USA", "KEN", None])
@pytest.mark.parametrize("name", ["dsr", "dsr-full"])
def test_no_placeholder_reaches_a_reader_and_files_keep_them(name: str, focal: str | None) -> None:
    framework = dr.load_framework(name).replace({"focal": focal})
    nodes = (*framework.nodes, *framework.context, *framework.mechanisms)
    shown = [framework.title, framework.description]
    shown += [text for node in nodes for text in (node.label, node.rationale)]
    assert not [text for text in shown if "{" in text]
    again = dr.Framework.from_yaml(framework.to_yaml())
    assert again == framework
    written = {key: value for key, value in framework.to_dict().items() if key != "focal"}
    bundled = {
        key: value for key, value in dr.load_framework(name).to_dict().items() if key != "focal"
    }
    assert written == bundled


def test_a_preset_names_the_state_too() -> None:
    framework = dr.load_framework("dsr", preset="with_cables").replace({"focal": "USA"})
    assert (
        framework["cable_focal_supplier_share"].label
        == "The United States' share among cable suppliers"
    )


def test_own_frameworks_may_use_the_placeholders_and_other_braces_stay() -> None:
    framework = dr.Framework.from_dict(OWN)
    assert framework.title == "Reliance on the United States"
    assert framework["risk"].label == "The United States' part"
    assert framework["risk"].rationale == "From an American maker, not {other}."
    assert framework["debt"].label == "Debt {of}"
    assert framework.to_dict() == OWN
    changed = framework.replace({"risk.label": "Plain", "focal": "IND"})
    assert (changed.title, changed["risk"].label) == ("Reliance on India", "Plain")


def test_nodes_made_in_python_are_not_modified() -> None:
    group = dr.Group(
        name="risk",
        label="From {focal}",
        children=[dr.Indicator(name="debt", label="Debt to {focal}", higher_is="riskier")],
    )
    framework = dr.Framework(name="own", focal="RUS", scores=[group])
    assert (framework["risk"].label, framework["debt"].label) == ("From Russia", "Debt to Russia")
    assert (group.label, group.children[0].label) == ("From {focal}", "Debt to {focal}")
    assert framework.to_dict()["scores"][0]["children"][0]["label"] == "Debt to {focal}"


def test_a_copy_without_some_nodes_is_written_with_the_texts_that_are_left() -> None:
    copy = dr.load_framework().model_copy(update={"mechanisms": (), "title": "Own title"})
    plain = copy.to_dict()
    assert (plain["title"], plain["scores"][0]["label"]) == ("Own title", "Dependency on {focal}")


@pytest.mark.parametrize(
    ("focal", "expected"),
    [
        ("CHN", "A Chinese loan; China's"),
        ("IND", "An Indian loan; India's"),
        ("TWN", "A Taiwanese loan; Taiwan's"),
        ("PHL", "A Philippines loan; the Philippines'"),
        ("UKR", "A Ukraine loan; Ukraine's"),
        ("UZB", "An Uzbekistan loan; Uzbekistan's"),
        (None, "A focal loan; the focal state's"),
    ],
)
def test_forms_of_english(focal: str | None, expected: str) -> None:
    text = with_focal("A {focal_adjective} loan; {focal_possessive}", focal_forms(focal))
    assert text == expected


@pytest.mark.parametrize("language", ["fr", "pl"])
@pytest.mark.parametrize("focal", ["CHN", "USA", "ISR", "KEN", None])
def test_translations_have_every_form_they_use(language: str, focal: str | None) -> None:
    forms = translated_forms(language, focal)
    words = [with_focal(word, forms) for word in LANGUAGES[language].values()]
    assert not [word for word in words if "{focal" in word]
    keys = {with_focal(text, focal_forms(focal)) for text in LANGUAGES[language]}
    framework = dr.load_framework().replace({"focal": focal})
    assert {framework.title, framework["dependency"].label} <= keys


def test_published_tables_name_the_state_in_every_language(american: dr.Scores) -> None:
    french = dr.publish(american, language="fr", columns="all")
    assert french.title.startswith("Route de la soie numérique")
    assert "crédit des États-Unis" in french.title
    assert "État étudié : États-Unis." in french.notes
    polish = dr.publish(american, language="pl", columns="all")
    assert "amerykańskiej oferty" in polish.title
    for table in (french, polish):
        heads = " ".join(map(str, table.frame().columns))
        assert not [word for word in ("China", "Chine", "Chin ", "Chińs") if word in heads]


def test_a_page_names_the_state_and_holds_no_placeholder(
    american: dr.Scores, tmp_path: Path
) -> None:
    page = dr.report(american, tmp_path / "page.html").read_text(encoding="utf-8")
    assert "Dependency on the United States" in page
    assert "{focal" not in page
    assert "Dependency on China" not in page


def test_a_saved_model_keeps_its_placeholders(american: dr.Scores) -> None:
    model = dr.Model.from_json(american.model.to_json())
    assert model.framework == american.framework
    held = json.loads(american.model.to_json())["framework"]
    assert held["scores"][0]["label"] == "Dependency on {focal}"
    assert yaml.safe_load(american.framework.to_yaml())["title"].count("{focal_possessive}") == 1


@pytest.fixture(scope="module")
def american() -> dr.Scores:
    """Return the bundled scores with another state studied."""
    return dr.score(dr.load_framework().replace({"focal": "USA"}))
