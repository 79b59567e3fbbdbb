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

from ._display import Shown, span, table_of
from ._frozen import Frozen
from .countries import country_table
from .data import CONFIDENCE, Data
from .decomposition import Decomposition, decompose
from .errors import UnknownNameError, did_you_mean
from .framework import Framework, Group
from .kernel import Scorable, Tree, hard_bounds
from .ranking import TIE, rank_descending

if TYPE_CHECKING:
    from .model import Model

__all__ = ["Level", "Scores"]

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Level = Literal["score", "pillar", "indicator", "all"]
FULL, PARTIAL = "full", "partial"


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
        return self._frame(np.column_stack([self._rank(name) for name in self.names]), self.names)

    @property
    def band(self) -> pd.DataFrame:
        """The risk band of every headline score, None where there is no score."""
        return self._frame(np.column_stack([self._band(name) for name in self.names]), self.names)

    @property
    def basis(self) -> pd.DataFrame:
        """For every headline score: full, partial (some indicators do not apply), or None."""
        return self._frame(np.column_stack([self._basis(name) for name in self.names]), self.names)

    @property
    def grade(self) -> pd.DataFrame:
        """The coverage grade of every headline score.

        n/a where there is no score, or its coverage is below every grade.
        """
        return self._frame(np.column_stack([self._grade(name) for name in self.names]), self.names)

    @property
    def reason(self) -> pd.DataFrame:
        """Why there is no headline score, empty where there is one."""
        return self._frame(np.column_stack([self._reason(name) for name in self.names]), self.names)

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
        columns = self._headline_columns()
        if level == "score":
            columns |= self._detail_columns()
        else:
            columns |= {name: self.values_array[:, self._place(name)] for name in self.nodes(level)}
            columns["imputed_indicators"] = self._imputed_names()
        frame = pd.DataFrame(columns, index=self.data.units)
        return frame if self.data.is_panel else frame.iloc[self._order()]

    def nodes(self, level: Level) -> tuple[str, ...]:
        """The nodes that a level of the table shows beside the headline scores."""
        depths, names = self.framework.depths, [node.name for node in self.framework.nodes]
        chosen: dict[str, Callable[[str], bool]] = {
            "score": lambda name: False,
            "pillar": lambda name: depths[name] == 1,
            "indicator": lambda name: name in self._leaf_names,
            "all": lambda name: depths[name] > 0,
        }
        if level not in chosen:
            raise UnknownNameError(f"no level `{level}`; {did_you_mean(str(level), chosen)}")
        return tuple(name for name in names if chosen[level](name))

    def _headline_columns(self) -> dict[str, Any]:
        known = country_table()["name"]
        columns: dict[str, Any] = {
            "country": [known.get(code, code) for code in self.data.iso3],
        }
        for name in self.names:
            columns[name] = self.values_array[:, self._place(name)]
            columns[f"{name}_rank"] = pd.array(self._rank(name), dtype="Float64").astype("Int64")
            columns[f"{name}_band"] = self._band(name)
        shares = [self.scorable.coverage[:, self._place(name)] for name in self.names]
        columns["coverage"] = np.mean(shares, axis=0)
        return columns

    def _detail_columns(self) -> dict[str, Any]:
        geography = country_table().reindex(self.data.iso3)
        columns: dict[str, Any] = {}
        for name in self.names:
            place = self._place(name)
            columns |= {
                f"{name}_low": self._hard[0][:, place],
                f"{name}_high": self._hard[1][:, place],
                f"{name}_coverage": self.scorable.coverage[:, place],
                f"{name}_grade": self._grade(name),
                f"{name}_basis": self._basis(name),
                f"{name}_reliability": self._reliability[:, place],
                f"{name}_rank_region": _integers(self._rank(name, geography["region"])),
                f"{name}_rank_income": _integers(self._rank(name, geography["income"])),
                f"{name}_reason": self._reason(name),
            }
        columns["observed"] = (~np.isnan(self.normalised_array) & ~self._imputed).sum(axis=1)
        columns["imputed"] = self._imputed.sum(axis=1)
        columns["indicators"] = len(self._leaf_names)
        columns["region"] = geography["region"].to_numpy()
        columns["income"] = geography["income"].to_numpy()
        columns["focal"] = self.framework.focal or ""
        return columns | self._source_columns()

    def _source_columns(self) -> dict[str, Any]:
        """The years and the sources of the cells behind each unit's scores."""
        evidence = self.data.evidence
        if evidence.empty or "source" not in evidence:
            years = [str(year) if year >= 0 else "" for _, year in self.data.unit_keys()]
            return {"data_years": years, "sources": self.data.origin}
        columns = [leaf.data_column for leaf in self.framework.indicators]
        used = evidence[evidence["indicator"].isin(columns) & evidence["value"].notna()]
        grouped = used.groupby(["iso3", "unit_year"], sort=False)
        sources = grouped["source"].agg(
            lambda cells: "; ".join(
                sorted({one for cell in cells for one in str(cell).split("; ") if one})
            )
        )
        keys = pd.MultiIndex.from_tuples(self.data.unit_keys())
        out = {"data_years": "", "sources": sources.reindex(keys).fillna("").to_numpy()}
        if "year" in used:
            span = grouped["year"].agg(_span)
            out["data_years"] = span.reindex(keys).fillna("").to_numpy()
        return out

    def _imputed_names(self) -> list[str]:
        """For every unit the indicators whose value was imputed, by name."""
        if self.imputed_array is None:
            return [""] * len(self.data)
        names = np.array(self._leaf_names, dtype=object)
        return ["; ".join(names[row]) for row in self._imputed]

    def _order(self) -> NDArray[np.intp]:
        first = self.names[0]
        partial = np.array([one != FULL for one in self._basis(first)])
        unscored = np.isnan(self.values_array[:, self._place(first)])
        return np.lexsort((self.data.iso3.astype(str), self._rank(first), partial, unscored))

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
        name = self._headline(score)
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
            self.tree, self._place(self._headline(score)), self.weights, self.values_array, floor
        )

    def _headline(self, score: str | None) -> str:
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

    @cached_property
    def _imputed(self) -> Mask:
        if self.imputed_array is None:
            return np.zeros(self.normalised_array.shape, bool)
        return self.imputed_array

    @cached_property
    def _hard(self) -> tuple[Array, Array]:
        low, high = self.bounds or (None, None)
        # An imputed value is a guess: for the bounds it is as unknown as a missing one.
        known = np.where(self._imputed, np.nan, self.normalised_array)
        least, most = hard_bounds(self.tree, known, self.weights, self.scorable, low, high)
        boundless = self._boundless(known, least, most)
        return np.where(boundless, np.nan, least), np.where(boundless, np.nan, most)

    def _boundless(self, known: Array, low: Array, high: Array) -> Mask:
        """Nodes over an unknown value that has no bounds, or whose ends say nothing of the middle."""
        defaults = self.framework.defaults.normalisation
        bounded = [(leaf.normalisation or defaults).bounded for leaf in self.framework.indicators]
        out = np.zeros(low.shape, bool)
        leaves = slice(self.tree.leaves)
        out[:, leaves] = np.isnan(known) & self.scorable.applicable[:, leaves] & ~np.array(bounded)
        for branch in self.tree.branches:
            below = branch.children
            open_ = out[:, below]
            if not branch.aggregator.monotone:
                open_ = open_ | (low[:, below] != high[:, below])
            counts = (self.weights[below] > 0) & self.scorable.applicable[:, below]
            out[:, branch.node] = (open_ & counts).any(axis=1)
        return out

    @cached_property
    def _reliability(self) -> Array:
        columns = [leaf.data_column for leaf in self.framework.indicators]
        grades = self.data.confidence(columns)
        share = np.zeros(self.values_array.shape)
        known = ~np.isnan(self.normalised_array) & self.scorable.applicable[:, : self.tree.leaves]
        guess = CONFIDENCE["low"] if self.framework.defaults.imputed_counts else 0.0
        grades = np.where(self._imputed, guess, grades)
        share[:, : self.tree.leaves] = np.where(known, grades, 0.0)
        for branch in self.tree.branches:
            below = branch.children
            w = self.weights[below] * self.scorable.applicable[:, below]
            reach = share[:, below] * self.scorable.has_value[:, below]
            with np.errstate(invalid="ignore"):
                share[:, branch.node] = np.nan_to_num((w * reach).sum(axis=1) / w.sum(axis=1))
        return share

    @cached_property
    def _year_groups(self) -> NDArray[np.intp]:
        if not self.data.is_panel:
            return np.zeros(len(self.data), np.intp)
        return np.asarray(pd.factorize(self.data.units.get_level_values(1))[0], np.intp)

    def _rank(self, name: str, within: pd.Series[Any] | None = None) -> Array:
        values = np.array(self.values_array[:, self._place(name)])
        groups = self._year_groups * 2 + self._is_partial(name)
        if within is not None:
            codes = pd.factorize(within.to_numpy())[0]
            values[codes < 0] = np.nan
            groups = groups * (codes.max(initial=0) + 1) + np.maximum(codes, 0)
        lower, upper = self.tree.scale
        return rank_descending(values, groups, length=upper - lower)

    def _is_partial(self, name: str) -> Mask:
        inside = [
            place
            for place, leaf in enumerate(self._leaf_names)
            if self.framework.score_of(leaf) == name and self.weights[place] > 0
        ]
        return np.asarray(~self.scorable.applicable[:, inside].all(axis=1))

    def _basis(self, name: str) -> NDArray[np.object_]:
        out = np.where(self._is_partial(name), PARTIAL, FULL).astype(object)
        out[np.isnan(self.values_array[:, self._place(name)])] = None
        return out

    def _band(self, name: str) -> NDArray[np.object_]:
        lower, upper = self.tree.scale
        # A score that rounding left under the edge of a band is in the band.
        nudged = self.values_array[:, self._place(name)] + TIE * (upper - lower)
        return _label(nudged, self.framework.bands)

    def _grade(self, name: str) -> NDArray[np.object_]:
        place = self._place(name)
        scored = ~np.isnan(self.values_array[:, place])
        share = np.where(scored, self.scorable.coverage[:, place] + 1e-12, np.nan)
        out = _label(share, self.framework.grades)
        out[out == None] = "n/a"  # noqa: E711
        return out

    def _reason(self, name: str) -> NDArray[np.object_]:
        place = self._place(name)
        branch = next(one for one in self.tree.branches if one.node == place)
        reaching, seen = self.scorable.reaching[:, place], self.scorable.seen[:, place]
        out = np.full(len(reaching), "", dtype=object)
        for row in np.flatnonzero(np.isnan(self.values_array[:, place])):
            if self.focal[row]:
                out[row] = "focal"
            elif not self.scorable.applicable[row, place]:
                out[row] = "not applicable"
            elif self.scorable.has_value[row, place]:
                out[row] = f"undefined: {self._undefined(int(row))}"
            else:
                out[row] = "coverage " + _below(reaching[row], branch.min_coverage)
                if seen[row] - reaching[row] > 1e-9:
                    out[row] += f" ({seen[row]:.3g} observed, part in groups with too little)"
        return out

    def _undefined(self, row: int) -> str:
        """Which aggregation below has enough children and no value all the same."""
        odd = np.isnan(self.values_array[row]) & self.scorable.has_value[row]
        first = next(branch for branch in self.tree.branches if odd[branch.node])
        return f"aggregation `{first.aggregator.name}` of `{self.tree.names[first.node]}` has no value here"

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
        frame = self.table()[list(self._headline_columns())]
        return caption, table_of(frame)


def _below(share: float, least: float) -> str:
    """Two shares with as many digits as tell them apart."""
    digits = next((one for one in range(2, 9) if f"{share:.{one}f}" != f"{least:.{one}f}"), 9)
    return f"{share:.{digits}f} below {least:.{digits}f}"


def _integers(values: Array) -> Any:
    return pd.array(values, dtype="Float64").astype("Int64")


def _label(values: Array, starts: dict[str, float]) -> NDArray[np.object_]:
    ordered = sorted(starts.items(), key=lambda one: one[1])
    edges = np.array([start for _, start in ordered])
    names = np.array([None, *(label for label, _ in ordered)], dtype=object)
    found = np.searchsorted(edges, values, side="right")
    found[np.isnan(values)] = 0
    return np.asarray(names[found])


def _span(years: pd.Series[Any]) -> str:
    known = years.dropna()
    if known.empty:
        return ""
    first, last = int(known.min()), int(known.max())
    return str(first) if first == last else f"{first}-{last}"
