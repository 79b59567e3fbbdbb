"""The layout: folders of tests mirror the folders of the package, and the architecture page lists all modules."""

from __future__ import annotations

import ast
import runpy

import grimp
import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

import dsr_risk as dr
from tests.folders import ROOT

SOURCE = ROOT / "src" / "dsr_risk"
TESTS = ROOT / "tests"
OF_THE_WHOLE = {"project"}  # tests of the project as a whole: docs, wheel, messages


def folders(root, *, ignored=frozenset()):
    found = {path.parent.relative_to(root).as_posix() for path in root.rglob("*.py")} - {"."}
    return {name for name in found if name.split("/")[0] not in ignored}


def test_every_folder_of_tests_is_a_folder_of_the_package() -> None:
    assert folders(TESTS, ignored=OF_THE_WHOLE) - folders(SOURCE) == set()


def test_every_folder_of_the_package_has_tests() -> None:
    tested = {path.parent.relative_to(TESTS).as_posix() for path in TESTS.rglob("test_*.py")}
    assert folders(SOURCE) - tested - {"data/bundled"} == set()


def test_no_public_name_is_a_module_at_the_top_of_the_package() -> None:
    modules = {
        path.stem
        for path in SOURCE.iterdir()
        if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    families = {"factors", "methods", "plots", "readers", "records"}
    assert modules & set(dr.__all__) == families


def test_a_folder_only_hands_on_public_names() -> None:
    for path in SOURCE.rglob("__init__.py"):
        if path.parent == SOURCE:
            continue
        body = ast.parse(path.read_text(encoding="utf-8")).body
        defined = [node for node in body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
        assert defined == [], path


@pytest.mark.slow
def test_the_architecture_page_is_what_its_script_writes() -> None:
    names = runpy.run_path(str(ROOT / "scripts" / "architecture_page.py"))
    written = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    assert written == names["page"](), "run scripts/architecture_page.py"


STATED = {
    # Data list, edit, summarise and select themselves, say what their units are called and what their cells hold, and lay other data over
    # themselves; these functions name their type.
    "data": {
        "cells",
        "dataset",
        "edits",
        "groups",
        "listing",
        "overview",
        "selection",
        "units",
        "update",
    },
    # A framework's checks, tree, replacements and factor checks name its type; the framework calls them.
    "framework": {
        "checks",
        "definition",
        "derivations",
        "factor_checks",
        "nodes",
        "replace",
        "tree",
    },
    # Scores hold their model; a model makes scores; hard bounds and tables take scores.
    "scoring": {
        "contributions",
        "hard_bounds",
        "part_shares",
        "headline",
        "marks",
        "model",
        "printed",
        "scores",
        "table",
    },  # fmt: skip
    # A publication writes itself in every format; the formats take a publication.
    "output": {"publication", "publish_files", "publish_great", "publish_text", "publish_word"},
}
"""Circles of type annotations inside a folder. None exists between folders, and none at run time."""


def circles(*, annotations: bool) -> list[set[str]]:
    """Return the sets of modules that import each other in a circle."""
    graph = grimp.build_graph(
        "dsr_risk", exclude_type_checking_imports=not annotations, cache_dir=None
    )
    names = sorted(name for name in graph.modules if not graph.find_children(name))
    index = {name: number for number, name in enumerate(names)}
    links = np.zeros((len(names), len(names)), bool)
    for name in names:
        for other in graph.find_modules_directly_imported_by(name) & set(names):
            links[index[name], index[other]] = True
    count, labels = connected_components(csr_array(links), connection="strong")
    groups = [{names[i] for i in np.flatnonzero(labels == label)} for label in range(count)]
    return [group for group in groups if len(group) > 1]


def test_no_circle_of_imports_at_run_time() -> None:
    assert circles(annotations=False) == []


def test_circles_of_annotations_are_those_stated() -> None:
    found = {}
    for circle in circles(annotations=True):
        (folder,) = {name.split(".")[1] for name in circle}
        found[folder] = {name.split(".")[-1] for name in circle}
    assert found == STATED
