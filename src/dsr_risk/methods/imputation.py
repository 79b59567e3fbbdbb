"""Imputation of missing cells."""

from __future__ import annotations

from typing import ClassVar

from ..method import Method

__all__ = ["Imputer", "NoImputation"]


class Imputer(Method):
    """Fills missing cells; what it filled is flagged all the way to the tables."""

    family: ClassVar[str] = "imputation"


class NoImputation(Imputer):
    """Missing stays missing: the weight is shared among the observed siblings.

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, step 3.
    """

    name: ClassVar[str] = "none"
