"""Arguments that a function cannot take: one error of the package, never one of Python, numpy or pandas."""

from __future__ import annotations

import contextlib
import doctest
import inspect
import io
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest

import dsr_risk as dr
from dsr_risk import factors, methods, plots, readers, records
from dsr_risk.records import loans, sampling, shares
from dsr_risk.records._old_names import TRACES

VALUES: dict[str, Any] = {
    "5": 5, "nope": "nope", "[]": [], "{}": {}, "True": True, "None": None, "1.5": 1.5, "object": object(),
    "empty text": "", "[5]": [5], "-1": -1, "NaN": float("nan"), "infinity": float("inf"), "0": 0, "bytes": b"x",
    "array": np.array([1, 2]), "[[]]": [[]], "[None]": [None], "twice": ["a", "a"], "function": lambda: 1,
    "set": {1}, "400 digits": 10**400, "keys of numbers": {1: 2}, "{a: None}": {"a": None}, "{a: []}": {"a": []},
    "frame": pd.DataFrame({"x": [1]}), "empty frame": pd.DataFrame(),
}  # fmt: skip
FEW = (
    "5",
    "nope",
    "[]",
    "None",
    "object",
    "NaN",
    "array",
    "[None]",
    "twice",
    "400 digits",
    "{a: None}",
    "frame",
)
"""The values for functions of records, each call of which reads a table."""
OF_TRACE = {trace: function for function, trace in TRACES.items()}
RECORDS = {
    f"{module.__name__.removeprefix('dsr_risk.')}.{name}": getattr(module, name)
    for module in (records, loans, shares, sampling)
    for name in module.__all__
    if inspect.isfunction(getattr(module, name))
}
READERS = {
    name: getattr(readers, name)
    for name in readers.__all__
    if inspect.isfunction(getattr(readers, name)) and name != "kinds"
}
METHODS = {
    f"{module.__name__.removeprefix('dsr_risk.')}.{name}": getattr(module, name)
    for module in (methods, factors)
    for name in module.__all__
    if hasattr(getattr(module, name), "model_fields")
}


def public(module: ModuleType) -> Iterator[tuple[str, Callable[..., Any]]]:
    for name in module.__all__:
        if inspect.isfunction(getattr(module, name)):
            yield f"{module.__name__.removeprefix('dsr_risk.')}.{name}", getattr(module, name)


FUNCTIONS = dict(
    pair for module in (dr, records, readers, plots, factors) for pair in public(module)
)


def of_example(function: Callable[..., Any]) -> dict[str, Any]:
    """Return the arguments of the first call in the examples of a function."""
    calls: list[dict[str, Any]] = []

    def recorded(*args: Any, **kwargs: Any) -> Any:
        calls.append(dict(inspect.signature(function).bind(*args, **kwargs).arguments))
        return function(*args, **kwargs)

    names = {**vars(sys.modules[function.__module__]), function.__name__: recorded}
    for example in doctest.DocTestParser().get_examples(inspect.getdoc(function) or ""):
        with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(dr.DsrRiskError):
            exec(compile(example.source, "example", "single"), names)  # noqa: S102 - our own examples
    assert calls, f"{function.__name__} has no example that calls it"
    return calls[0]


def wrong(
    function: Callable[..., Any], base: dict[str, Any], words: Iterable[str] = VALUES
) -> list[str]:
    """Return each value of a parameter that raises anything but one short error of the package."""
    out = []
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.kind in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL):
            continue
        for word in words:
            try:
                function(**{**base, name: VALUES[word]})
            except dr.DsrRiskError as error:
                if not 0 < len(str(error)) < 3000:
                    out.append(f"{name}={word}: {len(str(error))} characters")
            except Exception as error:  # noqa: BLE001 - the error that must not be
                out.append(f"{name}={word}: {type(error).__name__}: {error}")
    return out


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("label", RECORDS)
def test_a_function_of_records_refuses_what_it_cannot_take(label: str) -> None:
    function = RECORDS[label]
    name = label.rpartition(".")[2]
    base = of_example(getattr(records, OF_TRACE[name]) if name in OF_TRACE else function)
    assert wrong(function, base, FEW) == []


@pytest.mark.parametrize("name", READERS)
def test_a_reader_refuses_what_it_cannot_take(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("x.csv").write_text("country,year,value\nKenya,2020,1\n")
    base = {"imeta": "x.csv", "idata": "x.csv"} if name == "coinr" else {"path": "x.csv"}
    base = {"kind": "vdem"} if name == "read" else base
    assert wrong(READERS[name], base) == []


@pytest.mark.parametrize("label", METHODS)
def test_a_method_refuses_parameters_that_it_cannot_take(label: str) -> None:
    method = METHODS[label]
    bad = []
    for name in [*method.model_fields, "not_there"]:
        for word, value in VALUES.items():
            try:
                method(**{name: value})
            except dr.DsrRiskError as error:
                assert 0 < len(str(error)) < 3000  # noqa: PT017 - one of many
            except Exception as error:  # noqa: BLE001 - the error that must not be
                bad.append(f"{name}={word}: {type(error).__name__}: {error}")
    assert bad == []
    with pytest.raises(dr.ArgumentError, match="takes its parameters by name"):
        method(1)


@pytest.mark.parametrize("label", FUNCTIONS)
def test_a_call_with_arguments_missing_unknown_or_too_many_is_one_error(label: str) -> None:
    function = FUNCTIONS[label]
    parameters = inspect.signature(function).parameters.values()
    if any(one.default is one.empty and one.kind is not one.VAR_KEYWORD for one in parameters):
        with pytest.raises(dr.DsrRiskError):
            function()
    with pytest.raises(dr.DsrRiskError):
        function(not_there=1)
    if not any(one.kind is one.VAR_POSITIONAL for one in parameters):
        with pytest.raises(dr.ArgumentError, match="without a name, received 20"):
            function(*range(20))


def test_a_wrong_call_is_said_whole() -> None:
    with pytest.raises(dr.ArgumentError) as caught:
        dr.compare(befor=1, year=2)  # type: ignore[call-arg]
    assert str(caught.value) == (
        "compare() has no argument `befor`; did you mean `before`?\n"
        "compare() has no argument `year`; did you mean `years`?\n"
        "compare() needs `before` and `after`"
    )
    assert isinstance(caught.value, TypeError)
