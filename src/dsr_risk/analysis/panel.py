"""Panels: data as of a year, scores replayed without look-ahead, and trends."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import scipy
from numpy.typing import NDArray

from .._util.arguments import typed
from .._util.checks import between, names_in, whole_number
from .._util.display import Shown, table_of
from .._util.faces import plots
from .._util.frozen import Frozen
from .._util.renamed import renamed
from .._util.types import Array
from ..data.assemble import assemble
from ..data.dataset import CONFIDENCE, Data
from ..data.reading import Asked
from ..data.selection import kept
from ..errors import DataError, DsrRiskError, Problems, UnknownNameError
from ..scoring import fitting
from ..scoring.model import Model
from ..scoring.scores import Scores
from ..scoring.verbs import Source, Spec, as_inputs, as_scores, as_source

__all__ = ["Replay", "data_as_of", "replay", "trends"]


@typed
def data_as_of(data: Source, year: int) -> Data:
    """Return the data that were available by the end of a year, without anything later.

    Parameters
    ----------
    data
        A panel, or a snapshot whose cells have years of their own: Data, a DataFrame or a path.
    year
        The last year that counts.

    Returns
    -------
    Data
        A panel keeps its units up to `year`; a snapshot becomes the edition `year`, each cell the value
        chosen if it is old enough, and else the newest older one kept as a conflict (ties: highest
        confidence). Cells whose own year is later are dropped, also from the conflicts.

    Raises
    ------
    DataError
        If there is no year to judge by, or nothing is old enough; undated cells are listed.

    Notes
    -----
    Values are those of the data as they stand: a publisher's later *revision* of an old year is in them,
    unless the older vintage was kept. For real-time vintages see Croushore and Stark (2001), Journal of
    Econometrics 105(1), 111-130.

    Examples
    --------
    >>> panel = pd.DataFrame({"iso3": ["KEN", "KEN"], "year": [2019, 2021], "gci": [50.0, 70.0]})
    >>> data_as_of(panel, 2020).years
    (2019,)
    """
    data = as_source(data)
    year = whole_number("year", year, least=1)
    if not data.years and data.evidence.empty:
        raise DataError(
            f"{data.origin}: the data have no year, so it is unknown which values were available in {year}; "
            "add a `year` column"
        )
    if not data.is_panel and not data.evidence.empty:
        return _snapshot_as_of(data, year)
    if min(data.years) > year:
        raise DataError(
            f"{data.origin}: no value is from {year} or earlier; the first year is {min(data.years)}"
        )
    if not data.is_panel:
        return data
    keep = np.asarray(data.units.get_level_values(1) <= year)
    return kept(data, keep, data.units, None)


def _snapshot_as_of(data: Data, year: int) -> Data:
    """Choose every cell again from the values and conflicts that are from `year` or earlier."""
    parts = [data.evidence.assign(chosen=1), data.conflicts.assign(chosen=0)]
    cells = pd.concat([part for part in parts if not part.empty], ignore_index=True)
    cells["year"] = cells.get("year", np.nan)
    problems = Problems(f"{data.origin}, as of {year}")
    undated = cells.loc[cells["year"].isna(), ["iso3", "indicator"]]
    problems.extend(
        f"{iso3}, `{name}`: the year is empty, so it is unknown when the value was published; add the year"
        for iso3, name in undated.itertuples(index=False)
    )
    problems.raise_as(DataError)
    available = cells[cells["year"] <= year]
    if available.empty:
        raise DataError(
            f"{data.origin}: no value is from {year} or earlier; the first year is "
            f"{int(cells['year'].min())}"
        )
    grade = (
        available["confidence"].map(CONFIDENCE).fillna(-1) if "confidence" in available else -1.0
    )
    ranked = available.assign(_grade=grade).sort_values(
        ["chosen", "year", "_grade"], ascending=False, kind="stable"
    )
    ranked["chosen"] = (~ranked.duplicated(["iso3", "indicator"])).astype(int)
    fresh = ranked.sort_index().drop(columns=["_grade", "unit_year"])
    asked = Asked(edition=year)
    if data.kind != "country":
        asked = Asked(edition=year, units="iso3")
    return assemble(fresh, asked=asked, origin=data.origin)


@typed
@dataclass(frozen=True, eq=False, repr=False)
class Replay(Frozen, Shown):
    """Scores of each year from the data available by then, and on the scale of the last year.

    Attributes
    ----------
    models, scores : dict
        By year: the model fitted on the data available by then, and the scores of that year on it.
    hindsight : dict
        By year: the scores of the same data on the last year's model, one scale for all years.

    Examples
    --------
    >>> import pandas as pd
    >>> from dsr_risk import Framework, as_data, replay
    >>> fw = Framework(name="f", scores=[{"name": "risk", "children": [
    ...     {"name": "debt", "higher_is": "riskier"}]}])
    >>> panel = as_data(pd.DataFrame({"iso3": ["KEN", "PAK"] * 2, "year": [2019, 2019, 2020, 2020],
    ...                               "debt": [10.0, 30.0, 20.0, 60.0]}))
    >>> replay(fw, panel).table().shape[0]
    4
    """

    models: dict[int, Model]
    scores: dict[int, Scores]
    hindsight: dict[int, Scores]

    def table(self) -> pd.DataFrame:
        """Return one row a country and year: each headline score and rank then, and with hindsight.

        ``<score>_revision`` is the hindsight score minus the score then: the part that the change of
        scale explains.

        Examples
        --------
        >>> import pandas as pd
        >>> from dsr_risk import replay
        >>> panel = pd.DataFrame({"iso3": ["KEN", "PAK"] * 2, "year": [2019, 2019, 2020, 2020],
        ...                       "debt": [10, 30, 20, 60]})
        >>> result = replay({"name": "own", "scores": [{"name": "risk", "children": [
        ...     {"name": "debt", "higher_is": "riskier"}]}]}, panel)
        >>> result.table().loc[("PAK", 2019), ["risk", "risk_hindsight", "risk_revision"]].tolist()
        [100.0, 40.0, -60.0]
        """
        parts = []
        for year, then in self.scores.items():
            columns: dict[str, object] = {}
            now = self.hindsight[year]
            for name in then.names:
                a, b = then.values[name].to_numpy(), now.values[name].to_numpy()
                columns |= {
                    name: a,
                    f"{name}_rank": then.rank[name].astype("Int64").array,
                    f"{name}_hindsight": b,
                    f"{name}_rank_hindsight": now.rank[name].astype("Int64").array,
                    f"{name}_revision": b - a,
                }
            index = pd.MultiIndex.from_product(
                [then.data.iso3, [year]], names=[then.data.unit_name, "year"]
            )
            parts.append(pd.DataFrame(columns, index=index))
        return pd.concat(parts)

    def plot(self, **options: Any) -> Any:
        """Draw scores then and with hindsight; return the matplotlib Axes (extra `plots`).

        Parameters
        ----------
        options
            Keyword arguments of ``plots.hindsight``: `countries`, `score`, `ax`.

        Returns
        -------
        matplotlib.axes.Axes
            What was drawn on.
        """
        return plots().hindsight(self, **options)

    @property
    def notes(self) -> tuple[str, ...]:
        """The notes on the scores of every year, with the year."""
        return tuple(
            f"{year}: {note}" for year, scores in self.scores.items() for note in scores.notes
        )

    def _shown(self) -> tuple[str, pd.DataFrame]:
        years = list(self.scores)
        caption = f"Replay of {len(years)} years, {years[0]} to {years[-1]}, without look-ahead"
        return caption, table_of(self.table())


@typed
def replay(
    framework: Scores | Spec | None = None,
    data: Source | None = None,
    *,
    years: int | Iterable[int] | None = None,
) -> Replay:
    """Fit and score each year anew with only the data available by it.

    Parameters
    ----------
    framework, data
        As for ``score``; or Scores, whose framework and raw data are used. The data are a panel, or a
        snapshot whose cells have years of their own.
    years
        The years to replay, all years of the data by default.

    Returns
    -------
    Replay
        For every year its own model and scores, and the scores on the last year's model.

    Raises
    ------
    UnknownNameError
        If `years` is empty.
    DataError, NotScorableError
        If a year cannot be fitted, with the year named: an indicator that did not exist yet is empty.

    Notes
    -----
    Every step (imputation, treatment, normalisation, learned weights) is learned again from
    ``data_as_of(data, year)``, so a year's scores cannot depend on later data. Pooled over all years, as
    ``fit`` does by default, a new year moves every earlier score instead.

    Examples
    --------
    >>> from dsr_risk import Framework
    >>> fw = Framework(scores=[{"name": "risk", "children": [{"name": "debt", "higher_is": "riskier"}]}])
    >>> frame = pd.DataFrame({"iso3": ["KEN", "PAK"] * 2, "year": [2019, 2019, 2020, 2020],
    ...                       "debt": [10.0, 20, 15, 40]})
    >>> replay(fw, frame).table()[["risk", "risk_hindsight"]].round(1).values.tolist()
    [[0.0, 0.0], [100.0, 33.3], [16.7, 16.7], [100.0, 100.0]]
    """
    framework, data = as_inputs(framework, data)
    chosen = _own_years(data) if years is None else names_in("years", years)
    chosen = sorted({whole_number("years", year, least=1) for year in chosen})
    if not chosen:
        raise UnknownNameError(f"no year to replay; {data.origin} holds {_span(_own_years(data))}")
    models, scores, parts = {}, {}, {}
    for year in chosen:
        try:
            parts[year] = data_as_of(data, year)
            models[year] = fitting.fit(framework, parts[year])
        except DsrRiskError as error:
            if years is None and not data.is_panel:
                raise DataError(
                    f"{data.origin}: a snapshot, not a panel, and its values of {year} and before "
                    "cannot be scored: "
                    "replay needs a table with `year`, or the years to replay, as in "
                    f"replay(scores, years={_own_years(data)[-1]})"
                ) from None
            raise type(error)(f"as of {year}: {error.message}", error.problems) from None
        # All earlier years are scored too, because imputation may use them.
        scores[year] = _latest(models[year].score(parts[year]), year)
    last = models[chosen[-1]]
    hindsight = {year: _latest(last.score(parts[year]), year) for year in chosen}
    return Replay(models, scores, hindsight)


def _latest(scores: Scores, year: int) -> Scores:
    return scores.select(year=year) if scores.data.is_panel else scores


def _own_years(data: Data) -> tuple[int, ...]:
    if data.is_panel or data.evidence.empty or "year" not in data.evidence:
        return data.years
    return tuple(sorted({int(year) for year in data.evidence["year"].dropna()}))


def _span(years: tuple[int, ...]) -> str:
    return f"{years[0]} to {years[-1]}" if years else "no year"


@renamed(alpha="confidence_level")
@typed
def trends(
    framework: Scores | Spec | Data | pd.DataFrame | None = None,
    data: Source | None = None,
    *,
    confidence_level: float = 0.90,
    per: float = 1.0,
) -> pd.DataFrame:
    """Compute growth and trend of every column of a panel, country by country.

    Parameters
    ----------
    framework, data
        Scores of a panel, or a framework and a panel as for ``score``: then every node has a trend, in
        points. A panel alone (Data or a DataFrame): then every column has a trend, in its own unit.
    confidence_level
        A slope is a trend if its two-sided test rejects a slope of 0 at this level (0-1).
    per
        The number of years that ``change`` is given for.

    Returns
    -------
    DataFrame
        Indexed ``iso3, name`` (``id, name`` for units that are no countries), one row a series with a value:
        ``n``, ``first_year``, ``last_year``, ``first``, ``last``; ``cagr`` (a share a year; NaN unless both
        ends are above 0); ``slope`` (units a year, ordinary least squares), ``std_error``, ``p_value``
        (two-sided t test, n - 2 degrees of freedom); ``change`` (percent per `per` years of the fitted first
        value; of the first value for fewer than 3 points; NaN where that is 0); ``trend``: rising, falling,
        none, or too short (fewer than 3 points).

    Raises
    ------
    DataError
        If there is only one year.

    Notes
    -----
    ``cagr = (y_last / y_first) ** (1 / (t_last - t_first)) - 1`` over the first and last values there
    are; ``change`` is ``prc_change`` of COINr (Becker et al. 2022). The t test takes the residuals as
    independent (Wooldridge 2020, Introductory Econometrics, chapter 2 and section 12.1): with short
    or autocorrelated series a small p-value says less than it seems.

    Examples
    --------
    >>> frame = pd.DataFrame({"iso3": "KEN", "year": range(2000, 2004), "debt": [100.0, 112, 121, 140]})
    >>> trends(frame)[["cagr", "slope", "change", "trend"]].round(4).values.tolist()
    [[0.1187, 12.9, 13.0435, 'rising']]
    """
    between("confidence_level", confidence_level, 0, 1)
    between("per", per, 0, MOST_YEARS)
    names, values, units = _series(framework, data)
    countries, where = np.unique(np.asarray(units.get_level_values(0), str), return_inverse=True)
    years, when = np.unique(np.asarray(units.get_level_values(1), int), return_inverse=True)
    cube = np.full((len(years), len(countries), len(names)), np.nan)
    cube[when, where] = values
    t = years.astype(float)[:, None, None]
    table = _ends(cube, years) | _regression(cube, t)
    start = table["level"] + table["slope"] * (table["first_year"] - table["middle"])
    with np.errstate(invalid="ignore", divide="ignore"):
        short = (table["last"] - table["first"]) / (table["last_year"] - table["first_year"])
        rate = np.where(table["n"] < 3, short / table["first"], table["slope"] / start)
    table["change"] = np.where(np.isfinite(rate), 100 * per * rate, np.nan)
    table["trend"] = np.where(table["slope"] > 0, "rising", "falling").astype(object)
    table["trend"][~(table["p_value"] < 1 - confidence_level)] = "none"
    table["trend"][table["n"] < 3] = "too short"
    index = pd.MultiIndex.from_product([countries, names], names=[units.names[0], "name"])
    frame = pd.DataFrame({name: table[name].ravel() for name in COLUMNS}, index=index)
    frame = frame[frame["n"] > 0]
    return frame.astype({"n": int, "first_year": int, "last_year": int})


MOST_YEARS = 1000
COLUMNS = (
    "n",
    "first_year",
    "last_year",
    "first",
    "last",
    "cagr",
    "slope",
    "std_error",
    "p_value",
    "change",
    "trend",
)


def _series(source: Any, panel: Source | None) -> tuple[list[str], Array, pd.MultiIndex]:
    if panel is None and isinstance(source, Data | pd.DataFrame):
        data = as_source(source)
        names, array = list(data.columns), data.values_array
    else:
        scores = as_scores(source, panel)
        data, names = scores.data, list(scores.values.columns)
        array = scores.values.to_numpy()
    if not isinstance(data.units, pd.MultiIndex):
        raise DataError(
            f"{data.origin}: a trend needs several years, received a snapshot of one year; expected a panel "
            "with `iso3`, `year` and values"
        )
    return names, array, data.units


def _ends(cube: Array, years: NDArray[np.int_]) -> dict[str, NDArray[Any]]:
    observed = ~np.isnan(cube)
    first, last = observed.argmax(axis=0), len(years) - 1 - observed[::-1].argmax(axis=0)
    rows, columns = np.indices(first.shape)
    a, b = cube[first, rows, columns], cube[last, rows, columns]
    span = years[last] - years[first]
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        growth = np.power(b / a, 1 / span) - 1
    return {
        "n": observed.sum(axis=0),
        "first_year": years[first],
        "last_year": years[last],
        "first": a,
        "last": b,
        "cagr": np.where((a > 0) & (b > 0) & (span > 0), growth, np.nan),
    }


def _regression(cube: Array, t: Array) -> dict[str, NDArray[Any]]:
    """Regress every series on the year by least squares, over the years with a value."""
    observed = ~np.isnan(cube)
    n = observed.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        middle = (t * observed).sum(axis=0) / n
        level = np.where(observed, cube, 0.0).sum(axis=0) / n
        dt = np.where(observed, t - middle, 0.0)
        dy = np.where(observed, cube - level, 0.0)
        spread = (dt * dt).sum(axis=0)
        slope = np.where(n > 1, (dt * dy).sum(axis=0) / spread, np.nan)
        rest = ((dy - slope * dt) ** 2).sum(axis=0)
        error = np.where(n > 2, np.sqrt(rest / np.maximum(n - 2, 1) / spread), np.nan)
        ratio = np.where(slope == 0, 0.0, np.abs(slope) / error)
        p_value = 2 * scipy.special.stdtr(np.maximum(n - 2, 1), -ratio)
    return {
        "slope": slope,
        "std_error": error,
        "p_value": np.where(n > 2, p_value, np.nan),
        "level": level,
        "middle": middle,
    }
