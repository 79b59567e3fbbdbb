"""Scores: every node's value for every country, with coverage, bounds, ranks and contributions."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .._util.display import Shown, span, table_of
from .._util.faces import plots
from .._util.frozen import Frozen
from .._util.types import Array, Mask
from ..data.dataset import Data
from ..errors import UnknownNameError, did_you_mean
from ..framework.definition import Framework, Group
from ._score_table import Level, headline_columns, nodes_of, table_of_scores
from .decomposition import Decomposition, decompose
from .hard_bounds import bounds_of, reliability_of
from .standing import Standing
from .tree import Scorable, Tree

if TYPE_CHECKING:
    from .model import Model

__all__ = ["Level", "Scores"]


@dataclass(frozen=True, eq=False, repr=False)
class Scores(Frozen, Shown):
    """What a model says of some data: nothing here is computed from anything but what it holds.

    Frames are handed out as copies, indexed like the data by ``iso3`` or ``(iso3, year)``. Higher is
    more risk; rank 1 is most risk. A headline score is NaN where too little is observed or the country
    is the focal state itself; `reason` says which.

    Examples
    --------
    >>> from dsr_risk import score
    >>> scores = score()
    >>> list(scores.table().columns[:4])
    ['country', 'dependency', 'dependency_rank', 'dependency_band']
    >>> bool(abs(scores.contributions("security").loc["PAK"].sum()
    ...      - scores.values.loc["PAK", "security"]) < 1e-9)
    True
    """

    framework: Framework
    tree: Tree
    weights: Array
    data: Data
    raw_array: Array
    denominated_array: Array
    filled_array: Array
    imputed_array: Mask | None
    treated_array: Array
    normalised_array: Array
    values_array: Array
    scorable: Scorable
    focal: Mask
    bounds: tuple[Array, Array] | None
    notes: tuple[str, ...]
    reference: str
    model: Model

    # -- frames ---------------------------------------------------------------------------------

    def _frame(self, array: NDArray[Any], columns: Iterable[str]) -> pd.DataFrame:
        return pd.DataFrame(np.array(array), index=self.data.units, columns=list(columns))

    @property
    def names(self) -> tuple[str, ...]:
        """The headline scores."""
        return tuple(score.name for score in self.framework.scores)

    @property
    def raw(self) -> pd.DataFrame:
        """Raw values as in the data, units by indicators."""
        return self._frame(self.raw_array, self._leaf_names)

    @property
    def denominated(self) -> pd.DataFrame:
        """Raw values divided by their denominator where they have one, units by indicators."""
        return self._frame(self.denominated_array, self._leaf_names)

    @property
    def filled(self) -> pd.DataFrame:
        """Denominated values with missing cells imputed, units by indicators."""
        return self._frame(self.filled_array, self._leaf_names)

    @property
    def imputed(self) -> pd.DataFrame:
        """True for values that were imputed, here or before they came here; units by indicators."""
        return self._frame(self._imputed, self._leaf_names)

    @property
    def treated(self) -> pd.DataFrame:
        """Values after treatment, units by indicators."""
        return self._frame(self.treated_array, self._leaf_names)

    @property
    def treatment(self) -> pd.DataFrame:
        """What treatment did to every indicator of these units, indexed by indicator.

        ``method``, ``stage`` (``none`` where nothing was done), ``points`` (the units whose value was
        changed), and skewness and kurtosis before and after where the method looks at them.
        """
        rows: dict[int, dict[str, Any]] = {}
        for step in self.model.steps:
            found = step.treatment.details(self.filled_array[:, step.places], step.treated)
            for place, row in zip(step.places, found, strict=True):
                points = [self.data.units[row_number] for row_number in row["points"]]
                rows[int(place)] = {"method": step.treatment.name, **row, "points": points}
        index = pd.Index(self._leaf_names, name="indicator")
        return pd.DataFrame([rows[place] for place in range(len(index))], index=index)

    @property
    def normalised(self) -> pd.DataFrame:
        """Values on the framework's scale, units by indicators."""
        return self._frame(self.normalised_array, self._leaf_names)

    @property
    def values(self) -> pd.DataFrame:
        """The value of every node, units by nodes, parents before children."""
        return self._by_node(self.values_array)

    @property
    def coverage(self) -> pd.DataFrame:
        """Share of the applicable weight below every node that is observed and reaches it (0-1).

        For a node without a value: the share that is observed below it.
        """
        return self._by_node(self.scorable.coverage)

    @property
    def seen(self) -> pd.DataFrame:
        """Share of the applicable weight that is observed at all, groups left out included (0-1)."""
        return self._by_node(self.scorable.seen)

    @property
    def reliability(self) -> pd.DataFrame:
        """Coverage with every cell counted by its confidence: high 1, medium 2/3, low 1/3 (0-1).

        An imputed cell counts 0, or as low where the framework counts it as observed.
        """
        return self._by_node(self._reliability)

    @property
    def low(self) -> pd.DataFrame:
        """Hard lower bound of every node: what is missing or imputed at its best possible value.

        NaN where there is none: something unknown is normalised without bounds (z scores), or
        aggregated by a method in which a higher value may lower the result.
        """
        return self._by_node(self._hard[0])

    @property
    def high(self) -> pd.DataFrame:
        """Hard upper bound of every node: what is missing or imputed at its worst possible value."""
        return self._by_node(self._hard[1])

    @property
    def rank(self) -> pd.DataFrame:
        """Rank of every headline score within its year and basis; 1 is most risk."""
        return self._by_headline(lambda one: one.rank())

    @property
    def band(self) -> pd.DataFrame:
        """The risk band of every headline score, None where there is no score."""
        return self._by_headline(lambda one: one.band)

    @property
    def basis(self) -> pd.DataFrame:
        """For every headline score: full, partial (some indicators do not apply), or None."""
        return self._by_headline(lambda one: one.basis)

    @property
    def grade(self) -> pd.DataFrame:
        """The coverage grade of every headline score.

        n/a where there is no score, or its coverage is below every grade.
        """
        return self._by_headline(lambda one: one.grade)

    @property
    def reason(self) -> pd.DataFrame:
        """Why there is no headline score, empty where there is one."""
        return self._by_headline(lambda one: one.reason)

    # -- tables ---------------------------------------------------------------------------------

    def table(self, level: Level = "score") -> pd.DataFrame:
        """The score table: most risk first on the first headline, unscored countries last.

        Parameters
        ----------
        level
            ``score``: headline scores with rank, band, coverage, grade, basis, hard bounds and sources.
            ``pillar``, ``indicator``: beside the headlines, the values of every pillar (child of a
            headline) or indicator. ``all``: of every node. Then ``imputed_indicators`` names those whose
            value was imputed, empty where none was.

        Returns
        -------
        DataFrame
            Indexed ``iso3`` (or ``iso3, year``); one row for every unit of the data.
        """
        return table_of_scores(self, level)

    def nodes(self, level: Level) -> tuple[str, ...]:
        """The nodes that a level of the table shows beside the headline scores."""
        return nodes_of(self, level)

    # -- explanation ----------------------------------------------------------------------------

    def contributions(
        self,
        score: str | None = None,
        *,
        level: Literal["indicator", "pillar", "all"] = "indicator",
    ) -> pd.DataFrame:
        """Points of every indicator against the floor of the scale; rows sum to the score exactly.

        On a scale that starts above 0 (1-100) they sum to the score less that start.

        An indicator without a value plays no part: its cell is NaN and its weight is shared. A group
        whose aggregation has no exact split is one term: it has a column of its own, and the indicators
        below it are NaN (``notes`` says which). With ``level="pillar"`` the children of the headline,
        with ``level="all"`` every node below it.

        Raises
        ------
        UnknownNameError
            For a headline score the framework does not have.
        """
        name = self.headline(score)
        split = self.decomposition(name)
        points = split.points
        inside = [
            node for node in self.framework.nodes if self.framework.score_of(node.name) == name
        ]
        if level == "indicator":
            whole = np.any(split.unsplit & ~np.isnan(points), axis=0)
            chosen = [
                node.name
                for node in inside
                if not isinstance(node, Group) or whole[self._place(node.name)]
            ]
            points = np.where(split.terms(self.tree.leaves), points, np.nan)
        elif level == "pillar":
            chosen = [node.name for node in inside if self.framework.depths[node.name] == 1]
        elif level == "all":
            chosen = [node.name for node in inside if node.name != name]
        else:
            raise UnknownNameError(
                f"no level `{level}`; {did_you_mean(str(level), ('indicator', 'pillar', 'all'))}"
            )
        return self._frame(points[:, [self._place(one) for one in chosen]], chosen)

    def decomposition(self, score: str) -> Decomposition:
        """The decomposition of a headline score against the floor, as arrays."""
        floor = np.where(np.isnan(self.values_array), np.nan, self.tree.scale[0])
        return decompose(
            self.tree, self._place(self.headline(score)), self.weights, self.values_array, floor
        )

    def headline(self, score: str | None = None) -> str:
        """The headline score of that name, the first if None.

        Raises
        ------
        UnknownNameError
            If the framework does not have it.
        """
        if score is None:
            return self.names[0]
        if score not in self.names:
            raise UnknownNameError(
                f"no headline score `{score}`; {did_you_mean(score, self.names)}"
            )
        return score

    # -- selection ------------------------------------------------------------------------------

    def select(self, *, year: int | None = None, countries: Iterable[str] | None = None) -> Scores:
        """The scores of one year, or of some countries; ranks are then among those.

        Raises
        ------
        UnknownNameError
            For a year or country that the scores do not have.
        """
        data = self.data.select(year=year, countries=countries)
        keep = self.data.rows_kept(data)
        return dataclasses.replace(
            self,
            data=data,
            raw_array=self.raw_array[keep],
            denominated_array=self.denominated_array[keep],
            filled_array=self.filled_array[keep],
            imputed_array=None if self.imputed_array is None else self.imputed_array[keep],
            treated_array=self.treated_array[keep],
            normalised_array=self.normalised_array[keep],
            values_array=self.values_array[keep],
            scorable=Scorable(
                *(getattr(self.scorable, part.name)[keep] for part in dataclasses.fields(Scorable))
            ),
            focal=self.focal[keep],
            bounds=None if self.bounds is None else (self.bounds[0][keep], self.bounds[1][keep]),
        )

    # -- arrays behind the frames ---------------------------------------------------------------

    @cached_property
    def _index(self) -> dict[str, int]:
        return self.tree.index

    def _place(self, name: str) -> int:
        return self._index[name]

    @property
    def _leaf_names(self) -> tuple[str, ...]:
        return self.tree.names[: self.tree.leaves]

    def _by_node(self, array: Array) -> pd.DataFrame:
        names = [node.name for node in self.framework.nodes]
        return self._frame(array[:, [self._place(name) for name in names]], names)

    def _by_headline(self, said: Callable[[Standing], NDArray[Any]]) -> pd.DataFrame:
        return self._frame(
            np.column_stack([said(self.standing(name)) for name in self.names]), self.names
        )

    @cached_property
    def _standings(self) -> dict[str, Standing]:
        return {
            name: Standing(
                name,
                self.framework,
                self.data,
                self.tree,
                self.weights,
                self.values_array,
                self.scorable,
                self.focal,
            )
            for name in self.names
        }

    def standing(self, score: str | None = None) -> Standing:
        """A headline score among the others, as arrays: rank, basis, band, grade, reason."""
        return self._standings[self.headline(score)]

    @cached_property
    def _imputed(self) -> Mask:
        if self.imputed_array is None:
            return np.zeros(self.normalised_array.shape, bool)
        return self.imputed_array

    @cached_property
    def _hard(self) -> tuple[Array, Array]:
        return bounds_of(self)

    @cached_property
    def _reliability(self) -> Array:
        return reliability_of(self)

    def plot(self, **options: Any) -> Any:
        """Draw the ranking with its bands; return the matplotlib Axes (extra `plots`)."""
        return plots().ranking(self, **options)

    def _shown(self) -> tuple[str, pd.DataFrame]:
        scored = {
            name: int((~np.isnan(self.values_array[:, self._place(name)])).sum())
            for name in self.names
        }
        counts = ", ".join(f"{name} {count}" for name, count in scored.items())
        caption = (
            f"{self.framework.title or self.framework.name}\n"
            f"Scores {span(*self.tree.scale)}, higher is more risk; rank 1 is most. "
            f"Scored: {counts} of {len(self.data)}."
        )
        frame = self.table()[list(headline_columns(self))]
        return caption, table_of(frame)
