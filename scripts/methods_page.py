"""Write docs/methods.md from the docstrings of the methods and the words here on when to use them.

python scripts/methods_page.py
"""

from __future__ import annotations

import inspect
import re
import sys
import textwrap
from pathlib import Path

from dsr_risk.methods import Aggregator, Derived, Imputer, Normaliser, Treatment, Weighter
from dsr_risk.methods._base import Method

PAGE = Path(__file__).parents[1] / "docs" / "methods.md"

HEAD = """\
# Methods

A score is built in one order, indicator by indicator and then group by group:

    raw -> denominated -> estimated -> derived -> treated -> normalised -> weighted and aggregated

Every step that learns from data (extremes, percentiles, tails, weights) learns once, on the reference set
given to `fit`, and is applied as learned to whatever is scored afterwards: a new country, a new year or a
shocked country is scored on the same scale. A panel is one reference set: by default everything is learned
on all years pooled, so that a score means the same in each. `replay` learns anew for each year from what was
known by then, without look-ahead.

In a framework a method is its name, or a mapping of `method` and parameters, as a default or on a node:

```yaml
defaults: {missing: share_weight, treatment: gate, normalisation: minmax, aggregation: arithmetic}
children:
  - name: debt_gni
    higher_is: riskier
    denominator: gni            # raw / (gni / scale_factor)
    scale_factor: 1000
    missing: {method: mean, by: region}
    normalisation: {method: goalposts, low: 0, high: 40}
```

A plug-in that subclasses a family and sets a name is valid there at once,
and the tests of general properties run on it as well.
This page is written from the docstrings (`python scripts/methods_page.py`).
"""

BEFORE = """\
## Before the steps: screening and denominators

`screen_data(framework, data, min_available=2/3, min_nonzero=0.05)` lists every unit's share of available
indicators and of values that are not zero, whether it should be kept, and if not why: the rule and the
defaults of COINr's `Screen`. It counts raw cells only, never imputed ones. It drops nothing.

`denomination_hints(framework, data)` lists indicators that follow population, GDP or another measure of size
(|r| > 0.6, the rule of COINr's `get_denom_corr`) and may want a `denominator`. A denominator must be above
zero; where it is missing, the value is missing.
"""

AFTER = """\
## Beside the steps

- **Best case.** `best_case(scores, score=group)` gives every unit its distance from the safest units, with the
  weights of a group that suit it best (benefit of the doubt, Cherchye et al. 2007):
  a bound under which no admissible weighting puts its
  arithmetic mean. `reference=` names the scores that set the frontier; a new country past it is cut and
  flagged (`beyond`).
- **Outranking.** `dr.outranking(scores)` compares units pair by pair instead of averaging (Copeland and
  outranking shares). COINr gives the weight of a missing comparison to the later row, so that its
  result depends on row order; here a comparison that cannot be made counts for neither.
- **Trends.** `trends(panel)` gives each series its compound growth rate `(last / first) ** (1 / years) - 1`,
  its least squares slope with standard error and p value, and the change in percent of the fitted first
  value (COINr's `prc_change`).
- **As of.** `data_as_of(data, year)` keeps the data available by a year, and `replay(framework, data)` fits
  and scores each year on that alone, beside the same year's scores in hindsight. COINr normalises a panel
  ("purse") as one table and can then not be regenerated.

## What is equal to COINr

On its ASEM example (51 countries, 49 indicators, four levels) every step and node equals COINr 1.1.14 to
1e-9: denominated, imputed, treated, normalised (min-max, z scores, Borda), aggregated (arithmetic; geometric
on 1-100), effective weights, ranks, rank shifts when a pillar is taken out, correlations. Differences by
intention:

- Direction. COINr's score is a good thing; ours is risk. `higher_is: riskier | safer` turns each indicator, and
  normalisation knows the direction instead of multiplying the data by -1 first.
- Missing children share their weight as in COINr, but a group under `min_coverage` has no value and says why.
- New data. COINr has no fit and apply: adding a unit moves every score.
- Its power mean gives NA wherever any child is missing; here the others share its weight.
"""

