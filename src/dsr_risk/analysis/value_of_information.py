"""Value of information: which missing or weak cells of a country would narrow its interval if known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from .._util.display import Shown, table_of
from .._util.frozen import Frozen
from ..data.countries import country_table
from ..data.dataset import Data
from ..errors import DataError, FrameworkError, NotScorableError, UnknownNameError, did_you_mean
from ..framework.definition import Framework
from ..montecarlo import Design, compile_design
from ._voi_case import Case, Drawn

__all__ = ["DEFAULT_ERRORS", "ValueOfInformation", "value_of_information"]


DEFAULT_ERRORS: Mapping[str, Any] = {
    "*.missing": {"method": "peers", "by": "income"},
    "*.data": {
        "method": "confidence",
        "high": 0.025,
        "medium": 0.075,
        "low": 0.15,
        "unstated": 0.075,
        "of": "range",
    },
}
"""What is not known of cells unless said otherwise: missing ones take a value of their income group's,
others err by half widths of 2.5, 7.5 and 15 % of the indicator's range by confidence."""


@dataclass(frozen=True, eq=False, repr=False)
class ValueOfInformation(Frozen, Shown):
    """Cells of one country by how much knowing them would narrow its rank and score intervals.

    Attributes
    ----------
    unit : str
        The country (and year).
    level : float
        Of the intervals.
    widths : dict
        For each headline score: the width of the score and of the rank interval now.
    scored : dict
        Whether the country has the score at all now; if not, figures are those of the score it would
        have with every cell drawn.

    Examples
    --------
    >>> from dsr_risk import load_data, load_framework, value_of_information
    >>> found = value_of_information(load_framework(), load_data(), "Benin", draws=64, points=4)
    >>> found.table().shape[0] > 0
    True
    """

    unit: str
    level: float
    draws: int
    seed: int
    widths: dict[str, tuple[float, float]]
    scored: dict[str, bool]
    _rows: pd.DataFrame

    def table(self, score: str | None = None) -> pd.DataFrame:
        """One row a cell, the most useful first.

        ``status`` missing, censored or observed; ``rank_narrowing`` and ``score_narrowing``: by how much
        the interval would narrow on average if the cell were known, in places and points (below 0 by
        sampling, or where ranks lie closer for other values of the cell), down to ``rank_width`` and
        ``score_width``; ``share`` of the score's variance that would go (0-1); ``coverage_gain`` by a
        missing cell; ``note`` where there is no figure.
        """
        rows = self._rows
        if score is not None:
            if score not in self.widths:
                raise UnknownNameError(
                    f"no score `{score}` here; {did_you_mean(score, self.widths)}"
                )
            rows = rows[rows["score"] == score]
        return rows.reset_index(drop=True)

    def _shown(self) -> tuple[str, pd.DataFrame]:
        lines = [
            f"What knowing one more cell would do for {self.unit} ({self.level:.0%} intervals)"
        ]
        lines += [
            f"  {name}: interval of {points:.1f} points and {places:.0f} places now"
            + ("" if self.scored[name] else " (not scored yet: too little is observed)")
            for name, (points, places) in self.widths.items()
        ]
        return "\n".join(lines), table_of(self.table().drop(columns="confidence"))


def value_of_information(
    framework: Framework,
    data: Data | pd.DataFrame,
    country: str,
    *,
    score: str | None = None,
    factors: Mapping[str, Any] | None = None,
    draws: int = 512,
    points: int = 16,
    level: float = 0.9,
    seed: int = 0,
    year: int | None = None,
) -> ValueOfInformation:
    """Rank the missing and weak cells of a country by how much knowing them would narrow its intervals.

    Parameters
    ----------
    framework, data
        What is scored; data a Data or a frame.
    country
        A name or code.
    score
        One headline score; all of them if None.
    factors
        What is not known of cells: factors of data and of missing cells only; ``DEFAULT_ERRORS`` if
        None.
    draws
        Draws of all uncertain cells, of this country and the others.
    points
        Values that each cell is set to in turn, one in every equally likely part of what it may be.
    level
        Of the intervals between equal tails (0-1).
    seed
        0 is a seed.
    year
        The year of a panel, the latest by default.

    Raises
    ------
    UnknownNameError
        For a country, year or score that is not there.
    FrameworkError
        For factors that do not concern cells, or break a rule.
    NotScorableError
        If the country cannot have a score even with every cell known (it is the focal state, or nothing
        applies to it).

    Notes
    -----
    The expected width once a cell is known is the mean, over its possible values, of the width with the
    cell held there and all else drawn. Weights and methods stay as written. Cells are taken as
    independent of each other, and the scale as fixed. An unscored country ranks among the scored ones
    of its basis.

    References
    ----------
    Howard, R. A. (1966), IEEE Trans. Syst. Sci. Cybern. 2(1), 22-26; Oakley, J. E. (2009), Technometrics
    51(2), 121-129 (partial perfect information, an expectation within an expectation).

    Examples
    --------
    >>> from dsr_risk import load_data, load_framework
    >>> found = value_of_information(load_framework(), load_data(), "Pakistan", score="dependency")
    >>> best = found.table().iloc[0]
    >>> bool(best["rank_narrowing"] > 0 and best["score_width"] < found.widths["dependency"][0])
    True
    """
    _check(draws, points, level, seed)
    design = compile_design(framework, data, DEFAULT_ERRORS if factors is None else factors)
    wrong = [name for name in design.names if name not in design.streams]
    if wrong or not design.names:
        raise FrameworkError(
            f"value of information is about cells: `{wrong[0]}` is not a factor of data or missing cells"
            if wrong
            else "value of information needs factors that say what is not known of cells; none was given"
        )
    if score is not None and score not in design.heads:
        raise UnknownNameError(f"no headline score `{score}`; {did_you_mean(score, design.heads)}")
    heads = design.heads if score is None else (score,)
    unit = design.data.row_of(country, year)
    drawn = Drawn.of(design, unit, draws, seed)
    pieces, widths, scored = [], {}, {}
    for head in heads:
        place = design.nominal.tree.index[head]
        if not drawn.present[place]:
            continue
        found = Case(design, drawn, head, points, level)
        widths[head] = found.now
        scored[head] = bool(design.nominal.scorable.has_value[unit, place])
        pieces.append(found.rows())
    if not pieces:
        raise NotScorableError(_why_not(design, unit, heads))
    name = country_table()["name"].get(design.data.iso3[unit], design.data.iso3[unit])
    if design.data.is_panel:
        name = f"{name} {design.data.units[unit][1]}"
    return ValueOfInformation(
        str(name), level, draws, seed, widths, scored, pd.concat(pieces, ignore_index=True)
    )


def _check(draws: Any, points: Any, level: Any, seed: Any) -> None:
    for name, value, least in (("draws", draws, 20), ("points", points, 2), ("seed", seed, 0)):
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
            raise DataError(f"{name}: expected a whole number from {least}, received {value!r}")
    if isinstance(level, bool) or not isinstance(level, int | float) or not 0 < level < 1:
        raise DataError(f"level: expected a number between 0 and 1, received {level!r}")


def _why_not(design: Design, unit: int, heads: tuple[str, ...]) -> str:
    iso3 = design.data.iso3[unit]
    if design.nominal.focal[unit]:
        return f"{iso3} is the focal origin {design.framework.focal} or part of it, which is not scored"
    return (
        f"{iso3} has no {' or '.join(heads)} even with every cell drawn: nothing applies to it, or no "
        "peer has a value to draw from"
    )
