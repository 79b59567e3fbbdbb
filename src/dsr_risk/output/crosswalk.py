"""The countries that are scored or left out, with the reason: one row a country and headline score."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from .._util.arguments import typed
from ..data.countries import country_table
from ..data.nouns import name_column
from ..scoring.headline import IS_FOCAL
from ..scoring.scores import Scores
from ..scoring.verbs import Source, Spec, as_scores

__all__ = ["crosswalk"]

KINDS = {
    "coverage": "too little observed",
    "focal": IS_FOCAL,
    "not": "not applicable",
    "no": "nothing observed",
    "too": "too few children",
    "undefined:": "undefined",
}


@typed
def crosswalk(framework: Scores | Spec | None = None, data: Source | None = None) -> pd.DataFrame:
    """Return which countries have which score, and why the others have none.

    Parameters
    ----------
    framework, data
        Scores, or a framework and data as ``score`` takes them.

    Returns
    -------
    DataFrame
        Indexed like the scores; a row for every country of the data and headline score, countries in the
        order of their names: ``country``, ``region``, ``income``, ``score``, ``scored``, ``kind`` (why not, in
        few words), ``reason`` (with figures), ``coverage`` (0-1), ``lacking`` (indicators that apply and are
        neither observed nor between known bounds) and ``away`` (indicators that do not apply, with their reason
        codes).

    Raises
    ------
    DataError
        If `data` are given beside a Scores.

    Examples
    --------
    >>> from dsr_risk import crosswalk, score
    >>> result = crosswalk(score())
    >>> result.loc[["CHN"], ["score", "scored", "kind"]].values.tolist()
    [['dependency', False, 'the focal state itself'], ['security', False, 'the focal state itself']]
    """
    scores = as_scores(framework, data)
    table = country_table().reindex(scores.data.iso3)
    names = scores.data.unit_names
    parts = []
    for name in scores.names:
        headline = scores._headline(name)
        reasons = [str(reason) for reason in headline.reason]
        lacking, away = _cells(scores, name)
        parts.append(
            pd.DataFrame(
                {
                    **name_column(scores.data, scores.data.iso3),
                    "region": table["region"].to_numpy(),
                    "income": table["income"].to_numpy(),
                    "score": name,
                    "scored": ~np.isnan(headline.score),
                    "kind": [
                        KINDS.get(reason.split(" ", maxsplit=1)[0], reason) for reason in reasons
                    ],
                    "reason": reasons,
                    "coverage": headline.coverage,
                    "lacking": lacking,
                    "away": away,
                },
                index=scores.data.units,
            )
        )
    out = pd.concat(parts)
    order = np.argsort(np.tile(np.array(names, str), len(parts)), kind="stable")
    return out.iloc[order]


def _cells(scores: Scores, name: str) -> tuple[list[str], list[str]]:
    """Return for every unit the indicators below a score that are lacking, and those that do not apply."""
    framework, cells = scores.framework, scores._state.cells
    columns = [
        column
        for column, indicator in enumerate(framework.indicators)
        if framework.score_of(indicator.name) == name
    ]
    lacking, away = [], []
    for row in range(len(scores.data)):
        missing, gone = [], []
        for column in columns:
            indicator = framework.indicators[column]
            if not cells.applicable[row, column]:
                code = _code(scores, row, indicator.data_column)
                gone.append(f"{indicator.name} ({code})" if code else indicator.name)
            elif cells.observed[row, column] == 0:
                missing.append(indicator.name)
        lacking.append("; ".join(missing))
        away.append("" if scores._focal[row] else "; ".join(gone))
    return lacking, away


def _code(scores: Scores, row: int, column: str) -> str:
    code, year = scores.data._unit_keys()[row]
    reason: Any = scores.data.evidence_of(code, year, column).get("reason", "")
    return str(reason)
