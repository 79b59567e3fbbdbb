"""Docstrings say what callers may give, what they get back and what is raised: for all public names."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
import typing
from collections.abc import Callable
from typing import Any

import pytest

import dsr_risk as dr
from tests.folders import ROOT
from tests.project.test_package import documented, own_methods

ERRORS = {
    name for name in dr.__all__ if isinstance(getattr(dr, name), type) and name.endswith("Error")
}
SAME = re.compile(r"Parameters(?:, result)?(?: and errors)? are those of `(\w+)`")


def sections(text: str | None) -> dict[str, list[str]]:
    """The lines of every section of a numpydoc docstring, by its title."""
    lines, out, title = inspect.cleandoc(text or "").split("\n"), {"": []}, ""
    for line, rule in zip(lines, [*lines[1:], ""], strict=True):
        if line.strip() and re.fullmatch("-{3,}", rule.strip()):
            title = line.strip()
            out[title] = []
        elif not re.fullmatch("-{3,}", line.strip()):
            out[title].append(line)
    return out


def described(lines: list[str]) -> list[str]:
    """The names that a section of parameters describes."""
    heads = [line.partition(" : ")[0] for line in lines if line and not line.startswith(" ")]
    return [name.strip().lstrip("*") for head in heads for name in head.split(",")]


def taken(function: Callable[..., Any]) -> list[str]:
    """The names of all arguments, those of a typed mapping of options among them."""
    out = []
    kinds = typing.get_type_hints(inspect.unwrap(function)) if needs_hints(function) else {}
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.kind is inspect.Parameter.VAR_KEYWORD and name in kinds:
            out += typing.get_args(kinds[name])[0].__annotations__
        elif name not in ("self", "cls"):
            out.append(name)
    return out


def needs_hints(function: Callable[..., Any]) -> bool:
    return any(
        "Unpack" in str(parameter.annotation)
        for parameter in inspect.signature(function).parameters.values()
    )


def public() -> dict[str, Callable[..., Any]]:
    """Every public function, and every public method where the class that first has it defines it."""
    out: dict[str, Callable[..., Any]] = {}
    for name, found in documented():
        if inspect.isfunction(found):
            out[name] = found
            continue
        for method, function in own_methods(found).items():
            # What overrides a method of the package has the arguments that the base class describes.
            bases = [base for base in found.__mro__[1:] if base.__module__.startswith("dsr_risk")]
            if not any(method in vars(base) for base in bases):
                out[f"{name}.{method}"] = function
    return out


PUBLIC = public()


@pytest.fixture(scope="module")
def by_name() -> dict[str, Callable[..., Any]]:
    return {name.rpartition(".")[2]: function for name, function in PUBLIC.items()}


def problems(function: Callable[..., Any], by_name: dict[str, Callable[..., Any]]) -> list[str]:
    """What the docstring of a function lacks, or says of arguments that there are not."""
    parts, arguments = sections(function.__doc__), taken(function)
    same = SAME.search(" ".join(parts[""]))
    named = described(parts.get("Parameters", []))
    if same:
        named += [name for name in taken(by_name[same[1]]) if name in arguments]
    out = [f"no description of `{name}`" for name in arguments if name not in named]
    out += [f"describes `{name}`, which is no argument" for name in named if name not in arguments]
    result = inspect.signature(function).return_annotation
    if arguments and result not in ("None", None, inspect.Signature.empty):
        said = "Returns" in parts or "Yields" in parts or (same and "result" in same[0])
        out += [] if said else ["no Returns"]
    tree = ast.parse(textwrap.dedent(inspect.getsource(inspect.unwrap(function))))
    raised = {
        ast.unparse(node.exc.func if isinstance(node.exc, ast.Call) else node.exc).split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Raise) and node.exc is not None
    }
    named_errors = set(described(parts.get("Raises", [])))
    if same and "errors" in same[0]:
        named_errors |= ERRORS
    return out + [f"no Raises of {name}" for name in sorted(raised & ERRORS - named_errors)]


@pytest.mark.slow
@pytest.mark.parametrize("name", PUBLIC)
def test_docstring_describes_every_argument_the_result_and_errors(
    name: str, by_name: dict[str, Callable[..., Any]]
) -> None:
    assert problems(PUBLIC[name], by_name) == []


def test_problems_of_a_docstring_are_found(by_name: dict[str, Callable[..., Any]]) -> None:
    def shift(x: float, by: float) -> float:
        """Return x moved.

        Parameters
        ----------
        x, of
            Numbers.
        """
        if not by:
            raise dr.DataError("no shift")
        return x + by

    assert problems(shift, by_name) == [
        "no description of `by`",
        "describes `of`, which is no argument",
        "no Returns",
    ]
    assert len(PUBLIC) > 250


def test_a_function_that_returns_nothing_does_not_say_that_it_returns() -> None:
    found = []
    for path in sorted((ROOT / "src").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.FunctionDef) or not isinstance(node.returns, ast.Constant):
                continue
            text = ast.get_docstring(node) or ""
            if node.returns.value is None and text.startswith(("Return ", "Tell ")):
                found.append(f"{path.name}: {node.name}")
    assert not found


FRAGMENT = re.compile(
    r"(?:\([^)]*\) )?(?:How|What|Where|Whether|Which|Who|Whose|Why|how|what|whether|which)\b"
)


def test_first_line_of_a_docstring_names_a_thing_or_an_act() -> None:
    """No first line is a fragment of a question: a function begins with a verb, all else with a noun."""
    fragments = []
    for path in sorted((ROOT / "src" / "dsr_risk").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
                first = (ast.get_docstring(node) or "").partition("\n")[0]
                if FRAGMENT.match(first):
                    fragments.append(f"{path.name}: {first}")
    assert fragments == []
