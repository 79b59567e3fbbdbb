"""Scores and normalised indicators as transformers of scikit-learn (extra `sklearn`).

Rows are units of any kind, identified by their position. Columns are those that the framework reads: by name in a
frame, in the order of ``Model.columns`` in an array.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ._util.checks import one_of
from ._util.types import Array
from .errors import DataError, DsrRiskError, MissingExtraError, did_you_mean
from .framework.definition import Framework
from .framework.files import load_framework
from .framework.nodes import Group
from .scoring.prepare import columns_of
from .scoring.verbs import Spec, fit

try:
    from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
    from sklearn.utils.validation import check_is_fitted, validate_data
except ImportError:
    raise MissingExtraError(
        "dsr_risk.sklearn needs scikit-learn 1.6 or newer: pip install 'dsr-risk[sklearn]'"
    ) from None

if TYPE_CHECKING:
    from .scoring.model import Model

__all__ = ["CHECKS_NOT_PASSED", "IndicatorNormaliser", "RiskScorer"]

CHECKS_NOT_PASSED: Mapping[str, Mapping[str, str]] = {"RiskScorer": {}, "IndicatorNormaliser": {}}
"""By estimator, the checks of ``sklearn.utils.estimator_checks`` that it does not pass, each with the reason."""


class _Scorer(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """The base of both transformers: rows are validated, NaN is missing, weights of samples are refused."""

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.transformer_tags.preserves_dtype = []
        return tags

    def _validated(self, x: Any, *, first: bool) -> Array:
        return np.asarray(
            validate_data(
                self,
                x,
                dtype=np.float64,
                ensure_all_finite="allow-nan",
                ensure_min_samples=2 if first else 1,
                reset=first,
            )
        )

    def _refuse(self, given: Mapping[str, Any]) -> None:
        if given:
            name = type(self).__name__
            why = (
                "goalposts and weights are learned from rows that all count the same; leave rows out instead"
                if "sample_weight" in given
                else "it takes X and y only"
            )
            raise TypeError(f"{name}.fit does not take `{next(iter(given))}`: {why}")

    def _of_columns(self, count: int, higher_is: str = "riskier", **fields: Any) -> Framework:
        """Return a framework of one score over the columns, equally weighted.

        Indicators have the names of the columns where those can be names, else ``x0``, ``x1`` and on.
        """
        names = [str(name) for name in getattr(self, "feature_names_in_", ())]
        if "risk" in names or not all(
            re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]{0,79}", n) for n in names
        ):
            names = []
        indicators = [
            {"name": name, "higher_is": higher_is}
            for name in names or [f"x{number}" for number in range(count)]
        ]
        return load_framework(
            {"name": "columns", "scores": [{"name": "risk", "children": indicators}], **fields}
        )


class RiskScorer(_Scorer):
    """Fit a framework on the rows of X and score rows: a transformer.

    Parameters
    ----------
    framework
        A framework, as ``dsr_risk.fit`` takes it. None: one score, ``risk``, the equally weighted mean of all
        columns on 0-100, more being riskier.
    level
        ``score``: one column for each headline score. ``all``: one for every node of the framework.

    Attributes
    ----------
    model_ : Model
        The fitted model.
    framework_ : Framework
        The framework that was fitted.
    n_features_in_, feature_names_in_
        The columns read, as in scikit-learn.

    Notes
    -----
    Parameters of the framework are parameters of the estimator: ``set_params(dependency__aggregation__p=3)``
    gives the node `dependency` a power mean with that p, so that ``GridSearchCV`` can vary it. A score is NaN
    where too little is observed.

    Examples
    --------
    >>> import numpy as np
    >>> RiskScorer().fit_transform(np.array([[1.0, 10.0], [3.0, 30.0], [2.0, 30.0]])).ravel().tolist()
    [0.0, 100.0, 75.0]
    >>> RiskScorer("dsr").set_params(dependency__aggregation__p=2).framework["dependency"].aggregation.p
    2.0
    """

    model_: Model
    framework_: Framework

    def __init__(
        self, framework: Spec | None = None, *, level: Literal["score", "all"] = "score"
    ) -> None:
        self.framework = framework
        self.level = level

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the parameters; with `deep` those of the framework's nodes too, as ``node__field``."""
        out: dict[str, Any] = super().get_params(deep=False)
        if not deep or self.framework is None:
            return out
        try:
            framework = load_framework(self.framework)
        except (DsrRiskError, TypeError):
            return out
        return {**out, **_parameters(framework)}

    def set_params(self, **params: Any) -> RiskScorer:
        """Set parameters; ``node__field`` and ``node__field__parameter`` replace parts of the framework.

        Raises
        ------
        ValueError
            For a parameter that neither the estimator nor the framework has.
        """
        plain = {name: value for name, value in params.items() if "__" not in name}
        super().set_params(**plain)
        paths = {
            name.replace("__", "."): value for name, value in params.items() if name not in plain
        }
        if paths:
            if self.framework is None:
                raise ValueError(
                    f"no parameter `{next(iter(paths)).replace('.', '__')}`: no framework, no nodes"
                )
            try:
                self.framework = load_framework(self.framework).replace(_with_methods(self, paths))
            except DsrRiskError as error:
                raise ValueError(str(error)) from None
        return self

    def fit(self, X: Any, y: Any = None, **given: Any) -> RiskScorer:
        """Learn goalposts, weights and the model of missing cells from the rows of X; `y` is ignored.

        Raises
        ------
        DataError
            With every problem of the columns.
        TypeError
            For `sample_weight`, which is not used.
        """
        self._refuse(given)
        if self.level not in ("score", "all"):
            raise ValueError(
                f"unknown `level` {self.level!r}; {did_you_mean(str(self.level), ('score', 'all'))}"
            )
        framework = None if self.framework is None else load_framework(self.framework)
        x = self._validated(_picked(X, framework), first=True)
        self.framework_ = self._of_columns(x.shape[1]) if framework is None else framework
        self.model_ = fit(self.framework_, x)
        return self

    def transform(self, X: Any) -> Array:
        """Return the scores (rows, scores) of rows on the scale that was learned."""
        check_is_fitted(self)
        picked = _picked(X, None if self.framework is None else self.framework_)
        scores = self.model_.score(self._validated(picked, first=False))
        return scores.values[list(self.get_feature_names_out())].to_numpy()

    def get_feature_names_out(self, input_features: Any = None) -> Any:
        """Return the names of the columns of the result."""
        check_is_fitted(self)
        nodes = self.framework_.scores if self.level == "score" else self.framework_.nodes
        return np.array([node.name for node in nodes], dtype=object)


