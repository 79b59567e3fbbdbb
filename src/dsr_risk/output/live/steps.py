"""The computation of each indicator and group: a formula, or values with the reason why."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..._util.types import Array
from ...framework.nodes import Group, Indicator
from ...methods.normalisation import Normaliser
from ...scoring.pipeline import Step
from .formulas import CLIPPED, changed, literal, share_formula, term_formula, treated_formula
from .group_formulas import SPLIT
from .layout import FIRST, LEAD, Layout, cell

__all__ = ["Bound", "Steps"]

RANKED = ("rank", "percentile_rank", "borda")
EXTREMES = (*CLIPPED[1:], "distance_to_target", "distance_to_reference")
"""Normalisations whose bounds are the smallest and the largest value of the reference set."""
ORDINARY = {
    Indicator: frozenset(
        {
            "name",
            "label",
            "code",
            "unit",
            "source",
            "rationale",
            "weight",
            "higher_is",
            "derived",
            "missing",
            "treatment",
            "normalisation",
            "denominator",
            "scale_factor",
            "plausible",
            "ordinal",
            "focal",
            "optional",
            "column",
            "role",
        }
    ),
    Group: frozenset(
        {
            "name",
            "label",
            "code",
            "unit",
            "source",
            "rationale",
            "weight",
            "weighting",
            "aggregation",
            "min_coverage",
            "max_width",
            "min_children",
            "children",
            "rounding",
            "scaled_by",
            "value",
        }
    ),
}
"""Fields whose meaning the formulas know."""
NOWHERE = dict.fromkeys(
    ("low", "high", "start", "end", "turn", "a", "b", "p", "lower", "upper"), "A1"
)


@dataclass(frozen=True)
class Bound:
    """A bound, centre or unit of a normalisation: given, or learned with or without a formula."""

    value: float
    formula: str | None = None
    given: bool = False


class Steps:
    """The steps from one column of the workbook to the next."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.scores = layout.scores
        self.step: dict[int, tuple[Step, int]] = {
            int(column): (step, number)
            for step in self.scores.model._steps
            for number, column in enumerate(step.indices)
        }
        self.treats = any(step.treatment.name != "none" for step in self.scores.model._steps)

    @cached_property
    def refits(self) -> bool:
        """True if the reference set is these rows, so that what is learned from it can follow them."""
        model, data = self.scores.model, self.scores.data
        return (
            self.scores._whole is None
            and model.reference.fingerprint == data.fingerprint
            and model.reference.units == self.layout.scored
        )

    # -- columns ----------------------------------------------------------------------------------

    def input_cell(self, sheet: str, column: int, row: int) -> str:
        """Return a cell of a column that is read."""
        return cell(sheet, row, LEAD + column, "c")

    def source(self, indicator: int, row: int) -> str:
        """Return the cell of an indicator before treatment: filled, or derived."""
        column = int(self.scores._state.prepared.layout.indicators[indicator])
        return self.column_cell(column, row)

    def column_cell(self, column: int, row: int) -> str:
        """Return the cell of a column that is read or derived."""
        inputs = len(self.scores._state.prepared.layout.inputs)
        if column < inputs:
            return self.input_cell("Filled", column, row)
        return cell("Derived", row, LEAD + column - inputs, "c")

    def treated(self, indicator: int, row: int) -> str:
        """Return the cell of an indicator that is normalised."""
        return (
            cell("Treated", row, LEAD + indicator, "c")
            if self.treats
            else self.source(indicator, row)
        )

    def reference(self, indicator: int) -> str:
        """Return the range of an indicator over the units that are scored."""
        first, last = FIRST, self.layout.last_scored
        address = self.treated(indicator, first)
        sheet, _, corner = address.partition("!")
        column = corner.replace("$", "").rstrip("0123456789")
        return f"{sheet}!${column}${first + 1}:${column}${last + 1}"

    # -- what is computed by what -------------------------------------------------------------------

    def normaliser(self, indicator: int) -> Normaliser:
        """Return the normalisation of an indicator."""
        return self.step[indicator][0].normaliser

    def parameters(self, indicator: int, which: str = "treated") -> dict[str, float]:
        """Return what a method learned for an indicator, where that is one number."""
        step, number = self.step[indicator]
        learned = step.treated if which == "treated" else step.normalised
        return {
            name: float(values[number]) for name, values in learned.items() if np.ndim(values) == 1
        }

    @cached_property
    def values(self) -> dict[int, str]:
        """The nodes whose own step is written as values, with the reason."""
        out = {}
        for indicator, node in enumerate(self.scores.framework.indicators):
            why = self._indicator_reason(indicator, node)
            if why:
                out[indicator] = why
        for group_node in self.layout.group_nodes:
            why = self._group_reason(group_node)
            if why:
                out[group_node] = why
        return out

    def _indicator_reason(self, indicator: int, node: Indicator) -> str:
        odd = _odd(node, Indicator)
        if odd:
            return f"`{odd}` has no formula here"
        normaliser = self.normaliser(indicator)
        if normaliser.name in RANKED:
            if set(changed(normaliser)) or not self.refits:
                return f"normalisation `{normaliser.name}` among other units has no formula here"
        elif share_formula(normaliser, "A1", NOWHERE) is None:
            return f"normalisation `{normaliser.name}` has no formula here"
        return ""

    def _group_reason(self, index: int) -> str:
        node = self.scores.framework[self.scores._state.tree.names[index]]
        odd = _odd(node, Group)
        if odd:
            return f"`{odd}` has no formula here"
        mean = self.layout.mean(index)
        if mean.name in SPLIT and self.layout.special(index) is not None:
            return f"aggregation `{mean.name}` of a group with `scaled_by` or `value` has no formula here"
        if mean.name not in SPLIT and term_formula(mean, "A1", NOWHERE, "A1") is None:
            return f"aggregation `{mean.name}` has no formula here"
        return ""

    def treats_by_formula(self, indicator: int) -> bool:
        """Tell whether the treatment of an indicator is a formula."""
        return (
            treated_formula(self.step[indicator][0].treatment, "A1", self.parameters(indicator))
            is not None
        )

    def computed_by(self, index: int) -> str:
        """Say how the value of a node is computed."""
        if index in self.values:
            return f"values: {self.values[index]}"
        if index >= self.scores._state.tree.n_indicators:
            return "formula"
        text = "formula"
        if not self.treats_by_formula(index):
            text += f"; treated by `{self.step[index][0].treatment.name}`: values"
        elif self.step[index][0].treatment.name == "winsorise":
            text += "; bounds of the treatment are learned values"
        bounds = self.learned(index).values()
        if any(not bound.given and bound.formula is None for bound in bounds):
            text += "; bounds are learned values"
        return text

    # -- bounds -----------------------------------------------------------------------------------

    def learned(self, indicator: int) -> dict[str, Bound]:
        """Return bounds, or centre and unit, of the normalisation of an indicator."""
        normaliser = self.normaliser(indicator)
        learned = self.parameters(indicator, "normalised")
        name = normaliser.name
        if name == "zscore":
            spread_ = "STDEV" if getattr(normaliser, "ddof", 1) == 1 else "STDEVP"
            kinds = (("mean", "AVERAGE"), ("sd", spread_))
        elif name == "robust":
            kinds = (("median", ""), ("mad", ""))
        elif "low" in learned and "high" in learned:
            functions = ("MIN", "MAX") if name in EXTREMES else ("", "")
            kinds = (("low", functions[0]), ("high", functions[1]))
        elif name == "fraction_of_maximum":
            return {
                "high or unit": self._bound(indicator, learned["high"], "MAX", None),
            }
        else:
            return {}
        return {
            column: self._bound(indicator, learned[key], function, getattr(normaliser, key, None))
            for column, (key, function) in zip(
                ("low or centre", "high or unit"), kinds, strict=True
            )
        }

    def _bound(self, indicator: int, value: float, function: str, given: object) -> Bound:
        if function and self.refits:
            return Bound(value, f"{function}({self.reference(indicator)})")
        if isinstance(given, str) and self.refits:
            share = literal(float(given[1:]) / 100)
            return Bound(value, f"PERCENTILE({self.reference(indicator)},{share})")
        return Bound(value, None, isinstance(given, float) and not function)

    # -- shares of the scale -------------------------------------------------------------------------

    def share(
        self, indicator: int, x: str, addresses: dict[str, str], *, many: bool = False
    ) -> str | None:
        """Return the formula of the share of the scale that x is worth, None where there is none."""
        normaliser = self.normaliser(indicator)
        if normaliser.name not in RANKED:
            return share_formula(normaliser, x, addresses, many=many)
        if many:
            return None
        column = self.reference(indicator)
        rank = f"RANK({x},{column},IF({addresses['turn']}>0,1,0))"
        if normaliser.name == "rank":
            return f"{rank}/COUNT({column})"
        most = (
            f"COUNT({column})" if normaliser.name == "percentile_rank" else str(self.layout.scored)
        )
        return f"({rank}-1)/({most}-1)"

    # -- what is observed ----------------------------------------------------------------------------

    def observed(self, indicator: int, row: int, unit: int) -> str:
        """Return the condition that an indicator of a unit is observed."""
        layout = self.scores._state.prepared.layout
        flagged = self.scores._state.prepared.flagged
        sources = layout.sources(indicator)
        if flagged is not None and flagged[unit, list(sources)].any():
            return "FALSE"
        return self.given(sources, row)

    def given(self, columns: tuple[int, ...], row: int) -> str:
        """Return the condition that columns have values of their own, with what divides them."""
        cells = [self.input_cell("Raw", column, row) for column in columns]
        inputs = self.scores.framework.inputs
        cells += [self.divisor(column, row) for column in columns if inputs[column].denominator]
        if len(cells) == 1:
            return f"ISNUMBER({cells[0]})"
        return f"COUNT({','.join(cells)})={len(cells)}"

    def divisor(self, column: int, row: int) -> str:
        """Return the cell of what divides a column."""
        return cell("Raw", row, self.divisors[column], "c")

    @cached_property
    def divisors(self) -> dict[int, int]:
        """The place on the sheet of raw data of what divides a column."""
        inputs = self.scores.framework.inputs
        divided = [
            index
            for index, node in enumerate(inputs)
            if node.denominator is not None and node.denominator in self.scores.data.columns
        ]
        return {index: LEAD + len(inputs) + number for number, index in enumerate(divided)}

    @cached_property
    def columns(self) -> list[Array]:
        """Every column that is read or derived, filled, units in the order of the data."""
        prepared = self.scores._state.prepared
        filled = self.scores._state.estimates.put(prepared.denominated)
        out = [filled[:, column] for column in range(filled.shape[1])]
        for derivation in prepared.layout.derivations:
            parts = np.stack([out[part] for part in derivation.parts])
            out.append(np.asarray(derivation.operation.evaluate(parts)))
        return out

    @cached_property
    def estimated(self) -> dict[tuple[int, int], int]:
        """The number of every estimated cell by unit and column."""
        estimates = self.scores._state.estimates
        pairs: zip[tuple[int, int]] = zip(
            estimates.rows.tolist(), estimates.columns.tolist(), strict=True
        )
        return {pair: number for number, pair in enumerate(pairs)}

    def unknown(self, indicator: int, unit: int) -> tuple[int, ...]:
        """Return the columns behind an indicator that are estimated for a unit."""
        sources = self.scores._state.prepared.layout.sources(indicator)
        return tuple(column for column in sources if (unit, column) in self.estimated)


def _odd(node: object, kind: type[Indicator | Group]) -> str:
    """Return a field that differs from its default and that the formulas do not know, "" for none."""
    for name, field in kind.model_fields.items():
        if name not in ORDINARY[kind] and getattr(node, name) != field.get_default():
            return name
    return ""
