"""Scores: every node's value for every country, with coverage, bounds, ranks and contributions."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .._util.arguments import typed
from .._util.checks import headline_name
from .._util.display import Shown
from .._util.faces import output, pages, plots
from .._util.frozen import Frozen, held
from .._util.renamed import Renamed
from .._util.types import Array, Index, Mask
from ..data.dataset import Data
from ..data.units import rows_kept
from ..framework.definition import Framework
from .contributions import contributions_of
from .decomposition import Decomposition, decompose
from .expectation import equivalent
from .hard_bounds import bounds_of, reliability_of
from .headline import Headline, observed_scores
from .missing import Sampler
from .pipeline import Pipeline
from .printed import printed_nodes
from .state import State
from .table import Level, nodes_of, printed_caption, printed_table, table_of_scores

if TYPE_CHECKING:
    from .model import Model

__all__ = ["Level", "Scores"]


@typed
@dataclass(frozen=True, eq=False, repr=False)
class Scores(Frozen, Renamed, Shown):
    """The scores of some data under a model, with everything they were computed from.

    Frames are handed out as copies, indexed like the data by ``iso3`` or ``(iso3, year)``. Higher is
    more risk; rank 1 is most risk. A headline score is NaN where too little is observed or the country
    is the focal state itself; `reason` says which.

    Examples
    --------
    >>> import pandas as pd
    >>> from dsr_risk import score
    >>> table = pd.DataFrame({"iso3": ["KEN", "PAK", "LAO"], "debt": [10, 30, 50], "gci": [80, 60, 20]})
    >>> scores = score({"name": "own", "scores": [{"name": "risk", "children": [
    ...     {"name": "debt", "higher_is": "riskier"}, {"name": "gci", "higher_is": "safer"}]}]}, table)
    >>> scores.table()["risk"].round(2).to_dict(), scores.contributions().loc["PAK"].round(2).to_dict()
    ({'LAO': 100.0, 'PAK': 41.67, 'KEN': 0.0}, {'debt': 25.0, 'gci': 16.67})
    >>> scores.select(countries="Laos").rank["risk"].tolist(), scores.citation()[:3]
    ([1.0], 'own')
    """

    framework: Framework
    data: Data
    model: Model
    notes: tuple[str, ...]
    reference: str
    _state: State
    _whole: tuple[Scores, Index] | None = None

    _renamed: ClassVar[Mapping[str, str | None]] = {
        "low": "minimum",
        "high": "maximum",
        "filled": "estimated",
        "seen": "coverage",
        "weights": "model.weights",
        **dict.fromkeys(
            (
                "tree",
                "prepared",
                "estimates",
                "cells",
                "scorable",
                "focal",
                "bounds",
                "values_array",
                "filled_array",
                "treated_array",
                "normalised_array",
                "evaluated_array",
                "raw_array",
                "denominated_array",
                "imputed_array",
                "standing",
                "headline",
                "nodes",
                "decomposition",
            )
        ),
    }

    # -- frames ---------------------------------------------------------------------------------

    def _frame(
        self, array: NDArray[Any], columns: Iterable[str], *, copy: bool = True
    ) -> pd.DataFrame:
        """Return an array as a frame; without `copy` the frame shares its memory."""
        # Without the type pandas would make texts a column of its own kind, in which None is NaN.
        kind = object if array.dtype == object else None
        # A user may set the name of the columns of one frame: the index is not shared.
        names = columns.copy() if isinstance(columns, pd.Index) else list(columns)
        values = np.array(array) if copy else array
        return pd.DataFrame(values, self.data.units, names, dtype=kind, copy=False)

    @property
    def names(self) -> tuple[str, ...]:
        """The headline scores."""
        return tuple(score.name for score in self.framework.scores)

    @property
    def raw(self) -> pd.DataFrame:
        """Raw values as in the data, units by indicators."""
        return self._frame(self._state.cells.raw, self._indicator_names)

    @property
    def denominated(self) -> pd.DataFrame:
        """Raw values divided by their denominator where they have one, units by indicators."""
        return self._frame(self._state.cells.denominated, self._indicator_names)

    @property
    def estimated(self) -> pd.DataFrame:
        """Denominated values with the estimates of missing cells, units by indicators.

        An estimate is the value that an observation would need to leave the score as it is.
        """
        return self._frame(self._equivalent, self._indicator_names)

    @property
    def imputed(self) -> pd.DataFrame:
        """True for values that are estimated, here or before they came here; units by indicators."""
        return self._frame(self._state.cells.estimated, self._indicator_names)

    @property
    def treated(self) -> pd.DataFrame:
        """Values after treatment, units by indicators."""
        return self._frame(self._state.treated, self._indicator_names)

    @property
    def treatment(self) -> pd.DataFrame:
        """The effect of treatment on every indicator of these units, indexed by indicator.

        ``method``, ``stage`` (``none`` where nothing was done), ``points`` (the units whose value was
        changed), and skewness and kurtosis before and after where the method looks at them.
        """
        rows: dict[int, dict[str, Any]] = {}
        for step in self.model._steps:
            details = step.treatment.details(self._state.filled[:, step.indices], step.treated)
            for column, row in zip(step.indices, details, strict=True):
                points = [self.data.units[row_number] for row_number in row["points"]]
                rows[int(column)] = {"method": step.treatment.name, **row, "points": points}
        index = pd.Index(self._indicator_names, name="indicator")
        return pd.DataFrame([rows[row] for row in range(len(index))], index=index)

    @property
    def normalised(self) -> pd.DataFrame:
        """Values on the framework's scale, units by indicators."""
        return self._frame(self._state.normalised, self._indicator_names)

    @property
    def values(self) -> pd.DataFrame:
        """The value of every node that is printed, units by nodes, parents before children."""
        return self._by_node(self._values)

    @property
    def evaluated(self) -> pd.DataFrame:
        """The value of every node, printed or not, units by nodes, parents before children."""
        return self._by_node(self._state.evaluated)

    @property
    def coverage(self) -> pd.DataFrame:
        """Share of the applicable weight below every node that is observed (0-1).

        A censored cell counts in proportion to what its bounds exclude, an estimated cell does not.
        """
        return self._by_node(self._state.scorable.coverage)

    @property
    def observed(self) -> pd.DataFrame:
        """Headline scores of observed cells only, the weight of others shared among their siblings."""
        return self._frame(self._as_observed, self.names)

    @property
    def reliability(self) -> pd.DataFrame:
        """Coverage with every cell counted by its confidence: high 1, medium 2/3, low 1/3 (0-1).

        An estimated cell counts 0, or as low where the framework counts it as observed.
        """
        return self._by_node(self._reliability)

    @property
    def minimum(self) -> pd.DataFrame:
        """Hard lower bound of every node: what is not observed at its best possible value.

        NaN where there is none: something unknown is normalised without bounds (z scores), or
        aggregated by a method in which a higher value may lower the result.
        """
        return self._by_node(self._hard[0])

    @property
    def maximum(self) -> pd.DataFrame:
        """Hard upper bound of every node: what is not observed at its worst possible value."""
        return self._by_node(self._hard[1])

    @property
    def rank(self) -> pd.DataFrame:
        """Rank of every headline score within its year and basis; 1 is most risk."""
        return self._by_headline(lambda headline: headline.rank())

    @property
    def band(self) -> pd.DataFrame:
        """The risk band of every headline score, None where there is no score."""
        return self._by_headline(lambda headline: headline.band)

    @property
    def basis(self) -> pd.DataFrame:
        """For every headline score: full, partial (some indicators do not apply), or None."""
        return self._by_headline(lambda headline: headline.basis)

    @property
    def grade(self) -> pd.DataFrame:
        """The coverage grade of every headline score.

        n/a where there is no score, or its coverage is below every grade.
        """
        return self._by_headline(lambda headline: headline.grade)

    @property
    def reason(self) -> pd.DataFrame:
        """The reason why there is no headline score, empty where there is one."""
        return self._by_headline(lambda headline: headline.reason)

    # -- tables ---------------------------------------------------------------------------------

    def table(self, level: Level = "score", *, details: bool = False) -> pd.DataFrame:
        """Return the score table: most risk first on the first headline, unscored countries last.

        The columns are those to publish: ``country``, for every headline score its value, ``_rank`` and
        ``_band``, and ``grade`` (the coverage grade of every headline, once where all have the same).

        Parameters
        ----------
        level
            ``score``: nothing more. ``pillar``, ``indicator``: the values of every pillar (child of a
            headline) or indicator. ``all``: those of every node. With these levels ``estimated_indicators``
            names the indicators whose value was estimated, empty where none was.
        details
            Add the other columns. For every headline: ``<score>_min`` and ``<score>_max`` (hard bounds),
            ``<score>_observed`` (the score of observed cells only), ``<score>_estimated_share`` (share of the
            weight that is estimated), ``_coverage``, ``_grade``, ``_basis``, ``_reliability``,
            ``_rank_region``, ``_rank_income`` and ``_reason`` (why there is no score). For the country: mean
            coverage, counts of indicators, region, income group, and the years and sources of its cells.

        Returns
        -------
        DataFrame
            Indexed ``iso3`` (or ``iso3, year``); one row for every unit of the data.
        """
        return table_of_scores(self, level, details=details)

    def _nodes(self, level: Level) -> tuple[str, ...]:
        """Return the nodes that a level of the table shows beside the headline scores."""
        return nodes_of(self, level)

    # -- explanation ----------------------------------------------------------------------------

    def contributions(
        self,
        score: str | None = None,
        *,
        level: Literal["part", "indicator", "pillar", "all"] = "indicator",
    ) -> pd.DataFrame:
        """Return the points of every indicator against the floor of the scale; rows sum to the score exactly.

        On a scale that starts above 0 (1-100) they sum to the score less that start.

        An indicator without a value plays no part: its cell is NaN and its weight is shared. A group
        whose aggregation has no exact split is one term: it has a column of its own, and the indicators
        below it are NaN (``notes`` says which). With ``level="pillar"`` the children of the headline,
        with ``level="all"`` every node below it. With ``level="part"`` the points of a derived indicator are
        split to its parts in columns ``indicator.part``, by the Shapley value of the operation from parts at 0
        (``Derived.split``); they stay with the indicator where parts at 0 do not put it at the floor of its
        scale, and where it has no distance from there. ``attrs["estimated"]`` names by unit the indicators whose
        value is estimated, as ``iso3`` or ``iso3 year``.

        Parameters
        ----------
        score
            A headline score, the first one if None.
        level
            ``indicator``, ``pillar`` (children of the headline), ``all`` (every node below it) or
            ``part`` (derived indicators split to their parts).

        Returns
        -------
        DataFrame
            Indexed like the scores, points of the scale;
            ``attrs["estimated"]`` marks the cells that are estimated.

        Raises
        ------
        UnknownNameError
            For a headline score the framework does not have.
        """
        return contributions_of(self, self._named(score), level)

    def _decomposition(self, score: str) -> Decomposition:
        """Return the decomposition of a headline score against the floor, as arrays."""
        headline = self._node_index(self._named(score))
        printed = ~np.isnan(self._values[:, [headline]])
        values = np.where(printed, self._state.evaluated, np.nan)
        floor = np.where(np.isnan(values), np.nan, self._state.tree.scale[0])
        return decompose(self._state.tree, headline, self._state.weights, values, floor)

    def _named(self, score: str | None = None) -> str:
        """Return the headline score of that name, the first if None.

        Raises
        ------
        UnknownNameError
            If the framework does not have it.
        """
        return headline_name(score, self.names)

    # -- selection ------------------------------------------------------------------------------

    def select(
        self,
        *,
        year: int | None = None,
        countries: str | int | Iterable[str | int] | None = None,
        region: str | Iterable[str] | None = None,
        income: str | Iterable[str] | None = None,
    ) -> Scores:
        """Return the scores of one year, or of some countries, regions or income groups.

        Countries are names or codes; every year or unit if None. Numbers, ranks and marks stay as they are: a
        rank is that among all countries that were scored.

        Parameters
        ----------
        year
            A year of a panel; every year if None.
        countries
            One name, code or group (EU, ASEAN, BRI, a region), or several; every unit if None.
        region, income
            One region or income group, or several; all if None.

        Returns
        -------
        Scores
            The units that meet all conditions.

        Raises
        ------
        UnknownNameError
            For a year, country, region or income group that the scores do not have.

        Examples
        --------
        >>> from dsr_risk import score
        >>> score().select(region="Africa", income="Low income").table()["dependency_rank"].head(2).tolist()
        [5, 7]
        """
        data = self.data.select(year=year, countries=countries, region=region, income=income)
        keep = rows_kept(self.data, data)
        every, rows = self._whole or (self, np.arange(len(self.data)))
        return dataclasses.replace(
            self, data=data, _state=self._state.rows(keep, data), _whole=(every, rows[keep])
        )

    @property
    def _everyone(self) -> Scores:
        """All that a selection of one year was scored with; the scores themselves if they are no selection."""
        if self._whole is None:
            return self
        every, _ = self._whole
        return every.select(year=self.data.years[-1]) if every.data.is_panel else every

    def _with_rows(self, rows: Index, other: Scores, data: Data) -> Scores:
        """Return these scores with the units at `rows` replaced by those of `other`, one a row, in order.

        `data` are the data of the result. Every other unit keeps its numbers. A selection is ranked among
        all that were scored with it, with the new numbers.
        """
        within = self._whole
        if within is not None:
            every, rows_of_all = within
            within = (every._with_rows(rows_of_all[rows], other, every.data), rows_of_all)
        return dataclasses.replace(
            self,
            data=data,
            _state=self._state.with_rows(rows, other._state, data),
            _whole=within,
        )

    # -- arrays behind the frames ---------------------------------------------------------------

    def _node_index(self, name: str) -> int:
        return self._state.tree.index[name]

    @property
    def _indicator_names(self) -> tuple[str, ...]:
        return self._state.tree.names[: self._state.tree.n_indicators]

    def _by_node(self, array: Array) -> pd.DataFrame:
        order, names = self.model._written
        # By rows of the transposed array, as frames hold their columns.
        return self._frame(array.T[order].T, names, copy=False)

    def _by_headline(self, part: Callable[[Headline], NDArray[Any]]) -> pd.DataFrame:
        return self._frame(
            np.column_stack([part(self._headline(name)) for name in self.names]), self.names
        )

    @cached_property
    def _headlines(self) -> dict[str, Headline]:
        return {name: Headline(name, self) for name in self.names}

    def _headline(self, score: str | None = None) -> Headline:
        """Return a headline score as arrays: value, rank, basis, band, grade, reason."""
        return self._headlines[self._named(score)]

    @cached_property
    def _values(self) -> Array:
        """(n, N) the value of every node, NaN where it is not printed."""
        return held(np.where(self._printed, self._state.evaluated, np.nan))

    @cached_property
    def _printed(self) -> Mask:
        """(n, N) nodes that are printed: enough is observed, or the hard bounds are narrow enough."""
        return printed_nodes(self)

    @cached_property
    def _as_observed(self) -> Array:
        """(n, H) headline scores of observed and censored cells only, where they are printed."""
        return observed_scores(self)

    @cached_property
    def _pipeline(self) -> Pipeline:
        """The steps from the columns of these units to indicators on the scale."""
        return self.model._pipeline_of(self.data)

    @cached_property
    def _sampler(self) -> Sampler:
        """The sampler of the estimated cells, made once for any number of analyses."""
        return Sampler(self._state.prepared, self.model._imputations)

    def _transform(self, raw: Array, rows: Index | None = None) -> tuple[Array, Array]:
        """Return treated and normalised indicators of raw ones (..., units, L), of the units at `rows` or all."""
        pipeline = self._pipeline if rows is None else self._pipeline.rows(rows)
        return pipeline.transform(raw)

    @cached_property
    def _equivalent(self) -> Array:
        """Filled values, estimates being those whose value on the scale is the expected one."""
        return equivalent(
            self._pipeline, self._state.estimates, self._state.filled, self._state.normalised
        )

    @property
    def _focal(self) -> Mask:
        """(n,) units that are the focal state itself or part of it."""
        return self._state.prepared.focal

    @property
    def _imputed(self) -> Mask | None:
        """(n, L) values that are estimated, None where none is."""
        return self._state.cells.estimated if self._state.cells.estimated.any() else None

    @property
    def _bounds(self) -> tuple[Array, Array] | None:
        """(n, L) bounds on the scale of what is not observed, None where nothing has any."""
        if np.isnan(self._state.cells.low).all() and np.isnan(self._state.cells.high).all():
            return None
        return self._state.cells.low, self._state.cells.high

    @cached_property
    def _hard(self) -> tuple[Array, Array]:
        return bounds_of(self)

    @cached_property
    def _reliability(self) -> Array:
        return reliability_of(self)

    def plot(self, **options: Any) -> Any:
        """Draw the ranking with its bands; return the matplotlib Axes (extra `plots`).

        Parameters
        ----------
        options
            Keyword arguments of ``plots.ranking``: `score`, `top`, `countries`, `ax`.

        Returns
        -------
        matplotlib.axes.Axes
            What was drawn on.

        Raises
        ------
        MissingExtraError
            Without matplotlib (extra `plots`).
        """
        return plots().ranking(self, **options)

    def citation(self, form: str = "text") -> str:
        """Return how to cite the scores as ``text``, ``bibtex`` or ``sources`` (those of the cells).

        Parameters
        ----------
        form
            ``text``, ``bibtex`` or ``sources``.

        Returns
        -------
        str
            The citation, one or several lines.

        Raises
        ------
        UnknownNameError
            For another form.
        """
        return str(output().citation(self, form=form))

    def explore(self) -> Any:
        """Return the report page as a widget of a notebook (extra `notebook`).

        Weights, goalposts and aggregation can be moved in it; its `framework` is the moved one.

        Raises
        ------
        MissingExtraError
            Without anywidget.
        """
        return pages().explore(self)

    def _shown(self) -> tuple[str, pd.DataFrame]:
        return printed_caption(self), printed_table(self)
