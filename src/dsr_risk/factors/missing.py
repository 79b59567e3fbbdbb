"""Missing cells drawn anew in every draw, from peers or from the imputation model; never a fixed fill."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from ._base import Factor, Kind

__all__ = ["Imputed", "MissingFactor", "Peers"]


class MissingFactor(Factor):
    """Values for missing cells, one for every draw. Cells that do not apply stay empty.

    Which headline scores exist is still decided without the drawn cells.

    Examples
    --------
    >>> isinstance(Factor.parse("imputed"), MissingFactor)
    True
    """

    kind: ClassVar[Kind] = "missing"


class Peers(MissingFactor):
    """A missing cell takes the observed value of a random peer (random hot deck).

    Peers are the countries of the same region or income group (or all, with ``by="none"``); where fewer
    than `least` of them have a value, all countries. A censored cell takes a value inside its bounds.

    References
    ----------
    Andridge, R. R. and Little, R. J. A. (2010), Int. Stat. Review 78(1), 40-64.

    Examples
    --------
    >>> Peers(by="region").least, Peers(by="region").spec()
    (5, {'method': 'peers', 'by': 'region'})
    """

    name: ClassVar[str] = "peers"

    by: Literal["none", "region", "income"] = "none"
    least: Annotated[int, Field(ge=1, strict=True)] = 5


class Imputed(MissingFactor):
    """A missing cell is drawn from the imputation model that the framework names for its indicator.

    References
    ----------
    Rubin, D. B. (1987), Multiple Imputation for Nonresponse in Surveys.

    Examples
    --------
    >>> Imputed(at="gci.missing").spec()
    {'method': 'imputed', 'at': 'gci.missing'}
    """

    name: ClassVar[str] = "imputed"
