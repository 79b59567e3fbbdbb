"""Held-out cells: how near estimates of missing cells are, and how often their intervals hold.

Both editions of the bundled data, against the bars that are stated for them.

python benchmarks/calibration.py                  the table of docs/calibration.md
python benchmarks/calibration.py --repeats 2      a small run
python benchmarks/calibration.py --write          write docs/calibration.md
python benchmarks/calibration.py --parts FOLDER   keep the result of every part in a folder, and go on from there

Countries whose indicators are complete are masked in the patterns in which incomplete countries lack them,
the model of missing cells is learned again on the masked table, and the score of the masked table is compared
with the score of all cells. Masks choose countries at random, more often small ones, or more often those with
a high score.
"""

from __future__ import annotations

import argparse
import itertools
import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import dsr_risk as dr
from calibration_page import (  # type: ignore[import-not-found]
    LEAST_CASES,
    MASKS,
    WITH_DELTA,
    page,
)
from dsr_risk.data.countries import country_table
from dsr_risk.methods import Context, Imputer
from dsr_risk.montecarlo import compile_design
from dsr_risk.montecarlo.drawing import Key

ROOT = Path(__file__).parents[1]
EDITION = ROOT / "tests" / "data" / "first_edition"
PAGE = ROOT / "docs" / "calibration.md"
FOCAL = ("CHN", "HKG", "MAC")
# The product of the first edition, estimated through its parts.
PRODUCT = ("adoption_x_safeguards_gap", "surveillance_adoption", "safeguards_gap")
METHODS: dict[str, Any] = {
    "regression": {"method": "regression"},
    "group mean": {"method": "mean", "by": "income", "otherwise": "all"},
    "hot deck": {"method": "hot_deck", "by": "income"},
    "nearest donors": {"method": "knn"},
}
WITH_AUXILIARY = ("regression", "nearest donors")
ONLY_MISSING = {"*.missing": {"method": "imputed"}}
ENDS, CLASS = ("q05", "q95"), 0.1
"""Ends of a 90 % interval in ``Uncertainty.scores``, counted in classes 0.1 points wide."""


@dataclass(frozen=True, eq=False)
class Table:
    """Raw columns of the scored countries, their auxiliary columns and the tree above them."""

    framework: dr.Framework
    iso3: np.ndarray
    columns: np.ndarray
    auxiliary: np.ndarray
    names: tuple[str, ...]
    groups: dict[str, np.ndarray]
    population: np.ndarray
    applicable: np.ndarray
    bounded: np.ndarray
    printed: dict[str, np.ndarray]
    risks: Callable[[np.ndarray], np.ndarray]

    def context(self, method: str) -> Context:
        """Return what the method may know of the countries."""
        if method not in WITH_AUXILIARY:
            return Context(self.iso3, groups=self.groups)
        return Context(
            self.iso3, groups=self.groups, auxiliary=self.auxiliary, auxiliary_names=self.names
        )

    def headline(self, score: str) -> Any:
        """Return the headline group of the framework."""
        return next(node for node in self.framework.scores if node.name == score)


def first_edition() -> Table:
    """Return the table of the first edition of the framework and its data, without focal countries."""
    framework = dr.load_framework(EDITION / "dsr.yaml")
    cells = pd.read_csv(EDITION / "snapshot.csv", keep_default_na=False, dtype=str)
    data = dr.as_data(cells, edition=2023)
    table = dr.score(framework, data).table(details=True)
    iso3 = np.array([code for code in table.index if code not in FOCAL], object)
    values = data.values.reindex(iso3)
    indicators = framework.indicators
    names = [indicator.name for indicator in indicators]
    columns = np.array(values[names], float)
    lacks = cells[(cells["reason"] != "") & cells["indicator"].isin(names)]
    applicable = ~pd.crosstab(lacks["iso3"], lacks["indicator"]).astype(bool).reindex(
        index=iso3, columns=names, fill_value=False
    ).to_numpy(bool)
    known = cells[(cells["value"] == "") & (cells["lower"] + cells["upper"] != "")]
    bounded = (
        pd.crosstab(known["iso3"], known["indicator"])
        .astype(bool)
        .reindex(index=iso3, columns=names, fill_value=False)
        .to_numpy(bool)
    )
    risks = _risks(framework, columns)
    product, adoption, gap = PRODUCT
    columns[:, names.index(product)] = values[adoption]
    auxiliary, called = _auxiliary(values, iso3)
    labels = country_table()
    return Table(
        framework=framework,
        iso3=iso3,
        columns=np.where(applicable, columns, np.nan),
        auxiliary=auxiliary,
        names=called,
        groups={"income": labels["income"].reindex(iso3).to_numpy(object)},
        population=values["population"].to_numpy(float),
        applicable=applicable,
        bounded=bounded,
        printed={
            node.name: table[node.name].reindex(iso3).notna().to_numpy()
            for node in framework.scores
        },
        risks=lambda x: risks(_derived(x, names.index(product), names.index(gap))),
    )


