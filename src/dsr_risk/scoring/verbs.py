"""Verbs that fit and score, with the bundled framework and data as defaults."""

from __future__ import annotations

import os
from collections.abc import Mapping
from numbers import Integral
from typing import Any, cast

import pandas as pd

from .._util.arguments import typed
from ..data.dataset import Data
from ..data.identifiers import check_units
from ..data.units import row_of
from ..errors import DataError
from ..framework.definition import Framework
from ..framework.files import DEFAULT, load_framework
from . import fitting
from .model import Model
from .prepare import Source, bundled_for, read_source
from .scores import Scores

__all__ = [
    "Source",
    "Spec",
    "as_inputs",
    "as_scores",
    "as_source",
    "fit",
    "score",
    "with_country",
    "with_subjects",
]

Spec = Framework | str | os.PathLike[str] | Mapping[str, Any]


@typed
def fit(
    framework: Spec | None = None, data: Source | None = None, *, units: str | None = None
) -> Model:
    """Learn from a reference set what the framework's methods need.

    Parameters
    ----------
    framework
        A framework, as it is or as plain data, a bundled name or a path; the bundled default if None.
    data
        The reference set: Data, a DataFrame, long or wide, or a path; the bundled snapshot if None. Focal
        countries are left out of it. Or an array with the columns that the framework reads.
    units
        ``country``, ``any`` (regions, firms or anything else with an identifier) or the column of
        identifiers; what the framework says if None.

    Returns
    -------
    Model
        The framework with what it learned from the data.

    Raises
    ------
    DataError
        With every problem of the data: unknown or missing indicators, implausible values, empty or
        constant columns.
    NotScorableError
        If nothing is left to learn from, or a data-driven weighting fails.

    Examples
    --------
    >>> model = fit()
    >>> model.reference.origin
    'bundled snapshot'
    """
    _check_units_beside(data, units)
    wanted = _framework(framework, units)
    return fitting.fit(wanted, _data(data, wanted))


@typed
def score(
    framework: Spec | None = None, data: Source | None = None, *, units: str | None = None
) -> Scores:
    """Fit a framework on data and score the same data: ``fit(framework, data).score(data)``.

    Both default to the bundled ones. To score new data on a fixed scale, keep the model of ``fit``. With
    ``units="any"`` the data are of regions, firms or anything else with an identifier, see ``as_data``.

    Parameters
    ----------
    framework
        A bundled name, the path of a file, a mapping, or a Framework; the bundled ``dsr`` if None.
    data
        Data, a DataFrame, long or wide, or the path of a file; the bundled snapshot if None.
    units
        ``country``, ``any``, or the column of identifiers.

    Returns
    -------
    Scores
        Every node's value on the scale of the framework (0-100 in the bundled ones, 100 is most risk), with ranks,
        bands, coverage and hard bounds.

    Raises
    ------
    FrameworkError
        With every problem of the framework.
    DataError
        With every problem of the data, or if they do not fit the framework.
    NotScorableError
        If no unit can have a score.

    Examples
    --------
    >>> scores = score()
    >>> scores.names
    ('dependency', 'security')
    >>> firms = pd.DataFrame({"firm": ["Acme", "Bolt"], "debt": [20.0, 80.0]})
    >>> own = {"name": "own", "scores": [{"name": "risk", "children": [
    ...     {"name": "debt", "higher_is": "riskier"}]}]}
    >>> score(own, firms, units="any").values["risk"].to_dict()
    {'Acme': 0.0, 'Bolt': 100.0}
    """
    _check_units_beside(data, units)
    wanted = _framework(framework, units)
    return fitting.fit_and_score(wanted, _data(data, wanted))


def as_scores(subject: Scores | Spec | None = None, data: Source | None = None) -> Scores:
    """Return `subject` if it is a Scores, else the scores of `subject` and `data`.

    Every verb calls this first, so that each takes either ``(scores)`` or ``(framework, data)`` with the
    defaults, names, paths and mappings of ``score``.

    Parameters
    ----------
    subject
        Scores, or a framework as ``score`` takes it: a Framework, a mapping, a bundled name or a path;
        the bundled default if None.
    data
        Data as ``score`` takes them: Data, a DataFrame or a path; the bundled snapshot if None. Must be
        None if `subject` is a Scores, which holds its own data.

    Raises
    ------
    DataError
        If `data` are given beside a Scores.

    Examples
    --------
    >>> scores = as_scores()
    >>> as_scores(scores) is scores
    True
    """
    if not isinstance(subject, Scores):
        return score(subject, data)
    _refuse_beside(data)
    return subject