FAMILIES: dict[type[Method], tuple[str, str]] = {
    Imputer: (
        "Missing",
        "How a missing cell of a denominated column is treated. `share_weight` estimates nothing: the siblings "
        "share the weight, in the score and in every draw. Every other method gives a missing cell a predictive "
        "distribution. The score uses its mean, draws are drawn from it, and both come from the same "
        "distribution. What is estimated is flagged in every table and is not counted as observed. Cells that "
        "are not applicable are never estimated. A cell with bounds (a censored value) has its distribution cut "
        "to the bounds [l, u] and to the plausible range: draws have the distribution function "
        "(F(x) - F(l)) / (F(u) - F(l)), and the score takes the mean of this distribution (Johnson, Kotz and "
        "Balakrishnan 1994, Continuous Univariate Distributions 1, chapter 13.10). Under `regression` the bounds "
        "inform the other missing cells of the unit too. A censored cell that no method "
        "fills is evenly distributed between its bounds. `auxiliary` names columns that predict and are not "
        "scored: "
        "data columns, `log` before a name for its logarithm, and the labels `region`, `subregion` and "
        "`income_group`. `delta: {low, high}` multiplies estimates by a factor for cells that are not missing "
        "at random (Rubin 1987, Multiple Imputation for Nonresponse in Surveys, chapter 6): it is drawn once an "
        "iteration, and the score uses its mean, (low + high) / 2. `peers` of a framework names "
        "groups of countries for `by: peers`, beside `region`, `subregion` and `income`.",
    ),
    Derived: (
        "Derived",
        "An indicator that is computed from other indicators or context columns, after their missing cells are "
        "estimated: `derived: {method: product, of: [adoption, gap], scale: 0.01}`. It follows its parts in "
        "every draw, scenario and explanation. Columns in `of` that are not scored are declared under the "
        "framework's `context`, with their own `missing`. A value is missing where a part is. Where the "
        "operation is not defined for the values given (a ratio over 0), it counts as not applicable, and a note "
        "of the scores says so. The bounds of a derived indicator follow from the bounds of its parts: a "
        "product of shares is not above its factor. A difference between two profiles is split over the parts "
        "exactly: by the weights of a linear operation, else by the Shapley value over the parts.",
    ),
    Treatment: (
        "Treatment",
        "Pulls in outliers and bends skewed columns, so that one extreme unit does not decide everybody's "
        "share of the scale. `Scores.treatment` says what was done to which unit. With goalposts that cut "
        "the tails there is nothing left to treat.",
    ),
    Normaliser: (
        "Normalisation",
        "Puts every column on the framework's scale, 0 least and 100 most risk, whichever way it is measured. "
        "Fixed goalposts say what a value *means* and keep scores comparable over time; everything learned "
        "from the reference set says where a unit stands *in it*. Methods that are not bounded may leave the "
        "scale; then a missing value has no hard bound, and none is given.",
    ),
    Weighter: (
        "Weighting",
        "The weights of a group's children, bottom up: a method that looks at data sees the children's scores on "
        "the reference set. Weights that come from the data measure what the data do, not what matters: a "
        "correlation is no importance. Learned weights are held in the model.",
    ),
    Aggregator: (
        "Aggregation",
        "A group's value from its children's. The question is how far a low child may make up for a high "
        "one. On a risk scale 100 is worst, so a geometric or harmonic mean *hides* risk (90 and 10 give about "
        "30), and a power mean with p > 1 keeps it. Quasi-arithmetic means are split exactly over their "
        "children between any two profiles. The others are split against the floor of the scale by their "
        "own rule; between two countries such a group is one term, and what is below it has none. On 0-100, "
        "`geometric`, `harmonic` and `power` with p < 0 raise the lower end by `offset` (0 stays 0, 100 stays "
        "100), so that a zero does not annihilate.",
    ),
}

