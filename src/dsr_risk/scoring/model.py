"""The model: a framework with what it learned from a reference set; scores any data on one scale."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, get_args

import numpy as np
import pandas as pd

from .._util.arguments import typed
from .._util.atomic import atomic
from .._util.checks import a_path, one_of
from .._util.display import Shown, table_of
from .._util.documents import parse_document, read_document
from .._util.frozen import Frozen
from .._util.renamed import Renamed, renamed
from .._util.types import Array, Index
from ..data.cells import quality
from ..data.dataset import Data
from ..data.nouns import in_nouns
from ..errors import FrameworkError
from ..framework.definition import Framework
from .cells import Cells, cells_of
from .classes import labels_in
from .compiled import Compiled, Missing
from .expectation import expected
from .kernel import Plan, evaluate
from .method_notes import beyond_reference, not_defined, without_weight
from .missing import Estimates, Imputation, Units, asks_alike, estimate, no_estimates
from .missing_notes import by_fallback, too_few, unused_labels, without_estimate
from .pipeline import Pipeline, Step, layout_of
from .prepare import Prepared, Source, columns_of, prepare
from .saved import Reference, checked, parts_of, plain_of
from .scores import Scores
from .state import State
from .tree import Scorable, Tree, compile_tree, coverage

__all__ = ["Model", "Reference", "coverage_of_cells", "quality_of_inputs"]


@typed(own=("text",))
@dataclass(frozen=True, eq=False, repr=False)
class Model(Frozen, Renamed, Shown):
    """A framework, what it learned, and the reference set it learned from.

    Everything that depends on the reference set (extremes, percentiles, data-driven weights) is held
    here, so that a new country, a new year or a shocked country is scored on the *same* scale.

    Examples
    --------
    >>> from dsr_risk import fit, load_data
    >>> model, kenya = fit(), load_data().select(countries=["KEN"])
    >>> alone = model.score(kenya).values["dependency"].item()
    >>> bool(abs(alone - model.score(load_data()).values.loc["KEN", "dependency"]) < 1e-12)
    True
    >>> Model.from_json(model.to_json()).to_dict()["fingerprint"] == model.framework.fingerprint
    True
    """

    framework: Framework
    reference: Reference
    _steps: tuple[Step, ...]
    _weights: Array
    _imputations: tuple[Imputation, ...] = ()
    _of_fit: tuple[str, ...] = ()

    _renamed: ClassVar[Mapping[str, str | None]] = dict.fromkeys(
        ("tree", "pipeline", "steps", "imputations", "coverage", "transform", "imputed_draws")
    )

    @property
    def weights(self) -> pd.Series[float]:
        """The weight of every node beside its siblings, declared or learned, by name; parents first."""
        order, names = self._written
        return pd.Series(self._weights[order], index=names.rename("node"), name="weight")

    @cached_property
    def _written(self) -> tuple[Index, pd.Index]:
        """The places of the nodes in arrays, and their names, in the order written."""
        index = self._tree.index
        names = [node.name for node in self.framework.nodes]
        return np.array([index[name] for name in names], np.intp), pd.Index(names)

    @cached_property
    def _tree(self) -> Tree:
        """The framework compiled to arrays."""
        return compile_tree(self.framework)

    @cached_property
    def _pipeline(self) -> Pipeline:
        """The steps from the columns of data to indicators on the scale."""
        return Pipeline(layout_of(self.framework), self._steps, self.framework.scale)

    @property
    def columns(self) -> tuple[str, ...]:
        """The data columns it reads, in the order of an array: inputs, denominators, auxiliary columns."""
        return columns_of(self.framework)

    def score(self, data: Source, *, strict: bool = False) -> Scores:
        """Score data (a panel, one country, one row) on this model's scale.

        Parameters
        ----------
        data
            Data, a DataFrame (long or wide), a path, or an array (units, columns): it has the columns of
            ``columns`` in their order, NaN where a value is missing; its units are numbered from 0. One row
            may be given as a vector.
        strict
            Whether every column the framework does not name is an error, not only likely typos.

        Returns
        -------
        Scores
            A row for every unit of the data.

        Raises
        ------
        DataError
            With every problem of the data.

        Examples
        --------
        >>> from dsr_risk import fit
        >>> fw = {"name": "own", "scores": [{"name": "risk", "children": [
        ...     {"name": "debt", "higher_is": "riskier"}, {"name": "reserves", "higher_is": "safer"}]}]}
        >>> model = fit(fw, np.array([[20.0, 6.0], [80.0, 2.0]]))
        >>> model.columns, model.score(np.array([[50.0, 4.0]])).values["risk"].tolist()
        (('debt', 'reserves'), [50.0])
        """
        return self._score(prepare(self.framework, data, strict=strict))

    def _score(
        self,
        prepared: Prepared,
        estimates: Estimates | None = None,
        same: Scores | None = None,
    ) -> Scores:
        """Score prepared data, with the estimates of their missing cells where these are made already.

        `same` are scores of the same data whose indicators come to the scale in the same way.
        """
        if estimates is None:
            estimates = self._estimates_of(prepared)
        if same is None:
            pipeline = self._pipeline_of(prepared.data)
            raw, treated, normalised = expected(pipeline, prepared, estimates)
            cells = cells_of(pipeline, prepared, raw, estimates)
        else:
            raw, treated = same._state.filled, same._state.treated
            normalised, cells = same._state.normalised, same._state.cells
        scorable = self._coverage(cells, normalised)
        values = self._evaluated(normalised, scorable)
        state = State(
            tree=self._tree,
            weights=self._weights,
            prepared=prepared,
            estimates=estimates,
            cells=cells,
            filled=raw,
            treated=treated,
            normalised=normalised,
            evaluated=values,
            scorable=scorable,
        )
        return Scores(
            framework=self.framework,
            data=prepared.data,
            model=self,
            _state=state,
            notes=self._notes_on(state),
            reference=str(self.reference),
        )

    def _notes_on(self, state: State) -> tuple[str, ...]:
        """Return the notes on scores of one state, in the nouns of their units."""
        prepared = state.prepared
        notes = (
            *prepared.notes,
            *self._notes,
            *not_defined(prepared, state.cells),
            *self._beyond(prepared, state.cells),
            *by_fallback(prepared, self._imputations),
            *without_estimate(prepared, self._imputations, state.estimates),
            *_unscored(self, state.evaluated, state.scorable, prepared),
        )
        return tuple(in_nouns(prepared.data, note) for note in notes)

    @cached_property
    def _notes(self) -> tuple[str, ...]:
        """The notes that are the same for all data."""
        return (
            *self._of_fit,
            *without_weight(self.framework, self._tree, self._weights),
            *unused_labels(self._imputations),
            *too_few(self.framework, self._imputations),
            *_unsplit(self._tree),
        )

    def _beyond(self, prepared: Prepared, cells: Cells) -> list[str]:
        """Return a note on observed values outside the range of the reference set."""
        # Fewer units are no reference set: there is no need to read all that they are.
        may_be = len(prepared.data) >= self.reference.units
        if may_be and prepared.data.fingerprint == self.reference.fingerprint:
            return []
        observed = np.where(cells.estimated, np.nan, cells.denominated)
        return beyond_reference(self.framework, self._steps, observed, ~prepared.focal)

    def _remember(self, prepared: Prepared, estimates: Estimates) -> None:
        """Keep the estimates of the reference set, which is often what is scored next; copies do without."""
        if len(estimates.rows):
            object.__setattr__(self, "_of_reference", (prepared, estimates))

    def _estimates_of(self, prepared: Prepared) -> Estimates:
        """Return the estimates of the missing cells of prepared data."""
        kept: tuple[Prepared, Estimates] | None = vars(self).get("_of_reference")
        if kept and len(prepared.data) == len(kept[0].data):
            same = prepared.data.fingerprint == self.reference.fingerprint
            if same and asks_alike(prepared, kept[0]):
                return kept[1]
        if not prepared.missing.any():
            return no_estimates()
        return estimate(Units(prepared), self._imputations)

    @cached_property
    def _plan_of_one(self) -> Plan:
        """The plan of one unit that has a value of every node; loops score one unit after the other."""
        nodes = len(self._tree.names)
        return Plan(self._tree, np.ones((1, nodes), bool), None, range(nodes), published=True)

    def _evaluated(self, normalised: Array, scorable: Scorable) -> Array:
        """Return (n, N) the value of every node."""
        has_value = scorable.has_value
        plan = self._plan_of_one if len(has_value) == 1 and has_value.all() else None
        return np.asarray(evaluate(self._tree, normalised, self._weights, has_value, plan)[0])

    def __getstate__(self) -> dict[str, Any]:
        left_out = {"_of_reference", "_plan_of_one"}
        return {name: value for name, value in vars(self).items() if name not in left_out}

    def compile(self, *, missing: Missing = "nan") -> Compiled:
        """Return the model as a function of arrays, for loops: array in, headline scores out.

        Parameters
        ----------
        missing
            What a NaN does: ``nan`` (no score), ``share_weight`` (its siblings share its weight) or ``raise``.

        Returns
        -------
        Compiled
            Called with an array (n, columns), it returns scores (n, scores).

        Raises
        ------
        UnknownNameError
            For another `missing`.

        Examples
        --------
        >>> from dsr_risk import fit, load_data
        >>> model = fit()
        >>> risk = model.compile(missing="share_weight")
        >>> risk(load_data().values[list(model.columns)].to_numpy()).shape[1], risk.names
        (2, ('dependency', 'security'))
        """
        one_of("missing", missing, get_args(Missing))
        self._without_classes("compile")
        indicators, columns = self.framework.inputs, self.columns
        gap = np.ones(len(self._pipeline.layout.indicators))
        for step in self._steps:
            if {"low", "high"} <= set(step.normalised):
                ends = [np.asarray(step.normalised[end], float) for end in ("low", "high")]
                if ends[0].ndim == 1:
                    gap[step.indices] = np.abs(ends[1] - ends[0])
        return Compiled(
            columns=columns,
            names=tuple(score.name for score in self.framework.scores),
            missing=missing,
            _pipeline=self._pipeline,
            _tree=self._tree,
            _weights=self._weights,
            _divisors=tuple(
                (index, columns.index(indicator.denominator), indicator.scale_factor)
                for index, indicator in enumerate(indicators)
                if indicator.denominator
            ),
            _spread=np.where(np.isfinite(gap) & (gap > 0), gap, 1.0),
        )

    def _coverage(self, cells: Cells, normalised: Array) -> Scorable:
        """Return which nodes have a value, and how much of what is below each is observed.

        An estimated cell counts as observed only if the framework says so (``imputed_counts``).
        """
        whole = not np.isnan(normalised).any() and bool((cells.observed == 1).all())
        if whole and bool(cells.applicable.all()):
            return self._covered.repeated(len(normalised))
        return coverage_of_cells(self.framework, self._tree, self._weights, cells, normalised)

    @cached_property
    def _covered(self) -> Scorable:
        """The coverage of one unit of which every indicator is observed."""
        return coverage(self._tree, self._weights, np.ones((1, self._tree.n_indicators)))

    def _pipeline_of(self, data: Data) -> Pipeline:
        """Return the pipeline of the units of some data."""
        return self._pipeline.bound(lambda name: labels_in(self.framework, name, data))

    def _without_classes(self, act: str) -> None:
        """Raise where a normalisation goes by classes of units, which an array does not hold."""
        for step in self._steps:
            if step.normaliser.grouping is not None:
                name = self.framework.indicators[int(step.indices[0])].name
                raise FrameworkError(
                    f"{act}: normalisation `{step.normaliser.name}` of `{name}` goes by "
                    f"{step.normaliser.grouping}, which an array of numbers does not hold; score a table of "
                    "countries with `Model.score`"
                )

    def to_dict(self) -> dict[str, Any]:
        """Return the model as plain data."""
        return plain_of(
            self.framework,
            self.reference,
            (self._steps, self._weights, self._imputations, self._of_fit),
        )

    @renamed(path="Model.save(path)")
    def to_json(self) -> str:
        """Return the model as JSON text; ``from_json`` reads it back."""
        return json.dumps(self.to_dict(), indent=1, ensure_ascii=False, allow_nan=False) + "\n"

    @classmethod
    @renamed(path="Model.load(path)")
    def from_json(cls, text: str) -> Model:
        """Read a model from the text of ``to_json``; it scores exactly as the one that was written.

        Parameters
        ----------
        text
            What ``to_json`` returned.

        Returns
        -------
        Model
            The fitted model.

        Raises
        ------
        FrameworkError
            If the text is not such a model, or was changed by hand.
        """
        where = "JSON text of a model"
        if not isinstance(text, str) or not text.lstrip().startswith("{"):
            raise FrameworkError(
                f"{where}: expected the text of `Model.to_json`, received {str(text)[:60]!r}; a file is "
                "read by `Model.load(path)`"
            )
        return cls._from_plain(parse_document(text, ".json", where), where)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the model to a .json file, whole or not at all; ``load`` reads it back.

        Another suffix raises a FrameworkError.

        Parameters
        ----------
        path
            The .json file to write; one that exists is replaced.

        Returns
        -------
        pathlib.Path
            The file that was written.

        Raises
        ------
        FrameworkError
            For another suffix.
        DataError
            For a folder that cannot be written to.
        """
        target = Path(path)
        if target.suffix.lower() != ".json":
            raise FrameworkError(
                f"{target}: `{target.suffix}` is not a model format; expected a .json file"
            )
        with atomic(target) as temporary:
            temporary.write_text(self.to_json(), encoding="utf-8")
        return target

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Model:
        """Read a model from a file that ``save`` wrote; it scores exactly as the one that was saved.

        Parameters
        ----------
        path
            A .json file.

        Returns
        -------
        Model
            The fitted model.

        Raises
        ------
        FrameworkError
            If the file is not such a model, or was changed by hand.

        Examples
        --------
        >>> import pathlib, tempfile
        >>> from dsr_risk import fit
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "model.json"
        >>> Model.load(fit().save(path)).reference == fit().reference
        True
        """
        target = a_path("path", path)
        raw = read_document(target) if target.suffix.lower() == ".json" else None
        return cls._from_plain(raw, str(target))

    @classmethod
    def _from_plain(cls, raw: object, target: str) -> Model:
        framework, plain = checked(raw, target)
        try:
            model = cls(framework, *parts_of(framework, plain))
            # A figure that is not there, or of another shape, shows where it is used.
            with np.errstate(all="ignore"):
                model._pipeline.transform(np.ones((1, len(framework.indicators))))
        except (LookupError, TypeError, ValueError, ArithmeticError, AttributeError) as broken:
            raise FrameworkError(
                f"{target}: damaged model: {str(broken)[:200] or type(broken).__name__}; fit it again"
            ) from None
        return model

    def _shown(self) -> tuple[str, pd.DataFrame]:
        caption = (
            f"Model of {self.framework.name} {self.framework.version} (fingerprint "
            f"{self.framework.fingerprint}), learned from {self.reference.units} units of "
            f"{self.reference.origin}"
        )
        rows = self.to_dict()["learned"]
        frame = pd.DataFrame(
            {
                "indicator": list(rows),
                "normalisation": [
                    ", ".join(
                        f"{name} {value:.4g}" if isinstance(value, float) else f"{name} (table)"
                        for name, value in entry.get("normalisation", {}).items()
                    )
                    for entry in rows.values()
                ],
            }
        )
        return caption, table_of(frame)