def with_country(
    verb: str, subject: Scores | Spec | None, data: Any, country: str | int | None
) -> tuple[Scores, str]:
    """Return the scores and the country of ``verb(scores, country)`` or ``verb(framework, data, country)``.

    Selected countries of one year are replaced by all that they were scored with: ranks are among these.

    Raises
    ------
    DataError
        If no country is given, or two are.
    """
    if isinstance(subject, Scores) and isinstance(data, str | int):
        if country is not None:
            raise DataError(f"{verb} takes one country, received {data!r} and {country!r}")
        data, country = None, str(data)
    elif isinstance(subject, Scores) and country is None and data is not None:
        data, country = None, data
    if isinstance(country, Integral) and not isinstance(country, bool):
        country = str(country)
    if not isinstance(country, str):
        raise DataError(
            f"{verb} needs one country, a name or a code, received {country!r}; expected "
            f"{verb}(scores, country) or {verb}(framework, data, country)"
        )
    scores = as_scores(subject, data)
    if scores._whole is not None and not scores.data.is_panel:
        row_of(scores.data, country)
        scores = scores._everyone
    return scores, country


def with_subjects(
    verb: str, framework: Scores | Spec | None, data: Any, **subjects: Any
) -> tuple[Any, ...]:
    """Return the scores and the subjects of ``verb(scores, a, b)`` or ``verb(framework, data, a, b)``.

    Raises
    ------
    DataError
        If a subject is missing, or one is given too many.

    Examples
    --------
    >>> scores, country, target = with_subjects("pathway", score(), "PAK", country=None, target=40)
    >>> country, target
    ('PAK', 40)
    """
    values = list(subjects.values())
    order = ", ".join(subjects)
    if isinstance(framework, Scores) and not isinstance(data, Data | pd.DataFrame | None):
        if None not in values:
            raise DataError(
                f"{verb} takes ({order}) after Scores, received {data!r} before {values[0]!r}"
            )
        values.remove(None)
        values, data = [data, *values], None
    lacking = [name for name, value in zip(subjects, values, strict=True) if value is None]
    if lacking:
        raise DataError(
            f"{verb} needs {' and '.join(f'`{name}`' for name in lacking)}; expected "
            f"{verb}(scores, {order}) or {verb}(framework, data, {order})"
        )
    return as_scores(framework, data), *values


def as_inputs(
    subject: Scores | Spec | None = None, data: Source | None = None
) -> tuple[Framework, Data]:
    """Return the framework and the data of Scores, or those that ``score`` would use.

    For verbs that need no scores: the first act is the same as that of ``as_scores``.
    """
    if isinstance(subject, Scores):
        _refuse_beside(data)
        return subject.framework, subject.data
    framework = _framework(subject)
    return framework, read_source(framework, _data(data, framework))


def as_source(data: Source) -> Data:
    """Return Data as they are, or read them from a frame or a path."""
    if isinstance(data, Data):
        return data
    # Imported here: the readers of tables take longer to import than the bundled data take to score.
    from ..data.assemble import as_data
    from ..data.files import read_data

    if isinstance(data, str | os.PathLike):
        return read_data(data)
    return as_data(cast("pd.DataFrame", data))


def _refuse_beside(data: object) -> None:
    if data is not None:
        raise DataError(
            f"received Scores and `data` ({type(data).__name__}): Scores hold the data they were made "
            "from. Give the Scores alone, or a framework and data"
        )


def _check_units_beside(data: Source | None, units: str | None) -> None:
    """Raise DataError if `units` names a column beside Data, whose identifiers are read already."""
    read = isinstance(data, Data) and units not in (None, "country", "any")
    if read and units != cast("Data", data).unit_name:
        raise DataError(
            f"`units` names the column of identifiers of a table, and these Data are read already (by "
            f"`{cast('Data', data).unit_name}`), received {units!r}; give the table, or leave `units` out"
        )


def _framework(framework: Spec | None, units: str | None = None) -> Framework:
    if isinstance(framework, Data | pd.DataFrame):
        raise DataError(
            f"received a {type(framework).__name__} in the place of the framework; "
            "the order is (framework, data)"
        )
    loaded = load_framework(DEFAULT if framework is None else framework)
    if units is None or units == loaded.units:
        return loaded
    return loaded.replace({"units": check_units(units)})


def _data(data: Source | None, framework: Framework) -> Source:
    return bundled_for(framework) if data is None else data