WHEN: dict[tuple[str, str], str] = {
    ("missing", "share_weight"): "Nothing is to be estimated; look at the hard bounds.",
    ("missing", "constant"): "Absence has a known meaning, such as no contract on record.",
    (
        "missing",
        "mean",
    ): "A comparison with an index built so; by group where groups are alike.",
    ("missing", "median"): "As the mean, for skewed columns.",
    ("missing", "siblings"): "The indicators of a group measure one thing.",
    ("missing", "knn"): "Many columns are observed and alike units are alike in all of them.",
    (
        "missing",
        "regression",
    ): "The default choice: other columns and auxiliary columns predict the missing one.",
    ("missing", "matching"): "As `regression`, where values must be values that occur.",
    ("missing", "hot_deck"): "Units of a class are alike and little else is known of them.",
    ("missing", "last"): "Panels of slowly moving facts; never looks ahead.",
    (
        "missing",
        "linear",
    ): "Panels with gaps in the past; looks ahead, so use `data_as_of` for replays.",
    ("derived", "product"): "Risk needs all parts at once, and each scales the others.",
    ("derived", "ratio"): "One quantity is to be read against another.",
    ("derived", "per_head"): "Counts follow the size of the population.",
    ("derived", "share"): "The parts are a whole.",
    ("derived", "sum"): "The parts are in one unit.",
    ("derived", "weighted_sum"): "The parts are in one unit and count differently.",
    ("derived", "difference"): "A balance or a gap.",
    ("derived", "minimum"): "The weakest part decides.",
    ("derived", "maximum"): "The strongest part decides.",
    ("derived", "power"): "A column is to be transformed by a known exponent.",
    ("derived", "reciprocal"): "Effective numbers from concentration.",
    ("derived", "root"): "A long tail is to be shortened a little.",
    ("derived", "logarithm"): "Ratios matter, not differences.",
    ("derived", "change"): "The movement between two years is the indicator.",
    ("derived", "threshold"): "Law or practice names one limit.",
    ("derived", "first_available"): "Several sources measure the same thing.",
    ("treatment", "none"): "Goalposts are fixed, or the tail is the message.",
    ("treatment", "gate"): "The default of the JRC's and COINr's practice, with learned bounds.",
    ("treatment", "winsorise"): "A few extreme units; order among the rest must stay.",
    ("treatment", "log"): "A long tail over orders of magnitude, as COINr bends it.",
    ("treatment", "log1p"): "Counts and rates from zero up.",
    ("treatment", "log_gii"): "To agree with the Global Innovation Index as documented.",
    ("treatment", "signed_log"): "Long tails on both sides of zero.",
    ("treatment", "box_cox"): "Positive columns whose exponent should be learned.",
    ("treatment", "yeo_johnson"): "The exponent should be learned, for columns of either sign.",
    ("normalisation", "minmax"): "One edition, one reference set, few outliers.",
    ("normalisation", "goalposts"): "Thresholds are known, or scores must compare over editions.",
    ("normalisation", "piecewise"): "Law or practice names several thresholds.",
    ("normalisation", "logistic"): "Differences in the middle matter more than at the ends.",
    ("normalisation", "zscore"): "Deviations from the average matter; Mazziotta-Pareto indices.",
    ("normalisation", "robust"): "Deviations from the middle matter, and there are outliers.",
    ("normalisation", "scaled"): "Bounds are known and may be passed.",
    ("normalisation", "rank"): "Only the order can be trusted.",
    (
        "normalisation",
        "percentile_rank",
    ): "Only the order can be trusted; on 0-1 whatever the number of units.",
    (
        "normalisation",
        "borda",
    ): "Only the order can be trusted, and rarely measured columns should count less.",
    ("normalisation", "distance_to_maximum"): "To agree with sources that state it so.",
    ("normalisation", "distance_to_reference"): "One unit or value is the yardstick.",
    ("normalisation", "distance_to_target"): "A target is set by policy or treaty.",
    (
        "normalisation",
        "fraction_of_maximum",
    ): "Ratios to the largest unit are meaningful: a true zero.",
    ("weighting", "given"): "Weights are argued for in words.",
    ("weighting", "equal"): "There is no argument for any other weights.",
    ("weighting", "data_quality"): "Weak data should not carry a score.",
    ("weighting", "budget_allocation"): "Several experts, few children.",
    ("weighting", "ahp"): "Experts can compare pairs better than share out points.",
    ("weighting", "pca"): "Children are meant to measure one dimension, to check that they do.",
    ("weighting", "factor"): "Children measure a few dimensions.",
    (
        "weighting",
        "correlation_balanced",
    ): "Weights are meant as importance: correlations get the shares.",
    (
        "weighting",
        "information_maximising",
    ): "The index should say as much as it can of its children.",
    (
        "weighting",
        "entropy",
    ): "Children that differ more between units should weigh more, by their unevenness.",
    (
        "weighting",
        "standard_deviation",
    ): "Children that differ more between units should weigh more, by their spread.",
    (
        "weighting",
        "critic",
    ): "Children with more spread should weigh more; repeated information should count once.",
    ("weighting", "merec"): "A child matters as far as results change without it.",
    (
        "weighting",
        "benefit_of_the_doubt",
    ): "Units disagree on priorities; with bounds on each share.",
    ("aggregation", "arithmetic"): "Children may make up for each other in full.",
    ("aggregation", "geometric"): "Every child must be high; parity with indices built so.",
    (
        "aggregation",
        "harmonic",
    ): "Every child must be high; a low child lowers the result more than in `geometric`.",
    ("aggregation", "power"): "A low child should make up for a high one only in part (p about 2).",
    (
        "aggregation",
        "mirrored",
    ): "A low child must not make up for a high one, in an index built on geometric means.",
    ("aggregation", "product"): "Risk needs every child at once, each as a share.",
    ("aggregation", "maximum"): "The riskiest child alone decides.",
    ("aggregation", "minimum"): "Risk needs every child at once.",
    ("aggregation", "median"): "Some children may be badly wrong.",
    ("aggregation", "owa"): "The attitude to unbalance is to be set between minimum and maximum.",
    ("aggregation", "mean_min"): "A mean that the worst child pulls up by a stated share.",
    (
        "aggregation",
        "mazziotta_pareto",
    ): "Unbalance is penalised; children as z scores with mean 100.",
    (
        "aggregation",
        "adjusted_mazziotta_pareto",
    ): "The same with fixed goalposts, comparable over time.",
}


