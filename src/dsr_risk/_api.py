"""The two verbs most people need, with the bundled framework and data as defaults."""

from __future__ import annotations

import os

import pandas as pd

from . import model as _model
from .configs import DEFAULT, load_framework
from .data import Data
from .data_files import read_data
from .datasets import load_data
from .framework import Framework
from .model import Model
from .scores import Scores

__all__ = ["fit", "score"]


Spec = Framework | str | os.PathLike[str]
Source = Data | pd.DataFrame | str | os.PathLike[str]


def fit(framework: Spec | None = None, data: Source | None = None) -> Model:
    """Learn from a reference set what the framework's methods need.

    Parameters
    ----------
    framework
        A framework, a bundled name or a path; the bundled default if None.
    data
        The reference set: Data, a DataFrame, long or wide, or a path; the bundled snapshot if None. Focal
        countries are left out of it.

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
    return _model.fit(load_framework(framework or DEFAULT), _data(data))


def score(framework: Spec | None = None, data: Source | None = None) -> Scores:
    """Fit a framework on data and score the same data: ``fit(framework, data).score(data)``.

    Both default to the bundled ones. To score new data on a fixed scale, keep the model of ``fit``.

    Examples
    --------
    >>> scores = score()
    >>> scores.names
    ('dependency', 'security')
    """
    found = _data(data)
    return fit(framework, found).score(found)


def _data(data: Source | None) -> Data | pd.DataFrame:
    if data is None:
        return load_data()
    return read_data(data) if isinstance(data, str | os.PathLike) else data