def _derived(x: np.ndarray, product: int, gap: int) -> np.ndarray:
    """Return columns in which the adoption share is multiplied by the gap."""
    out = np.array(x)
    out[..., product] = x[..., product] * x[..., gap]
    return out


def _risks(framework: dr.Framework, columns: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """Return the function from raw columns (..., L) to risk on 0-100."""
    steps = []
    for place, indicator in enumerate(framework.indicators):
        method = indicator.normalisation or framework.defaults.normalisation
        steps.append((method, indicator.sign, method.fit(columns[:, [place]], indicator.sign)))

    def risks(x: np.ndarray) -> np.ndarray:
        out = np.empty_like(x)
        for place, (method, sign, learned) in enumerate(steps):
            flat = x[..., place].reshape(-1, 1)
            out[..., place] = 100 * method.apply(flat, sign, learned).reshape(x.shape[:-1])
        return out

    return risks


def _auxiliary(values: pd.DataFrame, iso3: np.ndarray) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return income group, region, log GDP per head, log population and internet users (n, a)."""
    labels = country_table().reindex(iso3)
    columns: dict[str, Any] = {}
    for name in ("income", "region"):
        for value in sorted(labels[name].dropna().unique()):
            own = (labels[name] == value).astype(float)
            columns[f"{name}={value}"] = own.where(labels[name].notna())
    people = values["population"]
    columns["log gdp_per_head"] = np.log(values["gdp_usd"] / people)
    columns["log population"] = np.log(people)
    columns["internet_users"] = values["internet_users"]
    return np.column_stack([np.asarray(one, float) for one in columns.values()]), tuple(columns)


def value_of(node: Any, risks: np.ndarray, places: dict[str, int]) -> np.ndarray:
    """Return a group's weighted arithmetic mean (...) of indicators (..., L), missing ones left out."""
    children = getattr(node, "children", None)
    if children is None:
        return risks[..., places[node.name]]
    values = np.stack([value_of(child, risks, places) for child in children])
    weights = np.array([child.weight for child in children]).reshape(-1, *[1] * (values.ndim - 1))
    seen = ~np.isnan(values)
    with np.errstate(invalid="ignore"):
        mean: np.ndarray = np.where(seen, values * weights, 0.0).sum(axis=0) / (seen * weights).sum(
            axis=0
        )
    return mean


def cases(
    table: Table, score: str, mask: str, repeats: int, seed: int
) -> Iterator[tuple[Any, ...]]:
    """Yield masked tables: columns, the masked rows, their pattern and their score of all cells."""
    headline = table.headline(score)
    places = {indicator.name: place for place, indicator in enumerate(table.framework.indicators)}
    used = np.zeros(len(places), bool)
    used[[places[name] for name in _below(headline)]] = True
    missing = np.isnan(table.columns) & used & table.applicable
    whole = table.applicable[:, used].all(axis=1) & table.printed[score]
    complete = np.flatnonzero(whole & ~missing.any(axis=1))
    # A cell with bounds is observed information: no country is masked like it.
    missing &= ~table.bounded
    patterns = np.flatnonzero(table.printed[score] & missing.any(axis=1))
    truth = value_of(headline, table.risks(table.columns), places)
    chance = _chances(mask, table.population[complete], truth[complete])
    rng = np.random.default_rng(seed)
    for _ in range(repeats):
        rows = rng.choice(complete, len(complete) // 3, replace=False, p=chance)
        like = missing[rng.choice(patterns, len(rows))]
        columns = np.array(table.columns)
        columns[rows] = np.where(like, np.nan, columns[rows])
        yield columns, rows, like, truth[rows]


def _below(node: Any) -> list[str]:
    children = getattr(node, "children", None)
    return [node.name] if children is None else [name for one in children for name in _below(one)]


def held_out(
    table: Table, spec: Any, name: str, score: str, mask: str, *, repeats: int, draws: int = 300
) -> pd.DataFrame:
    """Return a row for every held-out score: error of estimate and weight sharing, and the interval."""
    method = Imputer.parse(spec)
    context = table.context(name)
    places = {indicator.name: place for place, indicator in enumerate(table.framework.indicators)}
    headline, out = table.headline(score), []
    for number, (columns, rows, like, truth) in enumerate(cases(table, score, mask, repeats, 0)):
        learned = method.fit(columns, context)
        rng = np.random.default_rng(number)
        drawn = method.draws(columns, context, learned, rng, draws)[:, rows]
        values = value_of(headline, table.risks(drawn), places)
        shared = value_of(headline, table.risks(columns[rows]), places)
        out.append(
            pd.DataFrame(
                {
                    "country": table.iso3[rows],
                    "pattern": [", ".join(itertools.compress(places, row)) for row in like],
                    "error": values.mean(axis=0) - truth,
                    "shared": shared - truth,
                    **covered(values, truth),
                }
            )
        )
    return pd.concat(out, ignore_index=True)


def covered(drawn: np.ndarray, truth: np.ndarray) -> dict[str, np.ndarray]:
    """Return whether the interval of draws (m, n) holds each truth (n,), and what its coverage would be of a draw.

    ``expected`` is the share of the draws that lie in their own interval: above 0.90 where they have few values.
    """
    low, high = np.quantile(drawn, [0.05, 0.95], axis=0)
    return {
        "covered": (truth >= low - 1e-9) & (truth <= high + 1e-9),
        "expected": ((drawn >= low - 1e-9) & (drawn <= high + 1e-9)).mean(axis=0),
        "inside": inside(drawn, truth),
        "width": high - low,
    }


def inside(drawn: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Return the share (n,) of the probability at each truth that lies in the central 90 % of its draws (m, n).

    0 or 1, but where draws equal the truth: an interval that ends there holds all of it.

    References
    ----------
    Czado, C., Gneiting, T. and Held, L. (2009), Predictive model assessment for count data, Biometrics 65(4),
    1254-1261 (non-randomised probability integral transform).
    """
    below = (drawn < truth - 1e-9).mean(axis=0)
    at = (np.abs(drawn - truth) <= 1e-9).mean(axis=0)
    central = np.minimum(below + at, 0.95) - np.maximum(below, 0.05)
    share = np.clip(central / np.where(at > 0, at, 1.0), 0.0, 1.0)
    whole: np.ndarray = np.where(at > 0, share, (below >= 0.05) & (below <= 0.95))
    return whole


def summary(rows: pd.DataFrame) -> dict[str, Any]:
    """Return bias, mean absolute error, coverage, width, and the error relative to weight sharing.

    ``by pattern`` has the coverage of every pattern with enough cases.
    """
    error = rows["error"].abs().mean()
    parts = rows.groupby("pattern")
    patterns = [
        {"pattern": name, **coverage(part)} for name, part in parts if len(part) >= LEAST_CASES
    ]
    found = [row["coverage"] for row in patterns]
    return {
        "bias": rows["error"].mean(),
        "error": error,
        **coverage(rows),
        "by probability": rows["inside"].mean(),
        "width": rows["width"].mean(),
        "ratio": error / rows["shared"].abs().mean(),
        "lowest": min(found, default=np.nan),
        "highest": max(found, default=np.nan),
        "by pattern": patterns,
    }


def coverage(rows: pd.DataFrame) -> dict[str, Any]:
    """Return the coverage, that of true distributions, and two standard errors of the latter.

    Cases of one country are taken as one: masks repeat its true score, and other masks change its interval little.
    """
    share = rows["country"].value_counts(normalize=True)
    expected = rows["expected"].mean()
    variance = float(np.square(share).sum()) * expected * (1 - expected)
    return {
        "cases": len(rows),
        "countries": len(share),
        "coverage": rows["covered"].mean(),
        "expected": expected,
        "within": 2 * np.sqrt(variance),
    }


@dataclass(frozen=True)
class Parts:
    """A folder with the result of every part of a run, or nothing kept."""

    folder: Path | None = None

    def get(self, name: str, make: Callable[[], list[dict[str, Any]]]) -> list[dict[str, Any]]:
        """Return the kept rows of a part; make and keep them on the first use."""
        if self.folder is None:
            return make()
        path = self.folder / f"{name}.json"
        if not path.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(make(), default=float), encoding="utf-8")
        rows: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
        return rows


HeldOut = Callable[[str, Any, str, str, int], pd.DataFrame]
"""From name and specification of a method, score, mask and number of masks to a row for every held-out score."""
OTHERS = 3
"""Methods beside the default model are measured on one mask in so many."""


def results(
    scores: Sequence[str],
    held: HeldOut,
    methods: Mapping[str, Any],
    parts: Parts,
    run: tuple[str, int],
) -> pd.DataFrame:
    """Return a row for every score, mask and method."""
    out, (edition, repeats) = [], run
    for score in scores:
        for mask in MASKS:
            for name, spec in methods.items():
                masks = repeats if name == "regression" else -(-repeats // OTHERS)
                part = f"{edition} {score} {mask} {name}".replace(" ", "_")
                found = parts.get(part, lambda a=(name, spec, score, mask, masks): _rows(held, *a))  # type: ignore[misc]
                out += found
    return pd.DataFrame(out)


def _rows(
    held: HeldOut, name: str, spec: Any, score: str, mask: str, masks: int
) -> list[dict[str, Any]]:
    """Return the row of one method; that of weight sharing too, beside the default model."""
    rows = held(name, spec, score, mask, masks)
    where = {"score": score, "mask": mask}
    out: list[dict[str, Any]] = [{**where, "method": name, **summary(rows)}]
    if name == "regression":
        error = rows["shared"]
        shared = {"cases": len(rows), "bias": error.mean(), "error": error.abs().mean()}
        out.append({**where, "method": "weight sharing", **shared, "ratio": 1.0})
    return out


def first_results(repeats: int, parts: Parts) -> pd.DataFrame:
    """Return the results on the first edition's data."""
    table = first_edition()
    return results(
        [node.name for node in table.framework.scores],
        lambda name, spec, score, mask, masks: held_out(
            table, spec, name, score, mask, repeats=masks
        ),
        METHODS,
        parts,
        ("first", repeats),
    )


def second_results(repeats: int, parts: Parts) -> pd.DataFrame:
    """Return the results on the bundled data, through the library as it is installed."""
    bundled = Bundled.load()
    return results(
        bundled.scores.names,
        lambda name, spec, score, mask, masks: bundled.held_out(
            name, spec, score, mask, repeats=masks
        ),
        {**METHODS, WITH_DELTA: METHODS["regression"]},
        parts,
        ("second", repeats),
    )


@dataclass(frozen=True, eq=False)
class Bundled:
    """The bundled framework and data, their scores, and which raw cells each score reads."""

    framework: dr.Framework
    data: dr.Data
    scores: dr.Scores
    population: np.ndarray

    @classmethod
    def load(cls) -> Bundled:
        """Return the bundled framework scored on the bundled data."""
        framework, data = dr.load_framework(), dr.load_data()
        population = data.values["population"].to_numpy(float)
        return cls(framework, data, dr.score(framework, data), population)

    def with_missing(self, name: str, spec: Any) -> dr.Framework:
        """Return the framework whose missing cells another method treats.

        "regression" is the own model for cells that are not missing for a reason of their own: without `delta`.
        """
        if name == WITH_DELTA:
            return self.framework
        if name == "regression":
            return self.framework.replace(
                {
                    f"{indicator.name}.missing": method.model_copy(update={"delta": None})
                    for indicator in self.framework.inputs
                    if (method := indicator.missing) and getattr(method, "delta", None) is not None
                }
            )
        if name in WITH_AUXILIARY:
            own: Any = self.framework.defaults.missing
            spec = {**spec, "auxiliary": list(own.auxiliary)}
        changes = {"defaults.missing": spec}
        for indicator in self.framework.inputs:
            if indicator.missing is not None:
                changes[f"{indicator.name}.missing"] = spec
        return self.framework.replace(changes)

    def held_out(
        self, name: str, spec: Any, score: str, mask: str, *, repeats: int, draws: int = 300
    ) -> pd.DataFrame:
        """Return a row for every held-out score: error of estimate and weight sharing, and the interval."""
        framework = self.with_missing(name, spec)
        sharing = self.with_missing("weight sharing", "share_weight")
        out: list[pd.DataFrame] = []
        for number, (rows, like, columns) in enumerate(self.cases(score, mask, repeats)):
            masked = self.data.replace(
                {
                    str(self.data.iso3[row]): {
                        columns[place]: np.nan for place in np.flatnonzero(own)
                    }
                    for row, own in zip(rows, like, strict=True)
                }
            )
            scores = dr.score(framework, masked)
            design = compile_design(scores, factors=ONLY_MISSING)
            points = design.points(number, "sobol").block(0)[:draws]
            drawn = design.values(points, [score], Key(number, 0, {}))[0][:, rows]
            truth, point, shared = (
                one.values[score].to_numpy(float)[rows]
                for one in (self.scores, scores, dr.score(sharing, masked))
            )
            table = pd.DataFrame(
                {
                    "country": self.data.iso3[rows],
                    "pattern": [", ".join(itertools.compress(columns, row)) for row in like],
                    "error": point - truth,
                    "shared": shared - truth,
                    **covered(drawn, truth),
                }
            )
            # Too little of some masked countries is observed for a score to be printed.
            out.append(table[table[["error", "width"]].notna().all(axis=1)])
        return pd.concat(out, ignore_index=True)

    def cases(
        self, score: str, mask: str, repeats: int
    ) -> Iterator[tuple[np.ndarray, np.ndarray, list[str]]]:
        """Yield the masked rows, the cells that each loses, and the columns of these."""
        state, names = (
            self.scores._state,
            [indicator.name for indicator in self.framework.indicators],
        )
        layout = state.prepared.layout
        node = next(node for node in self.framework.scores if node.name == score)
        indicators = [names.index(name) for name in _below(node)]
        used = sorted({int(part) for indicator in indicators for part in _parts(layout, indicator)})
        columns = [self.framework.inputs[place].data_column for place in used]
        prepared = state.prepared
        missing = np.isnan(prepared.denominated[:, used])
        table = self.scores.table()[score].reindex(self.data.iso3)
        printed = table.notna().to_numpy() & ~np.isin(self.data.iso3.astype(str), FOCAL)
        complete = np.flatnonzero(
            printed & ~missing.any(axis=1) & state.scorable.applicable[:, indicators].all(axis=1)
        )
        # A cell with bounds is observed information: no country is masked like it.
        lost = np.array(prepared.missing[:, used])
        if prepared.low is not None and prepared.high is not None:
            lost &= np.isnan(prepared.low[:, used]) & np.isnan(prepared.high[:, used])
        patterns = np.flatnonzero(printed & lost.any(axis=1))
        chance = _chances(
            mask, self.population[complete], table.to_numpy(float, na_value=np.nan)[complete]
        )
        rng = np.random.default_rng(0)
        for _ in range(repeats):
            rows = rng.choice(complete, len(complete) // 3, replace=False, p=chance)
            yield rows, lost[rng.choice(patterns, len(rows))], columns

    def own_table(self, draws: int = 4096) -> pd.DataFrame:
        """Return by score the incomplete countries, those outside their interval and those without width."""
        varied = dr.uncertainty(self.scores, draws=draws, factors=ONLY_MISSING, nodes="score")
        whole, out = self.scores.table(details=True), []
        for score in self.scores.names:
            table = varied.scores(score)
            point, low, high, sd = (table[name].to_numpy(float) for name in ("value", *ENDS, "sd"))
            share = whole[f"{score}_estimated_share"].reindex(table.index)
            open_cells = ~np.isnan(point) & (share.to_numpy(float, na_value=0.0) > 0)
            outside = open_cells & ((point < low - CLASS) | (point > high + CLASS))
            narrow = open_cells & (sd <= 1e-9)
            counts = {"incomplete": open_cells.sum(), "outside": outside.sum()}
            codes = ", ".join(map(str, table.index[outside | narrow]))
            out.append({"score": score, **counts, "no width": narrow.sum(), "which": codes})
        return pd.DataFrame(out)


def _parts(layout: Any, indicator: int) -> list[int]:
    """Return the raw columns that an indicator reads."""
    return (
        list(layout.sources(indicator))
        if indicator in layout.derived
        else [layout.indicators[indicator]]
    )


def _chances(mask: str, population: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Return the probability (n,) with which each complete country is masked."""
    order = {
        "random": np.ones(len(truth)),
        "population": 1 / (1 + population.argsort().argsort()) ** 0.7,
        "risk": 1.0 + truth.argsort().argsort(),
    }[mask]
    return np.asarray(order / order.sum())


RUNS = {"first": first_results, "second": second_results}
REPEATS = {"first": 200, "second": 60}


def main() -> None:
    """Print the tables, or write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--repeats",
        type=int,
        help="masks of each kind; 200 and 60 for the two editions if not said",
    )
    parser.add_argument("--edition", choices=list(RUNS), help="one edition only (not with --write)")
    parser.add_argument("--parts", type=Path, help="folder that keeps the result of every part")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    start = time.perf_counter()
    repeats = {edition: options.repeats or masks for edition, masks in REPEATS.items()}
    found = {}
    for edition, run in RUNS.items():
        if options.edition in (None, edition):
            found[edition] = run(repeats[edition], Parts(options.parts))
            sys.stdout.write(
                f"{edition} edition\n"
                f"{found[edition].drop(columns='by pattern').round(3).to_string(index=False)}\n"
            )
            sys.stdout.write(f"{time.perf_counter() - start:.0f} s\n")
    own = Bundled.load().own_table()
    sys.stdout.write(own.to_string(index=False) + "\n")
    if options.write and options.edition is None:
        PAGE.write_text(page(found, repeats, own), encoding="utf-8")


if __name__ == "__main__":
    main()
