"""A scenario: levers and countries as data, from a name, a file, a mapping or cells."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from ..._util.arguments import typed
from ..._util.documents import read_document
from ..._util.frozen import Fixed, Frozen
from ...errors import DataError, DsrRiskError, Problems, UnknownNameError, did_you_mean
from ...framework.files import config_folder
from .changes import check_change
from .levers import LEVERS, CellChange, Lever, lever_of
from .record_files import beside, records_given

__all__ = ["Scenario", "Step", "as_scenario", "levers", "scenarios"]

KEYS = (
    "title",
    "source",
    "rationale",
    "countries",
    "levers",
    "cells",
    "roles",
    "records",
    "expected",
    "years",
)
SUFFIXES = (".yaml", ".yml", ".json", ".toml")
SIGNS = ("up", "down", "none", "any")


@dataclass(frozen=True)
class Step:
    """One lever and the countries it works on; those of the scenario if None."""

    lever: Lever
    countries: tuple[str, ...] | None = None

    @property
    def label(self) -> str:
        """The lever by name, or the cells it changes."""
        if isinstance(self.lever, CellChange):
            return "cells: " + ", ".join(self.lever.cells)
        return self.lever.name


@typed(init="checked")
@dataclass(frozen=True)
class Scenario(Frozen):
    """Levers in their order, the countries they work on, and where the idea comes from.

    ``records`` are those that levers edit, as ``scenario`` takes them: tables of ``shares``, ``loans`` and
    ``incidents``, each a file or a list of rows. ``roles`` say which columns of the data play a part that
    levers edit, where they have names of their own; ``expected`` the sign of each headline on the bundled
    data: up, down, none or any.

    Examples
    --------
    >>> mine = Scenario.from_dict({"countries": ["EU"], "levers": ["restrict_hrv"]}, "mine")
    >>> mine.steps[0].lever.cap
    0.0
    >>> mine.to_dict()["levers"][0]["lever"]
    'restrict_hrv'
    """

    name: str
    title: str
    steps: tuple[Step, ...]
    countries: tuple[str, ...] = ()
    source: str = ""
    rationale: str = ""
    roles: Mapping[str, Any] = field(default_factory=Fixed)
    records: Mapping[str, Any] = field(default_factory=Fixed)
    expected: Mapping[str, str] = field(default_factory=Fixed)

    @classmethod
    def from_dict(cls, raw: object, where: str = "scenario") -> Scenario:
        """Return the scenario written as plain data.

        Parameters
        ----------
        raw
            A mapping with ``levers`` or ``cells`` and any of the other attributes.
        where
            The name of the scenario, which stands before the problems in an error message.

        Returns
        -------
        Scenario
            The scenario, its levers checked.

        Raises
        ------
        DataError
            With every problem: unknown keys, levers or parameters, values out of range.
        """
        if not isinstance(raw, Mapping):
            raise DataError(
                f"{where}: expected a mapping with `levers` or `cells`, received {type(raw).__name__}"
            )
        problems = Problems(where)
        for key in raw:
            if key not in KEYS:
                problems.add(f"unknown key `{key}`; {did_you_mean(str(key), KEYS)}")
        texts = {}
        for key in ("title", "source", "rationale"):
            value = raw.get(key, "")
            if not isinstance(value, str):
                problems.add(f"`{key}`: expected a text, received {value!r}")
            texts[key] = value if isinstance(value, str) else ""
        countries = _names(raw.get("countries", ()), "countries", problems)
        steps = [*_levers(raw.get("levers", ()), problems), *_cells(raw.get("cells", {}), problems)]
        if not problems and not raw.keys() & {"levers", "cells"}:
            problems.add("no `levers` and no `cells`: the scenario changes nothing")
        records = records_given(raw.get("records", {}), problems)
        roles = _mapping(raw, "roles", problems)
        expected = _mapping(raw, "expected", problems)
        for headline, sign in expected.items():
            if sign not in SIGNS:
                problems.add(
                    f"`expected.{headline}`: unknown `{sign}`; {did_you_mean(str(sign), SIGNS)}"
                )
        problems.raise_as(DataError)
        name = Path(where).stem
        return cls(
            name,
            texts["title"] or name,
            tuple(steps),
            countries,
            texts["source"],
            texts["rationale"],
            Fixed(roles),
            Fixed(records),
            Fixed(expected),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the scenario as plain data, as ``from_dict`` reads it."""
        out: dict[str, Any] = {"title": self.title}
        for key in ("source", "rationale"):
            if getattr(self, key):
                out[key] = getattr(self, key)
        if self.countries:
            out["countries"] = list(self.countries)
        for step in self.steps:
            if isinstance(step.lever, CellChange):
                for country in step.countries or ():
                    out.setdefault("cells", {})[country] = step.lever.settings()
            else:
                entry = {"lever": step.lever.name, **step.lever.settings()}
                if step.countries is not None:
                    entry["countries"] = list(step.countries)
                out.setdefault("levers", []).append(entry)
        for key in ("roles", "records", "expected"):
            if getattr(self, key):
                out[key] = dict(getattr(self, key))
        return out


def _mapping(raw: Mapping[Any, Any], key: str, problems: Problems) -> Mapping[Any, Any]:
    """Return a part of a scenario that is a mapping; another value is a problem."""
    value = raw.get(key, {})
    if isinstance(value, Mapping):
        return value
    problems.add(f"`{key}`: expected a mapping, received {value!r}")
    return {}


