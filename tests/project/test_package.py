"""The package as a whole: cheap to import, silent, every public name documented with an example."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

import dsr_risk as dr
from dsr_risk.methods._base import Method
from tests.folders import ROOT

SOURCE = Path(dr.__file__).parent
PROJECT = ROOT / "pyproject.toml"
FAMILIES = {"factors", "methods", "plots", "readers", "records"}
IMPORT_NAMES = {
    "PyYAML": "yaml",
    "python-docx": "docx",
    "XlsxWriter": "xlsxwriter",
    "Jinja2": "jinja2",
    "MarkupSafe": "markupsafe",
    "vl-convert-python": "vl_convert",
    "scikit-learn": "sklearn",
}


def python(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


def test_importing_loads_no_heavy_library_prints_nothing_and_sets_up_no_logging() -> None:
    heavy = ("numpy", "pandas", "scipy", "scipy.stats", "matplotlib", "pydantic", "yaml", "click")
    code = (
        "import sys, logging, warnings\n"
        "before = list(warnings.filters)\n"
        "import dsr_risk\n"
        "assert not logging.getLogger().handlers\n"
        "assert warnings.filters == before\n"
        f"print([name for name in {heavy!r} if name in sys.modules])\n"
    )
    assert python(code) == "[]\n"


@pytest.mark.slow
def test_scoring_loads_no_plotting_library() -> None:
    code = (
        "import sys, dsr_risk as dr\n"
        "dr.explain(dr.score(), 'PAK')\n"
        "print([n for n in ('matplotlib', 'sklearn', 'polars', 'pyarrow.parquet') if n in sys.modules])\n"
    )
    assert python(code) == "[]\n"


def test_every_public_name_resolves_and_says_what_it_is() -> None:
    assert {"load_framework", "load_data", "read_data", "score", "fit", "Model", "Scores", "explain",
            "Data", "Framework", "Group", "Indicator", "Explanation"} <= set(dr.__all__)  # fmt: skip
    for name in dr.__all__:
        assert name in dir(dr)
        found = getattr(dr, name)
        if name.startswith("__"):
            continue
        if name in FAMILIES:
            assert inspect.ismodule(found), name
            continue
        assert not inspect.ismodule(found), name
        assert found.__doc__, name
        assert len(found.__doc__.split("\n")[0]) < 110, name


def documented() -> list[tuple[str, type | Callable[..., object]]]:
    """Every public class and function of the package and of its families, by its name."""
    return [
        (f"{home.__name__}.{name}", getattr(home, name))
        for home in (dr, *(getattr(dr, family) for family in sorted(FAMILIES)))
        for name in home.__all__
        if not name.startswith("__")
        and (inspect.isclass(getattr(home, name)) or inspect.isfunction(getattr(home, name)))
    ]


def test_every_public_name_has_a_runnable_example() -> None:
    lacking = [name for name, found in documented() if ">>>" not in (found.__doc__ or "")]
    assert len(documented()) > 200
    assert lacking == []


def own_methods(kind: type) -> dict[str, Callable[..., object]]:
    """The public methods that a class defines itself, by name."""
    members = {
        name: member.__func__ if isinstance(member, classmethod | staticmethod) else member
        for name, member in vars(kind).items()
        # Pydantic adds the second to a model with private attributes.
        if not name.startswith("_") and name != "model_post_init"
    }
    return {name: member for name, member in members.items() if inspect.isfunction(member)}


def test_every_method_of_a_result_is_called_in_an_example_of_its_class() -> None:
    elsewhere = {"plot", "explore"}  # `plots` has the example of each; a widget needs a notebook
    lacking = []
    for name, kind in documented():
        # A method of a family has one docstring, in the base class that says what is called and when.
        if not inspect.isclass(kind) or issubclass(kind, Exception | Method):
            continue
        methods = own_methods(kind)
        examples = "".join([kind.__doc__ or "", *(each.__doc__ or "" for each in methods.values())])
        calls = {line for line in examples.splitlines() if line.strip().startswith((">>>", "..."))}
        lacking += [
            f"{name}.{method}"
            for method in methods.keys() - elsewhere
            if not any(re.search(rf"\b{method}\(", line) for line in calls)
        ]
    assert lacking == []


def test_every_public_method_of_the_core_types_says_what_it_does() -> None:
    kinds = (dr.Data, dr.Framework, dr.Model, dr.Scores, dr.Explanation)
    lacking = [
        f"{kind.__name__}.{name}"
        for kind in kinds
        for name, member in vars(kind).items()
        if not name.startswith("_")
        and (callable(member) or isinstance(member, property | classmethod | staticmethod))
        and not inspect.getdoc(member)
    ]
    assert lacking == []


def test_a_name_that_does_not_exist_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="scoer"):
        _ = dr.scoer


def test_verbs_stay_functions_when_their_modules_are_imported() -> None:
    importlib.import_module("dsr_risk.analysis.explain")
    importlib.import_module("dsr_risk.scoring.scores")
    assert callable(dr.explain)
    assert not inspect.ismodule(dr.explain)


@pytest.mark.slow
def test_every_library_imported_is_declared() -> None:
    if not PROJECT.is_file():
        pytest.skip("needs the source tree: what is declared stands in pyproject.toml")
    project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]
    extras = [line for lines in project["optional-dependencies"].values() for line in lines]
    said = {re.split(r"[<>=!~;\[ ]", line)[0] for line in [*project["dependencies"], *extras]}
    declared = {IMPORT_NAMES.get(name, name).replace("-", "_") for name in said}
    declared |= {"dsr_risk", "pydantic_core"}  # pydantic brings its core, at one exact version
    imported: dict[str, str] = {}
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level and node.module:
                names = [node.module]
            for name in names:
                imported.setdefault(name.split(".")[0], str(path.relative_to(SOURCE)))
    foreign = {k: v for k, v in imported.items() if k not in sys.stdlib_module_names}
    assert {k: v for k, v in foreign.items() if k not in declared} == {}


@pytest.mark.slow
def test_no_module_prints_or_sets_up_logging() -> None:
    odd = [
        f"{path.relative_to(SOURCE)}:{node.lineno}"
        for path in SOURCE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) in ("print", "logging.basicConfig", "eval", "exec")
    ]
    assert odd == []


def test_errors_are_of_the_kinds_promised_and_survive_another_process() -> None:
    import pickle

    for kind, base in (
        (dr.FrameworkError, ValueError),
        (dr.DataError, ValueError),
        (dr.UnknownNameError, KeyError),
        (dr.NotScorableError, ArithmeticError),
        (dr.MissingExtraError, ImportError),
    ):
        assert issubclass(kind, dr.DsrRiskError)
        assert issubclass(kind, base)
        error = kind("mine.csv: 2 problems", ["one", "two"])
        again = pickle.loads(pickle.dumps(error))  # noqa: S301 - made on the line above
        assert (str(again), again.problems) == (str(error), error.problems)
