"""The explanation of a score: contributions of every node, text, tables and facts."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from .._util.arguments import typed
from .._util.checks import headline_name, whole_number
from .._util.display import FLAG, Shown, of_fact, render, table_of
from .._util.faces import plots
from .._util.frozen import Frozen
from .._util.renamed import renamed

__all__ = ["Explanation"]


INDENT = "· "


WIDE, NARROW = 110, 70
"""Characters of a line from which units are shown, and below which columns go."""
NARROW_NOTE = "Baselines, raw values and years need 70 columns."

FACTS = 12


@typed
@dataclass(frozen=True, eq=False, repr=False)
class Explanation(Frozen, Shown):
    """Contributions of every node to the gap between a profile and a baseline, in points.

    Attributes
    ----------
    country, against : str
        The profile and what it is compared with, in words.
    gaps : dict
        For every explained headline score: (score, baseline score, gap).
    left_out : dict
        For every headline score that could not be explained: why.

    Examples
    --------
    >>> import pandas as pd
    >>> from dsr_risk import explain, score
    >>> fw = {"name": "own", "context": [{"name": "gdp", "higher_is": "safer"}],
    ...       "scores": [{"name": "risk", "children": [
    ...           {"name": "debt", "higher_is": "riskier"}, {"name": "gci", "higher_is": "safer"}]}]}
    >>> table = pd.DataFrame({"iso3": ["KEN", "PAK", "LAO"], "debt": [10, 30, 50], "gci": [80, 60, 20],
    ...                       "gdp": [110, 340, 15]})
    >>> result = explain(score(fw, table), "Laos", against="Kenya")
    >>> result.gaps["risk"], result.contributions("risk").to_dict()
    ((100.0, 0.0, 100.0), {'debt': 50.0, 'gci': 50.0})
    >>> result.drivers("risk", 1)["node"].tolist(), result.table(level="indicator")["value"].tolist()
    (['debt'], [100.0, 100.0])
    >>> result.parts()["is_split"].any().item(), result.with_context()["status"].iloc[-1]
    (False, 'context')
    >>> result.text(width=80).splitlines()[0]
    'Laos (LAO) against Kenya (KEN)'
    """

    country: str
    against: str
    gaps: dict[str, tuple[float, float, float]]
    left_out: dict[str, str]
    _rows: pd.DataFrame
    _context: pd.DataFrame
    _parts: pd.DataFrame

    def table(
        self, score: str | None = None, *, level: Literal["indicator", "all"] = "all"
    ) -> pd.DataFrame:
        """Return one row a node: points, value and baseline on the scale, raw value, source and year.

        The points of the children of a node add up to the node's; those of all indicators (and of
        groups that stand in as one term) to the gap. ``status`` says whether the cell is observed, imputed
        (estimated), missing, not applicable, without a class, censored or suppressed; ``stands_in`` marks
        terms that say what *not* knowing a value did.

        Parameters
        ----------
        score
            An explained headline score; all of them if None.
        level
            ``all`` nodes, or ``indicator``: the terms that add up to the gap.

        Returns
        -------
        DataFrame
            A row a node, columns ``score, node, label, depth, points, value, baseline`` and what is stated
            of the cell.

        Raises
        ------
        UnknownNameError
            For a score that is not explained.
        """
        rows = self._rows
        if score is not None:
            score = headline_name(score, self.gaps)
            rows = rows[rows["score"] == score]
        if level == "indicator":
            rows = rows[rows["is_term"]]
        return rows.drop(columns="is_term").reset_index(drop=True)

    def contributions(self, score: str) -> pd.Series[float]:
        """Return the terms of one score's gap by node name; they sum to the gap.

        Parameters
        ----------
        score
            An explained headline score.

        Returns
        -------
        Series
            Points by term; they add up to the gap.

        Raises
        ------
        UnknownNameError
            For a score that is not explained.
        """
        terms = self.table(score, level="indicator")
        return pd.Series(terms["points"].to_numpy(), index=terms["node"], name="points")

    def parts(self, score: str | None = None) -> pd.DataFrame:
        """Return the terms of the gap, derived indicators split to the parts that they are computed from.

        Rows of an indicator that is split have its name under ``node`` and the part's under ``part``; a row of
        any other term has no part. Points add up to the gap as in `contributions`: the difference of the raw
        values is split by ``Derived.split`` (Shapley 1953; exact for every operation) and the indicator's
        points go by these shares. Against the median profile the parts are compared with their own medians; the
        row ``(medians)`` holds what the operation on these differs from the median of the indicator.
        Against the floor the parts are compared with 0, where parts at 0 put the indicator at the floor (as in
        ``Scores.contributions(level="part")``). An indicator is not split where its raw value does not differ
        from the baseline.

        Columns: score, node, part, label, points, raw and raw_baseline (of the part, estimates at their mean),
        is_split.

        Parameters
        ----------
        score
            An explained headline score; all of them if None.

        Returns
        -------
        DataFrame
            A row a term or part, columns ``score, node, part, label, points, raw, raw_baseline`` and more.

        Raises
        ------
        UnknownNameError
            For a score that is not explained.

        References
        ----------
        Shapley, L. S. (1953), A value for n-person games, Contributions to the Theory of Games II, 307-317.
        """
        rows = self._parts
        if score is not None:
            self.table(score)
            rows = rows[rows["score"] == score]
        return rows.reset_index(drop=True)

    @property
    def notes(self) -> tuple[str, ...]:
        """The limits of the explanation: scores not explained, groups not split, terms that stand for no value."""
        lines = [*self._limits]
        for name in self.gaps:
            terms = self.table(name, level="indicator")
            nodes = terms.loc[terms["stands_in"], "node"]
            if len(nodes):
                lines.append(
                    f"{name}: points of {', '.join(nodes)} come from what is not known of them"
                )
        return tuple(lines)

    @property
    def _limits(self) -> list[str]:
        lines = [f"{name}: not explained: {why}" for name, why in self.left_out.items()]
        for name in self.gaps:
            terms = self.table(name, level="indicator")
            nodes = terms.loc[~terms["is_indicator"] & ~terms["stands_in"], "node"]
            if len(nodes):
                lines.append(
                    f"{name}: points of {', '.join(nodes)} are one term: no exact split over the children between "
                    "these profiles"
                )
        return lines

    @property
    def context(self) -> pd.DataFrame:
        """Facts that are shown and never scored: label, value, unit and the evidence of the cell (a copy).

        Those about the focal origin come first.
        """
        return self._context.copy()

    def with_context(self) -> pd.DataFrame:
        """Return the table with one row more for every context fact.

        Such a row has the status ``context``, its value under ``raw`` and no points.
        """
        rows = self.table()
        facts = self._context.rename(columns={"name": "node", "value": "raw"})
        facts = facts.assign(
            score="", depth=0, status="context", stands_in=False, is_indicator=False
        )
        facts = facts.reindex(columns=rows.columns)
        texts = rows.select_dtypes(exclude="number").columns
        facts[texts] = facts[texts].astype(object).where(facts[texts].notna(), "")
        facts = facts.astype({name: rows[name].dtype for name in rows if name not in texts})
        return pd.concat(
            [rows, facts.astype({name: rows[name].dtype for name in texts})], ignore_index=True
        )

    @renamed(count="top")
    def drivers(self, score: str, top: int = 5) -> pd.DataFrame:
        """Return the `top` terms that move the score most, up or down.

        Parameters
        ----------
        score
            An explained headline score.
        top
            How many terms at most, at least 1.

        Returns
        -------
        DataFrame
            Rows of ``table``, the largest points first.

        Raises
        ------
        UnknownNameError
            For a score that is not explained.
        DataError
            For a `top` below 1.
        """
        whole_number("top", top, least=1)
        terms = self.table(score, level="indicator")
        order = terms["points"].abs().sort_values(ascending=False, kind="stable").index
        return terms.loc[order[:top]].reset_index(drop=True)

    def text(self, width: int = 100) -> str:
        """Return the explanation as plain text for a terminal of that width, its sources listed below.

        Parameters
        ----------
        width
            Characters of a line, at least 20. Units are shown from 110 characters on; below 70 baselines, raw
            values and years are left out, and a line says so.

        Returns
        -------
        str
            Lines, the last one without a line feed.

        Raises
        ------
        DataError
            For a width below 20.
        """
        whole_number("width", width, least=20)
        caption, view = self._shown()
        sources = list(dict.fromkeys(source for source in view["source"] if source))
        view["source"] = [
            f"[{sources.index(source) + 1}]" if source else "" for source in view["source"]
        ]
        listed = [
            textwrap.fill(f"[{index}] {name}", width, subsequent_indent="    ")
            for index, name in enumerate(sources, start=1)
        ]
        if width < WIDE:
            view = view.drop(columns="unit")
        if width < NARROW:
            view = view.drop(columns=["baseline", "raw", "year"])
            caption = "\n".join(
                textwrap.fill(line, width, subsequent_indent="    ")
                for line in [*caption.splitlines(), NARROW_NOTE]
            )
        parts = [
            render(view, "plain", caption, width),
            *(["Sources:", *listed] if listed else []),
            *self._facts(width),
        ]
        return "\n".join(parts)

    def _to_read(self) -> tuple[pd.DataFrame, list[str]]:
        """Return the rows as text, and the lines above and below them, context facts included."""
        caption, view = self._shown()
        facts = [_fact(fact) for fact in self._context.to_dict("records")]
        above = [line.strip() for line in caption.splitlines()[1:]]
        return view, [*above, *(f"Context, not scored: {fact}" for fact in facts)]

    def _facts(self, width: int) -> list[str]:
        """Return the first context facts, one line or more each, and how many there are more."""
        facts = self._context
        if facts.empty:
            return []
        lines = [_fact(fact) for fact in facts.head(FACTS).to_dict("records")]
        more = len(facts) - len(lines)
        if more > 0:
            lines.append(f"and {more} facts more; --format csv or `.context` lists them")
        return [
            "Context, not scored:",
            *(
                textwrap.fill(line, width, initial_indent="- ", subsequent_indent="  ")
                for line in lines
            ),
        ]

    def __repr__(self) -> str:
        return self.text()

    def plot(self, **options: Any) -> Any:
        """Draw a waterfall from the baseline to the score; return the matplotlib Axes (extra `plots`).

        Parameters
        ----------
        options
            Keyword arguments of ``plots.waterfall``: `score`, `count`, `ax`.

        Returns
        -------
        matplotlib.axes.Axes
            What was drawn on.
        """
        return plots().waterfall(self, **options)

    def _shown(self) -> tuple[str, pd.DataFrame]:
        lines = [f"{self.country} against {self.against}"]
        lines += [
            f"  {name}: {_difference(score, base, gap)} points"
            for name, (score, base, gap) in self.gaps.items()
        ]
        lines += [textwrap.fill(f"  {note}", 80, subsequent_indent="    ") for note in self._limits]
        frame = self.table()
        view = pd.DataFrame(
            {
                "node": [
                    INDENT * depth + label
                    for depth, label in zip(frame["depth"], frame["label"], strict=True)
                ],
                "points": [_signed(value) for value in frame["points"]],
                "score": frame["value"],
                "baseline": frame["baseline"],
                "raw": [
                    status if np.isnan(raw) and status not in ("observed", "") else raw
                    for raw, status in zip(frame["raw"], frame["status"], strict=True)
                ],
                "unit": frame["unit"],
                "year": ["" if pd.isna(year) else str(int(year)) for year in frame["year"]],
                "source": frame["source"],
            }
        )
        text = table_of(view)
        inner = ~frame["is_indicator"].to_numpy()
        text.loc[inner, "raw"] = ""
        return "\n".join(lines), text


def _fact(fact: dict[Any, Any]) -> str:
    """Return a context fact as a line: label, value with unit, year and source, claim and note."""
    value = float(fact["value"])
    shown = of_fact(value, str(fact["unit"]))
    shown = shown if fact["unit"] in (FLAG, "count") else f"{shown} {fact['unit']}"
    year = fact["year"]
    when = "" if year == "" or pd.isna(year) else str(int(year))
    origin = ", ".join(text for text in (when, fact["source"]) if text)
    line = f"{fact['label']}: {shown.strip()}" + (f" ({origin})" if origin else "")
    remarks = [text for text in (fact["claim"], fact["note"]) if text and text not in line]
    return "; ".join([line, *remarks])


def _signed(value: float, decimals: int = 2) -> str:
    # Adding 0 turns -0.00 to 0.00.
    return "–" if np.isnan(value) else f"{round(value, decimals) + 0.0:+.{decimals}f}"


def _difference(score: float, base: float, gap: float) -> str:
    """Return the subtraction with the fewest decimals, two at least, at which the rounded numbers agree."""
    for decimals in range(2, 9):
        parts = [round(value, decimals) for value in (score, base, gap)]
        if abs(parts[0] - parts[1] - parts[2]) < 0.5 * 10**-decimals:
            break
    else:
        decimals = 2
    return f"{score:.{decimals}f} - {base:.{decimals}f} = {_signed(gap, decimals)}"
