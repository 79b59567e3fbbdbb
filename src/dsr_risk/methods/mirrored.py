"""Means seen from the other end of the scale, and the product of children."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal, Self, cast

import numpy as np
from pydantic import PlainSerializer, PlainValidator, WithJsonSchema

from .._util.types import Array, Mask
from .aggregation import Aggregator, Mean, Parameter
from .noncompensatory import children_first

__all__ = ["Mirrored", "ProductOfChildren"]

Inner = Annotated[
    Any,
    PlainValidator(Mean.parse),
    PlainSerializer(lambda mean: Mean.parse(mean).spec(), return_type=Any),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "object", "required": ["method"]}]}),
]


class Mirrored(Mean):
    r"""A mean of the distances from the upper end of the scale: a low child makes up for a high one in part.

    .. math:: M'(x) = U + L - M(U + L - x)

    with ``of`` the mean M and L and U the ends of the scale. On a scale where 100 is worst the mirrored
    geometric mean lies above the arithmetic one, and a child at 100 gives 100 where the mean has offset 0. Its
    decomposition is exact, as that of its mean.

    References
    ----------
    Marin-Ferrer, M., Vernaccini, L. and Poljansek, K. (2017), INFORM Index for Risk Management: Concept and
    Methodology, JRC, doi:10.2760/094023 (geometric mean of the scale turned round).

    Examples
    --------
    >>> mean = Mirrored(of={"method": "geometric", "offset": 0})
    >>> a, b = mean.affine_map(0, 100)
    >>> x = np.array([[90.0], [10.0]])
    >>> raised = mean.combine(a + b * x, np.ones((2, 1)), np.ones((2, 1), bool))
    >>> float(((raised - a) / b).round(9).item())
    70.0
    """

    name: ClassVar[str] = "mirrored"

    of: Inner = "geometric"

    @property
    def mean(self) -> Mean:
        """The mean that is mirrored."""
        return Mean.parse(self.of)

    @property
    def sums(self) -> bool:
        """True if the mean is the inverse of a weighted sum of terms."""
        return self.mean.sums

    @property
    def compensation(self) -> Literal["full", "risk-hiding", "risk-keeping"]:
        """The other way round than the mean."""
        turned: dict[str, Literal["full", "risk-hiding", "risk-keeping"]] = {
            "full": "full",
            "risk-hiding": "risk-keeping",
            "risk-keeping": "risk-hiding",
        }
        return turned[self.mean.compensation]

    def affine_map(self, lower: float, upper: float) -> tuple[Parameter, Parameter]:
        """Return the affine map to the mirrored scale, and from it to the one the mean works on."""
        intercept, slope = self.mean.affine_map(lower, upper)
        return intercept + slope * (lower + upper), -slope

    def offset_on(self, lower: float) -> Parameter:
        """Return the offset of the mean."""
        return self.mean.offset_on(lower)

    def requires_positive(self) -> bool:
        """Tell whether the mean needs a scale above zero."""
        return self.mean.requires_positive()

    def drawn(self, changes: Mapping[str, Array]) -> Self:
        """Return the same: no parameter has one number a draw."""
        return self

    def combine(self, values: Array | Sequence[Array], weights: Array, present: Mask) -> Array:
        """Return the mean on the mirrored scale."""
        return self.mean.combine(values, weights, present)

    def ratio(self, a: Array, b: Array, whole_a: Array, whole_b: Array) -> Array:
        """Return the ratio of slopes of the mean."""
        return self.mean.ratio(a, b, whole_a, whole_b)

    def shares(self, weights: Array, a: Array, b: Array, whole_a: Array, whole_b: Array) -> Array:
        """Return the weights times the ratio of slopes of the mean."""
        return self.mean.shares(weights, a, b, whole_a, whole_b)

    def g(self, x: Array) -> Array:
        """Return the generating function of the mean."""
        return self.mean.g(x)

    def inverse(self, y: Array) -> Array:
        """Return the inverse of the mean."""
        return self.mean.inverse(y)

    def derivative(self, x: Array) -> Array:
        """Return the derivative of the mean."""
        return self.mean.derivative(x)

    def secant(self, a: Array, b: Array) -> Array:
        """Return the slope of the mean."""
        return self.mean.secant(a, b)


class ProductOfChildren(Aggregator):
    r"""The product of the children as shares of the scale: risk needs every child.

    .. math:: L + (U - L) \prod_i \frac{x_i - L}{U - L}

    Weights above 0 do not matter, and a missing child plays no part: estimate it where it is a factor. The
    value lies below its smallest child. The split against the floor of the scale gives every child the same
    part (the Shapley value); between two profiles the group is one term.

    References
    ----------
    UNDRO (1980), Natural Disasters and Vulnerability Analysis (risk as the product of hazard and
    vulnerability); Shapley, L. S. (1953), Annals of Mathematics Studies 28.

    Examples
    --------
    >>> method = ProductOfChildren()
    >>> a, b = method.affine_map(0, 100)
    >>> x = np.array([[50.0], [80.0]])
    >>> value = method.combine(a + b * x, np.ones((2, 1)), np.ones((2, 1), bool))
    >>> float(((value - a) / b).item())
    40.0
    """

    name: ClassVar[str] = "product"
    attribution: ClassVar[Literal["exact", "none"]] = "exact"

    @property
    def inside(self) -> bool:
        """True if the value lies between its children: it lies below the smallest."""
        return False

    @property
    def compensation(self) -> Literal["full", "risk-hiding", "risk-keeping"]:
        """Risk is hidden: a child near the floor leaves little."""
        return "risk-hiding"

    def affine_map(self, lower: float, upper: float) -> tuple[Parameter, Parameter]:
        """Return the affine map from the scale to 0-1."""
        return -lower / (upper - lower), 1 / (upper - lower)

    def combine(self, values: Array | Sequence[Array], weights: Array, present: Mask) -> Array:
        """Return the product of shares, those below the floor as zero."""
        shape = np.broadcast_shapes(np.shape(values[0]), weights.shape[1:])
        product, any_ = np.ones(shape), np.zeros(shape, bool)
        for x, w, observed in zip(values, weights, present, strict=True):
            live = observed & (w > 0)
            product = product * np.where(live, np.maximum(x, 0.0), 1.0)
            any_ = any_ | live
        return cast("Array", np.where(any_, product, np.nan))

    def attribute(self, values: Array, weights: Array, floor: float = 0.0) -> Array | None:
        """Split exactly: the same part for every child that plays one."""
        x, w = children_first(values, weights)
        live = ~np.isnan(x)
        value = self.combine(np.nan_to_num(x), np.where(live, w, 1.0), live)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(live, (value - floor) / live.sum(axis=0), np.nan).T
