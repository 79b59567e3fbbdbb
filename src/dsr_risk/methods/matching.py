"""Missing cells by predictive mean matching."""

from __future__ import annotations

from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field

from .._util.types import Array
from ._predictive import Predictive
from .central import donors
from .imputation import Context, bounds_of
from .neighbours import nearest
from .regression import RegressionImputation, conditional_means
from .treatment import Learned

__all__ = ["MatchingImputation"]


class MatchingImputation(RegressionImputation):
    """The values of the reference units whose regression prediction of the column is nearest.

    As `regression`, but a missing cell takes the observed value of one of the ``donors`` reference units with
    the nearest prediction, each with the same probability (units as near as the last all count): values that
    occur, whatever their distribution. The coefficients are not drawn, so that intervals are too narrow where
    few reference units have the column: prefer `regression`, and compare.

    References
    ----------
    Little, R. J. A. (1988), Missing-data adjustments in large surveys, JBES 6(3), 287-296; van Buuren, S. and
    Groothuis-Oudshoorn, K. (2011), mice, J. of Statistical Software 45(3); Morris, T. P., White, I. R. and
    Royston, P. (2014), BMC Medical Research Methodology 14, 75 (number of donors).

    Examples
    --------
    >>> a = np.arange(40.0)
    >>> x = np.column_stack([a, np.square(a)])
    >>> x[20, 1] = np.nan
    >>> where = Context(np.array([f"C{row}" for row in range(40)], object))
    >>> method = MatchingImputation(donors=2)
    >>> method.predict(x, where, method.fit(x, where))[20, 1].item() == (19**2 + 21**2) / 2
    True
    """

    name: ClassVar[str] = "matching"

    donors: Annotated[int, Field(ge=1, strict=True)] = 10

    def fit(self, x: Array, context: Context) -> Learned:
        """Return what `regression` learns, the reference columns and their predictions."""
        learned = dict(super().fit(x, context))
        learned["reference"] = np.array(x, float)
        learned["fit"] = conditional_means(self._latent(x, context, learned), learned, x.shape[1])
        return learned

    def _predictive(self, x: Array, context: Context, learned: Learned) -> Predictive:
        rows, columns = np.nonzero(np.isnan(x))
        guess = conditional_means(self._latent(x, context, learned), learned, x.shape[1])
        low, high = (bound[rows, columns] for bound in bounds_of(x, context))
        values = learned["reference"][:, columns]
        inside = ~np.isnan(values) & (values >= low) & (values <= high)
        away = np.abs(learned["fit"][:, columns] - guess[rows, columns])
        near = nearest(np.where(inside, away, np.inf), self.donors)
        return donors(rows, columns, near, values, low, high)