def coverage_of_cells(
    framework: Framework, tree: Tree, weights: Array, cells: Cells, normalised: Array
) -> Scorable:
    """Return what of every node is observed and can be scored, given the state of its cells."""
    has_value = ~np.isnan(normalised)
    share = cells.observed
    if framework.defaults.imputed_counts:
        share = np.where(has_value & cells.applicable, 1.0, share)
    return coverage(tree, weights, np.where(has_value, share, 0.0), cells.applicable, has_value)


def quality_of_inputs(prepared: Prepared) -> Array:
    """Return the quality of the data of every indicator; of a derived one, the mean over its parts."""
    columns = [indicator.data_column for indicator in prepared.framework.inputs]
    excluded = prepared.data.iso3[prepared.focal]
    by_column = quality(prepared.data, columns, excluded)
    layout = prepared.layout
    return np.array(
        [by_column[list(layout.sources(i))].mean() for i in range(len(layout.indicators))]
    )


def _unsplit(tree: Tree) -> list[str]:
    """Return what the reader must know where an aggregation cannot be taken apart."""
    return [
        f"`{tree.names[group_node.node]}`: aggregation `{group_node.aggregator.name}` has no exact split over its "
        "children; its contribution is one term, and those below it have none"
        for group_node in tree.group_nodes
        if group_node.aggregator.attribution == "none"
    ]


def _unscored(model: Model, values: Array, scorable: Scorable, prepared: Prepared) -> list[str]:
    """Return what the reader must know where a headline score cannot be given to anybody."""
    notes = []
    for headline in model._tree.headlines:
        if len(values) > 1 and np.isnan(values[~prepared.focal, headline]).all():
            name = model._tree.names[headline]
            most = scorable.coverage[~prepared.focal, headline].max(initial=0.0)
            notes.append(
                f"no country has a {name} score: at most {most:.3g} of its weight is observed"
            )
    return notes
