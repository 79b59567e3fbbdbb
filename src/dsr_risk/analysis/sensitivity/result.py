"""The result of a sensitivity analysis: factor by target tables with intervals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd

from ..._util.arguments import typed
from ..._util.checks import between
from ..._util.display import Shown
from ..._util.faces import plots
from ..._util.frozen import Frozen
from ..._util.renamed import Renamed
from ..._util.types import Array
from ...data.countries import country_iso3
from ...errors import UnknownNameError, did_you_mean
from .targets import ALL_UNITS

__all__ = ["Checkpoint", "Sensitivity"]

Quantity = Literal["score", "rank", "node", "shift"]
EFFECTS = ("first", "total", "shapley")


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """Effects after part of the rows: arrays (factors or players, targets)."""

    rows: int
    first: Array
    total: Array
    shapley: Array


@typed
@dataclass(frozen=True, eq=False, repr=False)
class Sensitivity(Frozen, Renamed, Shown):
    """Shares of variance by factor and target. Frames are copies.

    A target is a quantity of a node for a unit: ``score`` and ``rank`` of every headline score and
    country, ``node`` (the value of another node), and ``shift``, the mean over countries of the absolute
    rank change against the ranks as written (COINr's target). The unit ``all`` stands for all countries
    together, each weighing by its variance.

    - *first* order: the share of variance that would go, on average, if the factor were known.
    - *total*: the share that would stay if all but the factor were known; above first order where it
      interacts with others.
    - *shapley*: the variance split fairly, interactions included; adds up to one.

    NaN has a reason: see ``reasons`` (targets) and ``undefined`` (factors).

    Attributes
    ----------
    factors, groups : tuple, dict
        The factors; the groups with their factors, if any.
    n, evaluations, seed, resamples, sampling
        What was run.
    shapley_method : str
        How Shapley effects were found: exact, permutation or none.
    undefined : dict
        Factors and groups without first-order and total effects, and why.
    notes : tuple of str

    Examples
    --------
    >>> import pandas as pd
    >>> from dsr_risk import sensitivity
    >>> fw = {"name": "own", "scores": [{"name": "risk", "children": [
    ...     {"name": "debt", "higher_is": "riskier"}, {"name": "gci", "higher_is": "safer"}]}], "factors": {
    ...     "risk.weights": {"method": "spread", "share": 0.25}, "debt.data": {"method": "revision"}}}
    >>> table = pd.DataFrame({"iso3": ["KEN", "PAK", "LAO"], "debt": [10, 30, 50], "gci": [80, 70, 20]})
    >>> result = sensitivity(fw, table, n=16, resamples=2, nodes="score")
    >>> result.first.index.tolist(), result.table("PAK").shape
    (['risk.weights', 'debt.data'], (2, 9))
    >>> result.errors("total").shape == result.total.shape, result.tidy().columns.tolist()[:5]
    (True, ['quantity', 'node', 'unit', 'factor', 'effect'])
    >>> result.convergence("PAK").index.tolist()
    [16]
    """

    factors: tuple[str, ...]
    groups: dict[str, tuple[str, ...]]
    n: int
    evaluations: int
    seed: int
    resamples: int
    sampling: str
    shapley_method: str
    notes: tuple[str, ...]
    _headlines: tuple[str, ...]
    undefined: dict[str, str]
    reasons: dict[tuple[str, str, str], str]
    _index: pd.MultiIndex
    _sets: tuple[str, ...]
    _players: tuple[str, ...]
    _arrays: Mapping[str, Array]
    _checkpoints: tuple[Checkpoint, ...]

    _renamed: ClassVar[Mapping[str, str | None]] = {
        "way": "shapley_method",
        "refused": "undefined",
        **dict.fromkeys(("heads", "index", "sets", "teams", "arrays", "checkpoints")),
    }

    # -- factor x target ------------------------------------------------------------------------

    @property
    def first(self) -> pd.DataFrame:
        """First-order effects, factors (then groups) by targets (quantity, node, unit)."""
        return self._frame("first", self._sets)

    @property
    def total(self) -> pd.DataFrame:
        """Total effects, factors (then groups) by targets."""
        return self._frame("total", self._sets)

    @property
    def shapley(self) -> pd.DataFrame:
        """Shapley effects, factors (or groups, where there are any) by targets."""
        return self._frame("shapley", self._players)

    @property
    def variance(self) -> pd.Series[float]:
        """The variance of every target; for all units together its mean."""
        return pd.Series(np.array(self._arrays["variance"]), index=self._index, name="variance")

    def errors(self, effect: Literal["first", "total", "shapley"]) -> pd.DataFrame:
        """Bootstrap standard errors of an effect, laid out as the effect itself.

        Parameters
        ----------
        effect
            ``first``, ``total`` or ``shapley``.

        Returns
        -------
        DataFrame
            A row a factor, a column a target, as ``first``.

        Raises
        ------
        UnknownNameError
            For another effect.
        """
        if effect not in EFFECTS:
            raise UnknownNameError(
                f"unknown effect `{effect}`; {did_you_mean(str(effect), EFFECTS)}"
            )
        return self._frame(f"{effect}_error", self._players if effect == "shapley" else self._sets)

    def _frame(self, name: str, rows: tuple[str, ...]) -> pd.DataFrame:
        index = pd.Index(rows, name="factor", dtype=object)
        return pd.DataFrame(np.array(self._arrays[name]), index=index, columns=self._index)

    def table(
        self,
        country: str | int | None = None,
        score: str | None = None,
        *,
        quantity: Quantity = "score",
        year: int | None = None,
        confidence_level: float = 0.9,
    ) -> pd.DataFrame:
        """Return the effects of every factor on one target, with intervals, the largest total first.

        Parameters
        ----------
        country
            A name or code; None for all countries together (and for ``shift``).
        score
            A headline score (or with ``quantity="node"`` another node); the first one if None.
        quantity
            "score", "rank", "node" or "shift".
        year
            The year of a panel, the latest by default.
        confidence_level
            Of the intervals: estimate plus and minus normal quantile times standard error.

        Returns
        -------
        DataFrame
            Indexed ``factor``; ``first``, ``total``, ``shapley``, each with ``_low`` and ``_high``. Groups
            stand below the factors; Shapley effects beside whatever shares them.

        Raises
        ------
        UnknownNameError
            For a target that was not analysed; DataError for a `confidence_level` outside 0-1.
        """
        index = self._unit_index(country, score, quantity, year)
        width = _width(confidence_level)
        out = pd.DataFrame(index=pd.Index(self._sets, name="factor", dtype=object))
        for effect in EFFECTS:
            rows = self._players if effect == "shapley" else self._sets
            value = pd.Series(self._arrays[effect][:, index], index=rows, dtype=float)
            away = (
                pd.Series(self._arrays[f"{effect}_error"][:, index], index=rows, dtype=float)
                * width
            )
            out[effect], out[f"{effect}_low"] = value, value - away
            out[f"{effect}_high"] = value + away
        if not self.groups:
            key = "shapley" if out["total"].isna().all() else "total"
            return out.sort_values(key, ascending=False, kind="stable")
        return out

    def tidy(self, *, confidence_level: float = 0.9) -> pd.DataFrame:
        """Return all effects in long form: quantity, node, unit, factor, effect, value, low, high.

        Parameters
        ----------
        confidence_level
            Of the intervals (between 0 and 1): estimate plus and minus normal quantile times standard error.

        Returns
        -------
        DataFrame
            A row an effect; effects are shares of the variance.

        Raises
        ------
        DataError
            For a level outside 0-1.
        """
        width = _width(confidence_level)
        parts = []
        for effect in EFFECTS:
            rows = self._players if effect == "shapley" else self._sets
            value, error = self._arrays[effect], self._arrays[f"{effect}_error"]
            parts.append(
                self._index.to_frame(index=False)
                .loc[np.repeat(np.arange(len(self._index)), len(rows))]
                .assign(
                    factor=np.tile(np.array(rows, dtype=object), len(self._index)),
                    effect=effect,
                    value=value.T.reshape(-1),
                    low=(value - width * error).T.reshape(-1),
                    high=(value + width * error).T.reshape(-1),
                )
            )
        return pd.concat(parts, ignore_index=True)

    def convergence(
        self,
        country: str | int | None = None,
        score: str | None = None,
        *,
        quantity: Quantity = "score",
        year: int | None = None,
    ) -> pd.DataFrame:
        """Return effects on one target after growing parts of the rows: index ``n``, columns (effect, factor).

        Parameters
        ----------
        country, score, quantity, year
            The target, as of ``table``.

        Returns
        -------
        DataFrame
            The last row holds the effects of all rows.

        Raises
        ------
        UnknownNameError
            For a target that was not kept.
        """
        index = self._unit_index(country, score, quantity, year)
        columns = pd.MultiIndex.from_tuples(
            [
                (effect, name)
                for effect in EFFECTS
                for name in (self._players if effect == "shapley" else self._sets)
            ],
            names=["effect", "factor"],
        )
        rows = [
            np.concatenate(
                [
                    checkpoint.first[:, index],
                    checkpoint.total[:, index],
                    checkpoint.shapley[:, index],
                ]
            )
            for checkpoint in self._checkpoints
        ]
        n = pd.Index([checkpoint.rows for checkpoint in self._checkpoints], name="n")
        return pd.DataFrame(np.array(rows), index=n, columns=columns)

    def _unit_index(
        self, country: str | int | None, score: str | None, quantity: str, year: int | None
    ) -> int:
        kinds = list(dict.fromkeys(self._index.get_level_values("quantity")))
        if quantity not in kinds:
            raise UnknownNameError(
                f"no quantity `{quantity}` here; {did_you_mean(quantity, kinds)}"
            )
        entries = self._index[self._index.get_level_values("quantity") == quantity]
        panel = any(unit[-5:-4] == " " for unit in entries.get_level_values("unit"))
        if year is not None and (country is None or not panel):
            raise UnknownNameError(
                f"`year` names the year of one country of a panel, received {year} "
                + ("without a country" if country is None else "for scores of one year")
            )
        nodes = list(dict.fromkeys(entries.get_level_values("node")))
        node = nodes[0] if score is None else score
        if node not in nodes:
            raise UnknownNameError(f"no {quantity} of `{node}` here; {did_you_mean(node, nodes)}")
        units = entries[entries.get_level_values("node") == node].get_level_values("unit")
        label = ALL_UNITS if country is None else self._unit(country, year, list(units))
        key = (quantity, node, label)
        if label not in units:
            why = self.reasons.get(key, "was not analysed")
            raise UnknownNameError(f"no {quantity} of `{node}` for {label}: {why}")
        return int(np.flatnonzero(self._index == key)[0])

    @staticmethod
    def _unit(country: str | int, year: int | None, units: list[str]) -> str:
        iso3 = str(country) if str(country) in units else country_iso3(str(country))
        if year is not None:
            return f"{iso3} {year}"
        years = sorted(unit for unit in units if unit.startswith(f"{iso3} "))
        return years[-1] if years else iso3

    # -- display --------------------------------------------------------------------------------

    def plot(self, **options: Any) -> Any:
        """Draw the effects of factors with intervals; return the matplotlib Axes (extra `plots`).

        Parameters
        ----------
        options
            Keyword arguments of ``plots.effects``: `country`, `score`, `quantity`, `ax`.

        Returns
        -------
        matplotlib.axes.Axes
            What was drawn on.
        """
        return plots().effects(self, **options)

    def _shown(self) -> tuple[str, pd.DataFrame]:
        caption = (
            f"Sensitivity of {len(self.factors)} factors, n = {self.n:,} ({self.evaluations:,} "
            f"evaluations), seed {self.seed}: shares of variance, all countries together, with 90 % "
            f"bootstrap half widths. Shapley: {self.shapley_method}."
        )
        if self.notes:
            caption += "".join(f"\nnote: {note}" for note in self.notes)
        rows = []
        for headline in self._headlines:
            score, rank = self.table(score=headline), self.table(score=headline, quantity="rank")
            shift = self.table(score=headline, quantity="shift")
            rows += [
                {
                    "score": headline,
                    "factor": name,
                    **{effect: _cell(score.loc[name], effect) for effect in EFFECTS},
                    "rank total": _cell(rank.loc[name], "total"),
                    "rank shift total": _cell(shift.loc[name], "total"),
                }
                for name in score.index
            ]
        return caption, pd.DataFrame(rows)


def _cell(row: pd.Series[float], effect: str) -> str:
    value = float(row[effect])
    if np.isnan(value):
        return "–"
    return f"{value:.2f} ±{float(row[f'{effect}_high']) - value:.2f}"


def _width(confidence_level: float) -> float:
    between("confidence_level", confidence_level, 0, 1)
    # Loading scipy.special takes as long as loading the rest of the package.
    from scipy.special import ndtri

    return float(ndtri(0.5 + confidence_level / 2))