def _names(value: Any, where: str, problems: Problems) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    if isinstance(value, Sequence) and all(isinstance(item, str) for item in value):
        return tuple(value)
    problems.add(f"`{where}`: expected a name or a list of names, received {value!r}")
    return ()


def _levers(raw: Any, problems: Problems) -> list[Step]:
    if isinstance(raw, Mapping):
        raw = [raw]
    if not isinstance(raw, Sequence) or isinstance(raw, str):
        problems.add(f"`levers`: expected a list of mappings with `lever`, received {raw!r}")
        return []
    out = []
    for number, given in enumerate(raw, start=1):
        where = f"lever {number}"
        entry = {"lever": given} if isinstance(given, str) else given
        if not isinstance(entry, Mapping):
            problems.add(f"{where}: expected a mapping with `lever`, received {entry!r}")
            continue
        countries = None
        if "countries" in entry:
            countries = _names(entry["countries"], f"{where}.countries", problems)
        lever = lever_of(entry, where, problems)
        if lever is not None:
            out.append(Step(lever, countries))
    return out


def _cells(raw: Any, problems: Problems) -> list[Step]:
    if not isinstance(raw, Mapping):
        problems.add(f"`cells`: expected {{country: {{indicator: change}}}}, received {raw!r}")
        return []
    out = []
    for country, cells in raw.items():
        if not isinstance(cells, Mapping) or not cells:
            problems.add(f"`{country}`: expected {{indicator: change}}, received {cells!r}")
            continue
        checked: dict[str, float | str] = {}
        for column, value in cells.items():
            try:
                checked[str(column)] = check_change(value, f"{country}, `{column}`")
            except DsrRiskError as error:
                problems.add(error.message)
        out.append(Step(CellChange(cells=Fixed(checked)), (str(country),)))
    return out


def scenario_folder() -> Path:
    """Return the folder of the bundled scenarios."""
    return config_folder() / "scenarios"


def bundled_names() -> tuple[str, ...]:
    """Return the names of the bundled scenarios."""
    return tuple(sorted(path.stem for path in scenario_folder().glob("*.yaml")))


def as_scenario(
    scenario: Scenario | str | os.PathLike[str] | Mapping[str, Any] | Lever,
) -> Scenario:
    """Return a scenario by bundled name, from a file, a mapping of its keys, cells, or one lever.

    Raises
    ------
    UnknownNameError
        For a name that is neither bundled nor a file.
    DataError
        With every problem of the file or mapping.
    """
    if isinstance(scenario, Scenario):
        return scenario
    if isinstance(scenario, Lever):
        return Scenario(scenario.name, scenario.words, (Step(scenario),))
    if isinstance(scenario, Mapping):
        if any(key in KEYS for key in scenario):
            return Scenario.from_dict(scenario)
        if "lever" in scenario:
            return Scenario.from_dict({"levers": [scenario]}, str(scenario["lever"]))
        return Scenario.from_dict({"cells": scenario}, "cells") if scenario else _empty()
    if not isinstance(scenario, str | os.PathLike):
        raise DataError(
            "expected a scenario by name, a file, a mapping or a lever, received "
            f"{type(scenario).__name__}"
        )
    path = Path(scenario)
    if path.suffix.lower() not in SUFFIXES and not path.exists():
        name = str(scenario)
        if name in LEVERS and name not in bundled_names():
            return Scenario.from_dict({"levers": [{"lever": name}]}, name)
        if name not in bundled_names():
            names = (*bundled_names(), *LEVERS)
            raise UnknownNameError(
                f"no scenario `{name}`; {did_you_mean(name, names)} or give the path of a file "
                f"({', '.join(SUFFIXES)})"
            )
        path = scenario_folder() / f"{name}.yaml"
    parsed = Scenario.from_dict(read_document(path, DataError), str(path))
    return dataclasses.replace(parsed, records=Fixed(beside(parsed.records, path.parent)))


def _empty() -> Scenario:
    return Scenario("empty", "Nothing changes", ())


@typed
def scenarios() -> pd.DataFrame:
    """List the bundled scenarios.

    Returns
    -------
    DataFrame
        Indexed ``name``: ``title, levers, countries, source``.

    Examples
    --------
    >>> bool("eu_toolbox" in scenarios().index)
    True
    """
    rows = []
    for name in bundled_names():
        bundled = as_scenario(name)
        rows.append(
            {
                "name": name,
                "title": bundled.title,
                "levers": ", ".join(step.label for step in bundled.steps),
                "countries": ", ".join(bundled.countries),
                "source": bundled.source,
            }
        )
    return pd.DataFrame(rows, columns=["name", "title", "levers", "countries", "source"]).set_index(
        "name"
    )


@typed
def levers() -> pd.DataFrame:
    """List the levers with their parameters and defaults.

    Returns
    -------
    DataFrame
        Indexed ``name``: ``words, parameters``.

    Examples
    --------
    >>> len(levers())
    13
    """
    from .levers.base import SHOWN

    rows = []
    for name, kind in LEVERS.items():
        parameters = []
        for parameter in dataclasses.fields(kind):
            shown = SHOWN.get(parameter.name, parameter.name)
            parameters.append(
                shown
                if parameter.default is dataclasses.MISSING
                else f"{shown}={parameter.default}"
            )
        rows.append({"name": name, "words": kind.words, "parameters": ", ".join(parameters)})
    return pd.DataFrame(rows).set_index("name")
