"""The widget: its state from the Python side, and its script in Chromium with a model of its own."""

from __future__ import annotations

import json
import sys

import pytest

import dsr_risk as dr
from dsr_risk.pages.charts import bundle
from tests.pages.reading import same

pytestmark = pytest.mark.slow

anywidget = pytest.importorskip("anywidget", reason="needs the extra `notebook`")


@pytest.fixture(scope="module")
def widget(bundled):
    return bundled.explore()


def test_explore_is_a_widget_that_starts_as_published(widget, bundled) -> None:
    assert isinstance(widget, anywidget.AnyWidget)
    assert widget.framework == bundled.framework
    assert {"body", "sheet", "data", "state", "moved"} <= set(widget.keys)
    # ipywidgets takes these for models of its own, and says so on the console of a notebook.
    assert not {"style", "layout"} & set(type(widget).__dict__)
    assert "http" not in widget._esm.removeprefix(bundle())


def host(widget, tmp_path):
    """A page that runs the script of the widget with a model that notes what it is told."""
    traits = {name: getattr(widget, name) for name in ("body", "sheet", "data", "state", "moved")}
    script = widget._esm.replace("export default { render };", "")
    held = json.dumps(traits).replace("<", "\\u003c")
    path = tmp_path / "host.html"
    path.write_text(
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>host</title><body><div id="cell"></div>'
        f"<script>{script}\nconst traits = {held};\n"
        "const model = { listeners: [], saved: 0, get: (name) => traits[name],"
        " set(name, value) { traits[name] = value; }, save_changes() { this.saved += 1; },"
        " on(name, one) { this.listeners.push(one); }, off() { this.listeners = []; } };\n"
        "const done = render({ model, el: document.getElementById('cell') });</script>",
        encoding="utf-8",
    )
    return path


def test_widget_moves_weights_and_hands_the_framework_to_python(
    widget, bundled, opened, tmp_path
) -> None:
    path = host(widget, tmp_path)
    page = opened(path)
    page.locator("summary").first.click()
    page.fill("#w-0", "0.77")
    page.fill("#u-1", "30")
    assert page.evaluate("model.saved") >= 2
    fresh = bundled.explore()
    fresh.moved, fresh.state = page.evaluate("[traits.moved, traits.state]")
    indicator, other = (one.name for one in bundled.framework.indicators[:2])
    assert fresh.framework[indicator].weight == 0.77
    assert fresh.framework[other].normalisation.high == 30
    shown = page.locator("#rows tr").first.locator("td").first.inner_text()
    name = bundled.names[0]
    python = dr.score(fresh.framework, bundled.data)
    assert shown == f"{python.values[name].max():.1f}"
    assert page.said == []
    assert page.asked == [path.as_uri()]


def test_widget_follows_a_state_that_python_sets(widget, opened, tmp_path) -> None:
    page = opened(host(widget, tmp_path))
    page.evaluate("traits.state = 'w.networks=0.9'; model.listeners.forEach((one) => one());")
    assert "not the published scores" in page.inner_text("#moved")
    page.evaluate("done()")
    assert page.evaluate("model.listeners.length") == 0


def test_explore_without_anywidget_names_the_extra(bundled, monkeypatch) -> None:
    from dsr_risk.pages import explorer

    explorer._kind.cache_clear()
    monkeypatch.setitem(sys.modules, "anywidget", None)
    with pytest.raises(dr.MissingExtraError, match=r'pip install "dsr-risk\[notebook\]"'):
        bundled.explore()
    explorer._kind.cache_clear()


def test_the_page_and_the_widget_run_the_same_script(widget, path, opened, bundled) -> None:
    text = path.read_text(encoding="utf-8")
    shared = widget._esm[: widget._esm.index("// A notebook cell")].removeprefix(bundle())
    assert shared.strip() in text
    assert bundle() in text
    same(opened(path), bundled)