def page() -> str:
    """The whole page."""
    parts = [HEAD, _index(), BEFORE]
    for family, (title, text) in FAMILIES.items():
        parts.append(f"## {title}\n\n{textwrap.fill(text, 110, break_long_words=False)}\n")
        parts += [_method(family.family, name, kind) for name, kind in _ordered(family)]
    return "\n".join([*parts, AFTER])


def _index() -> str:
    rows = ["| step | method | use it when |", "| --- | --- | --- |"]
    for family, (title, _) in FAMILIES.items():
        rows += [
            f"| {title.casefold()} | [`{name}`](#{_anchor(family.family, name)}) "
            f"| {WHEN.get((family.family, name), '')} |"
            for name, _ in _ordered(family)
        ]
    return "\n".join(rows) + "\n"


def _ordered(family: type[Method]) -> list[tuple[str, type[Method]]]:
    """The methods in the order of `WHEN`, which goes from the plain to the special."""
    order = [name for kind, name in WHEN if kind == family.family]
    names = sorted(family.registry)
    names.sort(key=lambda name: order.index(name) if name in order else len(order))
    return [(name, family.registry[name]) for name in names]


def _anchor(family: str, name: str) -> str:
    """Return the anchor that GitHub and Sphinx give to the heading of a method."""
    return f"{family}-{name}"


def _method(family: str, name: str, kind: type[Method]) -> str:
    text = _sections(inspect.getdoc(kind) or "")
    when = WHEN.get((family, name), "")
    lines = [f"### {family}: `{name}`", "", text["summary"]]
    if text["body"]:
        lines += ["", text["body"]]
    parameters = _parameters(kind)
    if parameters:
        lines += ["", f"*Parameters.* {parameters}"]
    if when:
        lines += ["", f"*Use it when.* {when}"]
    if text["notes"]:
        lines += ["", f"*Elsewhere.* {text['notes']}"]
    return "\n".join([*lines, "", f"*Source.* {text['references']}", ""])


def _parameters(kind: type[Method]) -> str:
    said = []
    for name, field in kind.model_fields.items():
        default = field.get_default(call_default_factory=True)
        spelt = default.spec() if isinstance(default, Method) else default
        said.append(f"`{name}`" + ("" if field.is_required() else f" ({_plain(spelt)})"))
    return ", ".join(said) + "." if said else ""


def _plain(value: object) -> str:
    if value is None:
        return "none"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _sections(doc: str) -> dict[str, str]:
    """The summary, the body, and the notes and references of a numpydoc docstring, as Markdown."""
    parts = re.split(r"\n([A-Z][a-z]+)\n-{3,}\n", doc)
    summary, _, body = parts[0].partition("\n\n")
    rest = dict(zip(parts[1::2], parts[2::2], strict=True))
    return {
        "summary": _markdown(summary),
        "body": _markdown(body),
        "notes": _markdown(rest.get("Notes", "")),
        "references": _markdown(rest.get("References", "")),
    }


def _markdown(text: str) -> str:
    text = re.sub(
        r"\.\. math::((?: [^\n]*)?(?:\n(?:[ ]{4}[^\n]*|)(?=\n))*)",
        lambda found: f"$${' '.join(found[1].split())}$$\n",
        text + "\n",
    )
    text = re.sub(r":math:`([^`]*)`", r"$\1$", text)
    return text.replace("``", "`").strip()


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    sys.stdout.write(f"{PAGE}: {len(page().splitlines())} lines\n")
