"""Audit a composite indicator statistically and report findings with their limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd

from ..._util.arguments import typed
from ..._util.checks import mapping_of
from ..._util.display import Shown, number, table_of
from ..._util.faces import plots
from ..._util.frozen import Frozen
from ...data.nouns import in_nouns, noun
from ...errors import DataError, UnknownNameError, did_you_mean
from ...scoring.scores import Scores
from ...scoring.verbs import Source, Spec, as_scores
from ..uncertainty.analysis import uncertainty
from .case import Case
from .countries import country_table
from .data import check_data, indicator_table
from .rules import RULES, VERDICTS, Finding, Findings, Rule, Verdict
from .statistics import (
    Components,
    Pairs,
    chance_level,
    correlation_ratio,
    cronbach,
    effective_weights,
    pairwise,
    pca,
)
from .structure import check_structure, correlation_table, group_table
from .weights import check_weights, importance_table, removal_table

__all__ = [
    "RULES",
    "Audit",
    "Components",
    "Finding",
    "Pairs",
    "Rule",
    "audit",
    "chance_level",
    "correlation_ratio",
    "cronbach",
    "effective_weights",
    "pairwise",
    "pca",
    "remove_elements",
]

DRAWS = 512
"""Draws of missing cells behind the intervals of countries."""

Limits = tuple[float | None, float | None]


@typed
@dataclass(frozen=True, eq=False, repr=False)
class Audit(Frozen, Shown):
    """The findings of an audit, worst first, with the tables they were read from.

    Attributes
    ----------
    subject : str
        What was audited.
    findings : tuple of Finding
        One for everything that fails or warns, and one for every check that passes.

    Examples
    --------
    >>> import pandas as pd
    >>> from dsr_risk import audit, score
    >>> fw = {"name": "own", "scores": [{"name": "risk", "children": [
    ...     {"name": "debt", "higher_is": "riskier"}, {"name": "gci", "higher_is": "safer"}]}]}
    >>> table = pd.DataFrame({"iso3": ["KEN", "PAK", "LAO", "FRA"], "debt": [10.0, 30.0, 50.0, 20.0],
    ...                       "gci": [80.0, 60.0, 20.0, 95.0]})
    >>> result = audit(score(fw, table))
    >>> result.worst, result.exit_code("fail"), result.exit_code("warn")
    ('fail', 1, 1)
    >>> result.table("warn")["check"].tolist()
    ['removal', 'shared_source']
    >>> result.detail("correlations").shape
    (1, 9)
    """

    subject: str
    findings: tuple[Finding, ...]
    _details: dict[str, pd.DataFrame]
    _noun: str = "country"

    def table(self, verdict: Verdict | None = None) -> pd.DataFrame:
        """Return one row a finding, or those with one verdict.

        Columns: ``check, verdict, score, nodes, countries, figure, threshold, worse, message, advice,
        source``; names are joined by ``", "``. Units that are no countries are in ``units``.

        Parameters
        ----------
        verdict
            ``fail``, ``warn`` or ``pass``; the findings of all verdicts if None.

        Returns
        -------
        DataFrame
            A row a finding, in the order of the checks.

        Raises
        ------
        UnknownNameError
            For another verdict.
        """
        if verdict is not None and verdict not in VERDICTS:
            raise UnknownNameError(
                f"unknown verdict `{verdict}`; {did_you_mean(verdict, VERDICTS)}"
            )
        columns = list(Finding.__dataclass_fields__)
        rows = [
            [_joined(getattr(finding, name)) for name in columns]
            for finding in self.findings
            if verdict in (None, finding.verdict)
        ]
        frame = pd.DataFrame(rows, columns=columns)
        return frame if self._noun == "country" else frame.rename(columns={"countries": "units"})

    @property
    def worst(self) -> Verdict:
        """The worst verdict there is."""
        return max((finding.verdict for finding in self.findings), key=VERDICTS.index)

    @property
    def failed(self) -> tuple[Finding, ...]:
        """The findings that fail."""
        return tuple(finding for finding in self.findings if finding.verdict == "fail")

    @property
    def warned(self) -> tuple[Finding, ...]:
        """The findings that warn."""
        return tuple(finding for finding in self.findings if finding.verdict == "warn")

    @property
    def notes(self) -> tuple[str, ...]:
        """The messages of the findings that fail or warn, worst first."""
        return tuple(finding.message for finding in (*self.failed, *self.warned))

    def exit_code(self, fail_on: Literal["fail", "warn"] = "fail") -> int:
        """Return 1 if the worst verdict is `fail_on` or worse, else 0 (for continuous integration).

        Parameters
        ----------
        fail_on
            ``fail``, or ``warn`` to return 1 for warnings also.

        Returns
        -------
        int
            0 or 1.

        Raises
        ------
        UnknownNameError
            For another text.
        """
        if fail_on not in VERDICTS[1:]:
            raise UnknownNameError(
                f"unknown `fail_on` `{fail_on}`; {did_you_mean(str(fail_on), VERDICTS[1:])}"
            )
        return int(VERDICTS.index(self.worst) >= VERDICTS.index(fail_on))

    def detail(self, name: str) -> pd.DataFrame:
        """Return a table behind the findings, for every headline score (a copy).

        ``indicators`` (availability, moments, ends of the scale), ``correlations`` (pairs),
        ``groups`` (alpha, principal components), ``importance`` (weight, main effect and its level by chance),
        ``removal`` (rank shift without a node) or ``countries`` (width of the 90 % interval when only missing
        cells vary, width of the hard bounds, coverage and share of estimated weight of every country).

        Parameters
        ----------
        name
            One of the tables above.

        Returns
        -------
        DataFrame
            A copy; its rows and columns are those said above.

        Raises
        ------
        UnknownNameError
            For another name.
        """
        if name not in self._details:
            raise UnknownNameError(f"unknown detail `{name}`; {did_you_mean(name, self._details)}")
        return self._details[name].copy()

    def plot(self, **options: Any) -> Any:
        """Draw the correlation of indicators; return the matplotlib Axes (extra `plots`).

        Parameters
        ----------
        options
            Keyword arguments of ``plots.correlation``: `score`, `method`, `ax`.

        Returns
        -------
        matplotlib.axes.Axes
            What was drawn on.
        """
        return plots().correlation(self, **options)

    def _shown(self) -> tuple[str, pd.DataFrame]:
        counts = {verdict: sum(f.verdict == verdict for f in self.findings) for verdict in VERDICTS}
        caption = (
            f"Audit of {self.subject}\n{counts['fail']} fail, {counts['warn']} warn, "
            f"{counts['pass']} pass"
        )
        rows = [
            {
                "verdict": finding.verdict,
                "check": finding.check,
                "score": finding.score,
                "figure": number(finding.figure),
                "limit": "" if np.isnan(finding.threshold) else number(finding.threshold),
                "finding": finding.message,
            }
            for finding in self.findings
        ]
        return caption, table_of(pd.DataFrame(rows))


def _joined(value: object) -> object:
    return ", ".join(value) if isinstance(value, tuple) else value


@typed(limits="{'reliability': (0.6, None)}")
def audit(
    framework: Scores | Spec | None = None,
    data: Source | None = None,
    *,
    score: str | None = None,
    year: int | None = None,
    limits: Mapping[str, Limits] | None = None,
) -> Audit:
    """Check scores statistically against the weights and the structure of their framework.

    Parameters
    ----------
    framework, data
        Scores, or a framework and data as for ``score``.
    score
        One headline score; all of them if None.
    year
        The year of a panel, the latest by default.
    limits
        Other limits for some checks: ``{"reliability": (0.6, None)}`` warns below 0.6 and never fails.

    Returns
    -------
    Audit
        Over the countries that have the score. Correlations are pairwise complete, and pairs or groups
        with fewer than 10 common countries are not judged.

    Raises
    ------
    UnknownNameError
        For a score, year or check that does not exist.
    NotScorableError
        With fewer than 3 scored countries.

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators; Saisana and Saltelli (2008 and
    later), JRC statistical audits; Becker et al. (2022), COINr, JOSS 7(78), 4567; Paruolo, Saisana
    and Saltelli (2013), J. R. Stat. Soc. A 176(3), 609-634. ``docs/audit.md`` lists every check.

    Examples
    --------
    >>> from dsr_risk import score
    >>> from dsr_risk import audit
    >>> result = audit(score(), score="security")
    >>> result.exit_code(fail_on="warn"), result.table()["check"].isin(list(RULES)).all()
    (1, np.True_)
    >>> pairs = result.detail("correlations").set_index(["first", "second"])
    >>> bool(pairs.loc[("gci_2024", "ncsi_2026"), "siblings"])
    True
    """
    rules = _rules({} if limits is None else limits)
    part = _one_year(as_scores(framework, data), year)
    names = part.names if score is None else (part._named(score),)
    findings: list[Finding] = []
    details: dict[str, list[pd.DataFrame]] = {}
    drawn = uncertainty(part, draws=DRAWS, factors={}, nodes="score")
    for name in names:
        case = Case(part, name)
        collected = Findings(name, rules)
        tables = {
            "indicators": indicator_table(case),
            "correlations": correlation_table(case),
            "groups": group_table(case),
            "importance": importance_table(case),
            "removal": removal_table(case),
            "countries": country_table(case, drawn),
        }
        check_data(case, tables["indicators"], collected)
        check_structure(case, tables["correlations"], tables["groups"], collected)
        check_weights(case, tables["importance"], tables["removal"], collected)
        findings += collected.findings
        for kind, table in tables.items():
            table.insert(0, "score", name)
            details.setdefault(kind, []).append(table)
    order = list(RULES)
    findings = [_in_nouns(part, finding) for finding in findings]
    findings.sort(key=lambda item: (-VERDICTS.index(item.verdict), order.index(item.check)))
    subject = f"{part.framework.title or part.framework.name} ({', '.join(names)})"
    tables_of = {kind: pd.concat(parts) for kind, parts in details.items()}
    return Audit(subject, tuple(findings), tables_of, noun(part.data))


def _in_nouns(scores: Scores, finding: Finding) -> Finding:
    """Return a finding in the noun of the units."""
    message, advice = (in_nouns(scores.data, text) for text in (finding.message, finding.advice))
    return replace(finding, message=message, advice=advice)


def remove_elements(
    framework: Scores | Spec | None = None,
    data: Source | None = None,
    *,
    score: str | None = None,
    year: int | None = None,
) -> pd.DataFrame:
    """Measure how far ranks shift when one indicator or group is removed, for each in turn.

    Parameters
    ----------
    framework, data, score, year
        As for ``audit``; the first headline score by default.

    Returns
    -------
    DataFrame
        By node: ``countries`` ranked both times, ``mean_shift`` and ``largest_shift`` in ranks, and
        ``share``, the mean shift over the number of countries.

    Notes
    -----
    The node's weight becomes 0 and its siblings take over its weight. The scales and any data-driven
    weights stay as the model learned them.

    References
    ----------
    COINr, ``remove_elements`` (Becker et al. 2022, JOSS 7(78), 4567).

    Examples
    --------
    >>> from dsr_risk import score
    >>> from dsr_risk.analysis.audit import remove_elements
    >>> remove_elements(score(), score="security").loc["gci_2024", "countries"] > 150
    np.True_
    """
    part = _one_year(as_scores(framework, data), year)
    return removal_table(Case(part, part._named(score)))


def _one_year(scores: Scores, year: int | None) -> Scores:
    if year is None and not scores.data.is_panel:
        return scores
    return scores.select(year=scores.data.years[-1] if year is None else year)


def _rules(limits: Mapping[str, Limits]) -> dict[str, Rule]:
    example = '{"reliability": (0.6, None)}'
    for check, pair in mapping_of("limits", limits, example).items():
        if check not in RULES:
            raise UnknownNameError(f"unknown check `{check}`; {did_you_mean(str(check), RULES)}")
        numbers = isinstance(pair, list | tuple) and len(pair) == 2
        if not numbers or any(
            isinstance(end, bool) or not isinstance(end, int | float | None) for end in pair
        ):
            raise DataError(
                f"`limits` of `{check}` must be two numbers or None (warn, fail) such as {example}, "
                f"received {pair!r}"
            )
    return {
        name: replace(rule, warn=limits[name][0], fail=limits[name][1], source="limits as given")
        if name in limits
        else rule
        for name, rule in RULES.items()
    }
