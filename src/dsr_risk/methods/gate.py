"""Treatment in two stages, only for columns that fail the skewness and kurtosis rule."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

import numpy as np
from pydantic import WithJsonSchema

from .._util.types import Array, Mask
from .moments import passes
from .transforms import Log
from .treatment import Learned, Treatment
from .winsorising import Threshold, Winsorise, described

__all__ = ["Gate"]


# The family's schema lists this method again: a stage is described loosely so that it ends.
Stage = Annotated[
    Treatment,
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string"},
                {
                    "type": "object",
                    "properties": {"method": {"type": "string"}},
                    "required": ["method"],
                },
            ]
        }
    ),
]


class Gate(Treatment):
    """Treats only what needs it: `first`, and where that is not enough `second` on the original.

    A column that passes (``|skew| < skewness`` or ``kurt < kurtosis``) is left alone. One that fails is
    given to ``first`` (winsorisation); if it still fails, ``second`` (a logarithm) is applied to the
    *original* values, or to those of the first stage with ``combine``. The result of the second stage is
    kept even where it fails too: ``details`` and a note of the scores say so.

    Notes
    -----
    Equals COINr's ``Treat`` and ``qTreat`` (1.1.14) with their defaults. There parameters given for one
    indicator drop the defaults of every function not named again, and a column with missing values may
    come back untreated; here every stage carries its own parameters.

    References
    ----------
    Saisana, M. et al. (2019), Your 10-step pocket guide to composite indicators and scoreboards,
    European Commission/JRC; Becker, W. et al. (2022), COINr, JOSS 7(78), 4567.

    Examples
    --------
    >>> x = np.array([*range(1, 11), 30, 100], float)[:, None]
    >>> gate = Gate()
    >>> gate.details(x, gate.fit(x))[0]["stage"]
    'winsorise'
    """

    name: ClassVar[str] = "gate"

    first: Stage = Winsorise()
    second: Stage = Log()
    skewness: Threshold = 2.0
    kurtosis: Threshold = 3.5
    combine: bool = False

    def fit(self, x: Array) -> Learned:
        """Return the stage each column stops at (0, 1, 2) and what the stages learned, NaN elsewhere."""
        stage = np.where(passes(x, self.skewness, self.kurtosis), 0.0, 1.0)
        learned: dict[str, Array] = {}
        after = self._stage(x, stage == 1, "first", learned)
        still = (stage == 1) & ~passes(after, self.skewness, self.kurtosis)
        self._stage(after if self.combine else x, still, "second", learned)
        return {"stage": np.where(still, 2.0, stage), **learned}

    def _stage(self, x: Array, taken: Mask, which: str, learned: dict[str, Array]) -> Array:
        """Learn a stage on the columns taken, spread what it learned over all, and apply it."""
        method: Treatment = getattr(self, which)
        learned_part = method.fit(x[:, taken])
        for name, values in learned_part.items():
            full = np.full((*np.shape(values)[:-1], x.shape[1]), np.nan)
            full[..., taken] = values
            learned[f"{which}.{name}"] = full
        out = x.copy()
        out[:, taken] = method.apply(x[:, taken], learned_part)
        return out

    def apply(self, x: Array, learned: Learned) -> Array:
        """Return the columns, each through the stage it stopped at."""
        stage, out = learned["stage"], x.copy()
        first = (stage == 1) | ((stage == 2) & self.combine)
        for which, taken in (("first", first), ("second", stage == 2)):
            method: Treatment = getattr(self, which)
            out[:, taken] = method.apply(out[:, taken], _part(learned, which, taken))
        return out

    def ends(self, learned: Learned) -> tuple[Array | float, Array | float]:
        """Return the ends of the second stage for columns that it treats alone."""
        taken = (learned["stage"] == 2) & (not self.combine)
        low, high = np.full(len(taken), -np.inf), np.full(len(taken), np.inf)
        low[taken], high[taken] = self.second.ends(_part(learned, "second", taken))
        return low, high

    def unfinished(self, x: Array, learned: Learned) -> Mask:
        """Tell which columns fail after both stages."""
        return ~passes(self.apply(x, learned), self.skewness, self.kurtosis)

    def details(self, x: Array, learned: Learned) -> list[dict[str, Any]]:
        """Return stage, rows changed, skewness and kurtosis before and after, whether it passes in the end."""
        after = self.apply(x, learned)
        changed = ~np.isnan(x) & (after != x)
        names = ("none", self.first.name, self.second.name)
        moments = described(x, after, self.skewness, self.kurtosis)
        return [
            {"stage": names[int(stage)], "points": np.flatnonzero(rows).tolist(), **moment}
            for stage, rows, moment in zip(learned["stage"], changed.T, moments, strict=True)
        ]


def _part(learned: Learned, which: str, taken: Mask) -> dict[str, Array]:
    """Return what a stage learned for some columns."""
    return {
        name.partition(".")[2]: values[..., taken]
        for name, values in learned.items()
        if name.startswith(f"{which}.")
    }
