"""The names of methods: modules are imported when a name or a listing needs them."""

from __future__ import annotations

import importlib
import pkgutil
import subprocess
import sys
from pathlib import Path
from typing import ClassVar

import pytest

import dsr_risk.methods
from dsr_risk.errors import FrameworkError
from dsr_risk.methods import Aggregator, Derived, Imputer, Normaliser, Treatment, Weighter
from dsr_risk.methods._registry import MODULES

FAMILIES = {
    family.family: family
    for family in (Aggregator, Derived, Imputer, Normaliser, Treatment, Weighter)
}


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_the_table_of_modules_lists_every_method_where_it_is_defined(family: str) -> None:
    for module in pkgutil.iter_modules(dsr_risk.methods.__path__):
        importlib.import_module(f"dsr_risk.methods.{module.name}")
    listed = {(name, module) for module, names in MODULES[family].items() for name in names}
    defined = {
        (name, method.__module__.rpartition(".")[2])
        for name, method in FAMILIES[family].registry.items()
        if method.__module__.startswith("dsr_risk.methods.")
    }
    assert defined == listed


def test_a_listing_has_every_name_and_its_methods() -> None:
    for family in FAMILIES.values():
        names = list(family.registry)
        assert len(family.registry) == len(names) == len(set(names))
        assert list(family.registry.keys()) == names
        assert [method.name for method in family.registry.values()] == names
        assert [name for name, _ in family.registry.items()] == names
        assert all(family.registry[name] is family.registry.get(name) for name in names)
        assert "nope" not in family.registry
        assert family.registry.get("nope", None) is None
        with pytest.raises(KeyError):
            family.registry["nope"]


@pytest.mark.slow
def test_a_fresh_session_imports_a_method_by_its_name_and_refuses_to_replace_it() -> None:
    code = (
        "import sys\n"
        "from dsr_risk.methods import Imputer\n"
        "held = 'dsr_risk.methods.neighbours'\n"
        "assert held not in sys.modules and 'knn' in Imputer.registry\n"
        "print(Imputer.parse('knn').name, held in sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        check=False,
        capture_output=True,
        text=True,
        cwd=Path(__file__).parent,
    )
    assert done.stdout.split() == ["knn", "True"], done.stderr
    with pytest.raises(FrameworkError, match=r"missing method `knn` is already NearestNeighbours"):
        type("Own", (Imputer,), {"name": "knn", "__annotations__": {"name": ClassVar[str]}})
