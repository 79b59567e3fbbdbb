"""The model: a framework with what it learned from a reference set; scores any data on one scale."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from .._util.atomic import atomic
from .._util.display import Shown, table_of
from .._util.documents import parse_document, read_document
from .._util.frozen import Frozen
from .._util.types import Array, Mask
from ..data.assemble import as_data
from ..data.dataset import Data
from ..errors import FrameworkError, NotScorableError
from ..framework.definition import Framework
from ..methods.treatment import Learned
from .impute import Imputation, draws_of, fill, imputers, learn_imputations
from .kernel import evaluate
from .learn import Step, blocks, counted, learn_steps, learn_weights, reference_of
from .prepare import FOCAL_PARTS, Prepared, data_for, prepare
from .scores import Scores
from .tree import Scorable, Tree, compile_tree

__all__ = ["Model", "Reference", "fit"]

FORMAT = 1


@dataclass(frozen=True)
class Reference:
    """The reference set a model learned from: how many units, which years, which data."""

    units: int
    years: tuple[int, ...]
    fingerprint: str
    origin: str


@dataclass(frozen=True, eq=False, repr=False)
class Model(Frozen, Shown):
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
    """

    framework: Framework
    steps: tuple[Step, ...]
    weights: Array
    reference: Reference
    imputations: tuple[Imputation, ...] = ()

    @cached_property
    def tree(self) -> Tree:
        """The framework compiled to arrays."""
        return compile_tree(self.framework)

    @property
    def columns(self) -> tuple[str, ...]:
        """The data columns it reads."""
        return tuple(leaf.data_column for leaf in self.framework.indicators)

    def score(self, data: Data | pd.DataFrame, *, strict: bool = False) -> Scores:
        """Score data (a panel, one country, one row) on this model's scale.

        With `strict` every column the framework does not name is an error, not only likely typos.

        Raises
        ------
        DataError
            With every problem of the data.
        """
        found = data_for(self.framework, lambda: as_data(data), strict=strict)
        prepared = prepare(self.framework, found, strict=strict)
        filled, imputed = fill(self.framework, self.imputations, found, prepared)
        treated, normalised = self.transform(filled)
        scorable = self.coverage(normalised, imputed, prepared.applicable)
        values = evaluate(self.tree, normalised, self.weights, scorable.has_value)[0]
        return Scores(
            model=self,
            framework=self.framework,
            tree=self.tree,
            weights=self.weights,
            data=found,
            raw_array=prepared.raw,
            denominated_array=prepared.denominated,
            filled_array=filled,
            imputed_array=imputed,
            treated_array=treated,
            normalised_array=normalised,
            values_array=values,
            scorable=scorable,
            focal=prepared.focal,
            bounds=self._bounds(prepared),
            notes=(
                *prepared.notes,
                *_unsplit(self.tree),
                *_unscored(self, values, scorable, prepared),
            ),
            reference=f"{self.reference.units} units of {self.reference.origin} "
            f"({self.reference.fingerprint})",
        )

    def coverage(self, normalised: Array, imputed: Mask | None, applicable: Mask) -> Scorable:
        """Which nodes have a value; an imputed cell counts as observed only if the framework says so."""
        return counted(self.framework, self.tree, self.weights, normalised, imputed, applicable)

    def imputed_draws(
        self, data: Data | pd.DataFrame, rng: np.random.Generator, count: int
    ) -> Array:
        """(count, units, L) leaves filled anew each time, ready for ``transform``.

        They differ only where an imputer represents its uncertainty (``Imputer.stochastic``).
        """
        found = as_data(data)
        prepared = prepare(self.framework, found)
        return draws_of(self.framework, self.imputations, found, prepared, rng, count)

    def transform(self, raw: Array) -> tuple[Array, Array]:
        """Denominated and filled leaves (units, L) to treated ones and to the framework's scale."""
        lower, upper = self.framework.scale
        if len(self.steps) == 1:
            (step,) = self.steps
            treated = step.treatment.apply(raw, step.treated)
            normalised = step.normaliser.apply(treated, step.sign, step.normalised)
            normalised = normalised * (upper - lower)
            normalised += lower
            return treated, normalised
        treated, normalised = np.array(raw), np.empty_like(raw)
        for step in self.steps:
            part = step.treatment.apply(raw[:, step.places], step.treated)
            share = step.normaliser.apply(part, step.sign, step.normalised)
            treated[:, step.places] = part
            normalised[:, step.places] = lower + share * (upper - lower)
        return treated, normalised

    def _bounds(self, prepared: Prepared) -> tuple[Array, Array] | None:
        """The risk interval of censored leaves on the scale, lower first whatever the direction."""
        if prepared.low is None or prepared.high is None:
            return None
        censored = np.isnan(prepared.denominated) & ~(
            np.isnan(prepared.low) & np.isnan(prepared.high)
        )
        first, second = self.transform(prepared.low)[1], self.transform(prepared.high)[1]
        safer = np.array([leaf.sign < 0 for leaf in self.framework.indicators])
        low = np.where(safer, second, first)
        high = np.where(safer, first, second)
        return np.where(censored, low, np.nan), np.where(censored, high, np.nan)

    def to_dict(self) -> dict[str, Any]:
        """The model as plain data."""
        leaves = self.framework.indicators
        learned: dict[str, Any] = {leaf.name: {} for leaf in leaves}
        for step in self.steps:
            for number, place in enumerate(step.places):
                entry = learned[leaves[place].name]
                for kind, values in (
                    ("treatment", step.treated),
                    ("normalisation", step.normalised),
                ):
                    if values:
                        entry[kind] = {
                            name: _listed(np.asarray(one)[..., number])
                            for name, one in values.items()
                        }
        plain = {
            "format": FORMAT,
            "framework": self.framework.to_dict(),
            "fingerprint": self.framework.fingerprint,
            "reference": {
                "units": self.reference.units,
                "years": list(self.reference.years),
                "fingerprint": self.reference.fingerprint,
                "origin": self.reference.origin,
            },
            "weights": dict(zip(self.tree.names, self.weights.tolist(), strict=True)),
            "learned": learned,
            "imputation": [
                {
                    "method": one.imputer.spec(),
                    "learned": {name: _listed(values) for name, values in one.learned.items()},
                }
                for one in self.imputations
            ],
        }
        return {**plain, "sha256": _digest(plain)}

    def to_json(self) -> str:
        """Return the model as JSON text; ``from_json`` reads it back."""
        return json.dumps(self.to_dict(), indent=1, ensure_ascii=False, allow_nan=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Model:
        """Read a model from the text of ``to_json``; it scores exactly as the one that was written.

        Raises
        ------
        FrameworkError
            If the text is not such a model, or was changed by hand.
        """
        where = "JSON text of a model"
        if not isinstance(text, str) or not text.lstrip().startswith("{"):
            raise FrameworkError(
                f"{where}: expected the text of `Model.to_json`, received {type(text).__name__}; a file is "
                "read by `Model.load(path)`"
            )
        return cls._from_plain(parse_document(text, ".json", where), where)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the model to a .json file, whole or not at all; ``load`` reads it back."""
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
        target = Path(path)
        raw = read_document(target) if target.suffix.lower() == ".json" else None
        return cls._from_plain(raw, str(target))

    @classmethod
    def _from_plain(cls, raw: object, target: str) -> Model:
        if not isinstance(raw, Mapping) or raw.get("format") != FORMAT:
            raise FrameworkError(
                f"{target}: not a model; expected a .json file written by `Model.save` or "
                "`dsr-risk score --save-model`"
            )
        framework = Framework.from_dict(raw.get("framework"), target)
        if framework.fingerprint != raw.get("fingerprint"):
            raise FrameworkError(
                f"{target}: the framework was changed after the model was fitted (fingerprint "
                f"{framework.fingerprint}, expected {raw.get('fingerprint')}); fit it again"
            )
        plain = {key: value for key, value in raw.items() if key != "sha256"}
        if _digest(plain) != raw.get("sha256"):
            raise FrameworkError(
                f"{target}: damaged, or changed by hand after the model was fitted (`sha256` does not fit "
                "the content); fit it again"
            )
        try:
            return cls._restored(framework, raw)
        except (KeyError, TypeError, ValueError) as broken:
            raise FrameworkError(f"{target}: damaged model: {broken!r}; fit it again") from None

    @classmethod
    def _restored(cls, framework: Framework, raw: Mapping[str, Any]) -> Model:
        tree = compile_tree(framework)
        leaves = framework.indicators
        steps = []
        for places, sign, treatment, normaliser in blocks(framework):
            entries = [raw["learned"][leaves[place].name] for place in places]

            def stacked(kind: str, entries: list[Any] = entries) -> Learned:
                names = entries[0].get(kind, {})
                return {
                    name: np.stack([_array(one[kind][name]) for one in entries], axis=-1)
                    for name in names
                }

            steps.append(
                Step(
                    places,
                    sign,
                    treatment,
                    normaliser,
                    stacked("treatment"),
                    stacked("normalisation"),
                )
            )
        weights = np.array([float(raw["weights"][name]) for name in tree.names])
        if not (np.isfinite(weights) & (weights >= 0)).all():
            raise ValueError("weights must be finite and not negative")
        reference = raw["reference"]
        return cls(
            framework,
            tuple(steps),
            weights,
            Reference(
                int(reference["units"]),
                tuple(int(year) for year in reference["years"]),
                str(reference["fingerprint"]),
                str(reference["origin"]),
            ),
            _restored_imputations(framework, raw["imputation"]),
        )

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


def fit(framework: Framework, data: Data | pd.DataFrame, *, strict: bool = False) -> Model:
    """Learn from a reference set what the framework's methods need; see ``dsr_risk.fit``."""
    found = data_for(framework, lambda: as_data(data), strict=strict)
    prepared = reference_of(framework, found, strict=strict)
    keep = ~prepared.focal
    if not keep.any():
        raise NotScorableError(
            f"every country in the data is the focal origin {framework.focal} itself or part of it "
            f"({', '.join((str(framework.focal), *FOCAL_PARTS.get(str(framework.focal), ())))}), "
            "which is not scored"
        )
    imputations = learn_imputations(framework, found, prepared, keep)
    filled, imputed = fill(framework, imputations, found, prepared)
    raw = filled if keep.all() else filled[keep]
    steps = learn_steps(framework, raw, found.origin)
    reference = Reference(int(keep.sum()), found.years, found.fingerprint, found.origin)
    tree = compile_tree(framework)
    draft = Model(framework, steps, np.array(tree.weights), reference, imputations)

    def normalise() -> tuple[Array, Mask | None, Mask]:
        guessed = None if imputed is None else imputed[keep]
        return draft.transform(raw)[1], guessed, prepared.applicable[keep]

    excluded = found.iso3[prepared.focal]
    weights = learn_weights(framework, tree, found, excluded, normalise)
    return Model(framework, steps, weights, reference, imputations)


def _unsplit(tree: Tree) -> list[str]:
    """What the reader must know where an aggregation cannot be taken apart."""
    return [
        f"`{tree.names[branch.node]}`: aggregation `{branch.aggregator.name}` has no exact split over its "
        "children; its contribution is one term, and those below it have none"
        for branch in tree.branches
        if branch.aggregator.attribution == "none"
    ]


def _digest(plain: Mapping[str, Any]) -> str:
    """SHA-256 of plain data, whatever the order of keys."""
    text = json.dumps(plain, sort_keys=True, ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _listed(values: Array) -> Any:
    """An array as plain lists; JSON has no NaN and no infinity, so those become null and text."""
    flat = np.asarray(values, float)
    if np.isfinite(flat).all():
        return flat.tolist()
    plain = flat.astype(object)
    plain[np.isnan(flat)] = None
    plain[np.isposinf(flat)], plain[np.isneginf(flat)] = "inf", "-inf"
    return plain.tolist()


def _array(values: Any) -> Array:
    return np.array(values, dtype=object).astype(float)


def _restored_imputations(framework: Framework, entries: Any) -> tuple[Imputation, ...]:
    asked = imputers(framework)
    if [imputer.spec() for _, imputer in asked] != [one["method"] for one in entries]:
        raise ValueError("imputation does not match the framework")
    return tuple(
        Imputation(places, imputer, {name: _array(one) for name, one in entry["learned"].items()})
        for (places, imputer), entry in zip(asked, entries, strict=True)
    )


def _unscored(model: Model, values: Array, scorable: Scorable, prepared: Prepared) -> list[str]:
    """What the reader must know where a headline score cannot be given to anybody."""
    notes = []
    for head in model.tree.heads:
        if len(values) > 1 and np.isnan(values[~prepared.focal, head]).all():
            name = model.tree.names[head]
            most = scorable.seen[~prepared.focal, head].max(initial=0.0)
            notes.append(
                f"no country has a {name} score: at most {most:.3g} of its weight is observed"
            )
    return notes