class IndicatorNormaliser(OneToOneFeatureMixin, _Scorer):  # type: ignore[misc]
    """Treat and normalise each column by a method of the library: a transformer.

    Parameters
    ----------
    normalisation, treatment
        Methods, as a framework names them: ``minmax``, ``{"method": "goalposts", "low": 0, "high": 10}``.
    higher_is
        ``riskier`` or ``safer`` for all columns.
    scale
        The range of the result.

    Attributes
    ----------
    model_ : Model
        The fitted model, a framework with one indicator a column.

    Examples
    --------
    >>> import numpy as np
    >>> IndicatorNormaliser(higher_is="safer").fit_transform(np.array([[1.0], [3.0], [2.0]])).ravel().tolist()
    [100.0, 0.0, 50.0]
    """

    model_: Model

    def __init__(
        self,
        normalisation: Any = "minmax",
        *,
        treatment: Any = "none",
        higher_is: Literal["riskier", "safer"] = "riskier",
        scale: tuple[float, float] = (0.0, 100.0),
    ) -> None:
        self.normalisation = normalisation
        self.treatment = treatment
        self.higher_is = higher_is
        self.scale = scale

    def fit(self, X: Any, y: Any = None, **given: Any) -> IndicatorNormaliser:
        """Learn what the methods need from the rows of X; `y` is ignored.

        Raises
        ------
        DataError
            For an empty or a constant column, if the normalisation learns from it.
        TypeError
            For `sample_weight`, which is not used.
        """
        self._refuse(given)
        x = self._validated(X, first=True)
        one_of("higher_is", self.higher_is, ("riskier", "safer"))
        framework = self._of_columns(
            x.shape[1],
            scale=tuple(self.scale),
            higher_is=self.higher_is,
            defaults={"normalisation": self.normalisation, "treatment": self.treatment},
        )
        self.model_ = fit(framework, x)
        return self

    def transform(self, X: Any) -> Array:
        """Return the columns on the scale that was learned; NaN stays NaN."""
        check_is_fitted(self)
        x = self._validated(X, first=False)
        return np.array(self.model_._pipeline.transform(x)[1], order="C")


def _picked(x: Any, framework: Framework | None) -> Any:
    """Return the columns of a frame that a framework reads, in its order; anything else as it is."""
    if framework is None or not hasattr(x, "columns"):
        return x
    wanted, there = columns_of(framework), [str(name) for name in x.columns]
    absent = [name for name in wanted if name not in there]
    if absent:
        near = did_you_mean(absent[0], there)
        raise DataError(
            f"X lacks {len(absent)} of the {len(wanted)} columns of framework `{framework.name}`: "
            f"{', '.join(absent)}; {near}"
        )
    return x[list(wanted)]


def _parameters(framework: Framework) -> dict[str, Any]:
    """Return what can be replaced in a framework, by ``node__field`` and ``node__field__parameter``."""
    out: dict[str, Any] = {}
    for node in framework.nodes:
        out[f"{node.name}__weight"] = node.weight
        if isinstance(node, Group):
            aggregation = node.aggregation or framework.defaults.aggregation
            methods: dict[str, Any] = {"aggregation": aggregation}
            if aggregation.name == "arithmetic":
                out[f"{node.name}__aggregation__p"] = 1.0
        else:
            methods = {
                name: getattr(node, name) or getattr(framework.defaults, name)
                for name in ("normalisation", "treatment")
            }
        for field, method in methods.items():
            out[f"{node.name}__{field}"] = method
            for name in type(method).model_fields:
                out[f"{node.name}__{field}__{name}"] = getattr(method, name)
    return out


def _with_methods(scorer: RiskScorer, paths: Mapping[str, Any]) -> dict[str, Any]:
    """Return the replacements with parameters of methods as whole methods: ``node.field`` by ``node.field.p``."""
    framework = load_framework(scorer.framework) if scorer.framework is not None else None
    out: dict[str, Any] = {}
    for path, value in paths.items():
        parts = path.split(".")
        if framework is None or len(parts) != 3 or parts[0] not in framework:
            out[path] = value
            continue
        node, field, name = parts
        whole = f"{node}.{field}"
        method = out.get(whole)
        if method is None:
            own = getattr(framework[node], field, None) or getattr(framework.defaults, field, None)
            method = {} if own is None else own.spec()
        if isinstance(method, str):
            method = {"method": method}
        if field == "aggregation" and name == "p" and method.get("method") == "arithmetic":
            method = {"method": "power"}  # the arithmetic mean is the power mean with p = 1
        out[whole] = {**method, name: value}
    return out
