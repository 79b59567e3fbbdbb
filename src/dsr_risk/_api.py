"""The two verbs most people need, with the bundled framework and data as defaults."""

from __future__ import annotations

import pandas as pd

from . import model as _model
from .configs import load_framework
from .data import Data
from .datasets import load_data
from .framework import Framework
from .model import Model
from .scores import Scores

__all__ = ["fit", "score"]


def fit(framework: Framework | None = None, data: Data | pd.DataFrame | None = None) -> Model:
    """Learn from a reference set what the framework's methods need.

    Parameters
    ----------
    framework
        The bundled default if None.
    data
        The reference set, Data or a DataFrame, long or wide; the bundled snapshot if None. Focal
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
    return _model.fit(
        load_framework() if framework is None else framework, load_data() if data is None else data
    )


def score(framework: Framework | None = None, data: Data | pd.DataFrame | None = None) -> Scores:
    """Fit a framework on data and score the same data: ``fit(framework, data).score(data)``.

    Both default to the bundled ones. To score new data on a fixed scale, keep the model of ``fit``.

    Examples
    --------
    >>> scores = score()
    >>> scores.names
    ('dependency', 'security')
    """
    found = load_data() if data is None else data
    return fit(framework, found).score(found)
