"""Write the tables of time in the docs from what the benchmarks saved.

python benchmarks/uncertainty.py --quick --save      benchmarks/results/uncertainty.json
python benchmarks/records_at_scale.py --save         benchmarks/results/records_at_scale.json
python scripts/speed_tables.py                       docs/uncertainty.md, docs/records_at_scale.md
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results"
COINR_SECONDS = 229
"""The fastest run of COINr's design by COINr itself; the time was measured once, beside these."""


def uncertainty(saved: dict[str, Any]) -> list[str]:
    """Return the rows of docs/uncertainty.md."""
    rate = {name: float(value) for name, value in saved.items() if name != "note"}
    alone = rate["numpy"]

    def share(name: str, against: str) -> str:
        return f"{rate[name] / rate[against]:.2f}"

    bare = "of the bare product and sort"
    rows = [
        ("weights: scores, exact ranks, rank histograms", f"{alone:,.0f}",
         f"{share('numpy', 'bare')} {bare}; {alone / rate['loop']:.0f} plain numpy loops"),
        ("the same, with quantiles and bands of scores", f"{rate['numpy, quantiles']:,.0f}",
         f"{share('numpy, quantiles', 'bare')} {bare}"),
        ("with quantiles and pairs of countries (the default)",
         f"{rate['numpy, quantiles and pairs']:,.0f}", ""),
        ("geometric at the top; mixed means", f"{rate['geometric top']:,.0f}; {rate['mixed']:,.0f}",
         f"{share('geometric top', 'numpy')}; {share('mixed', 'numpy')} of the first row"),
        ("four normalisations, three means by draw", f"{rate['switching']:,.0f}",
         f"{share('switching', 'numpy')} of one method"),
        ("30 % of cells missing", f"{rate['gaps']:,.0f}", f"{share('gaps', 'numpy')} of the first row"),
    ]  # fmt: skip
    if "numba" in rate:
        text = f"{share('numba', 'bare')} {bare}"
        rows.insert(
            2, ('the same as the first row, `engine="numba"`', f"{rate['numba']:,.0f}", text)
        )
    if "numba, geometric top" in rate:
        text = " and ".join(
            f"{share('numba, geometric top', name)} of `{name}`" for name in ("numpy", "numba")
        )
        row = (
            'geometric at the top, `engine="numba"`',
            f"{rate['numba, geometric top']:,.0f}",
            text,
        )
        rows.insert(next(i for i, (what, *_) in enumerate(rows) if "geometric" in what) + 1, row)
    if "numba32" in rate:
        text = f"{rate['numba32'] / rate['numba']:.2f} times `numba`"
        rows.insert(
            3, ('the same as the first row, `engine="numba32"`', f"{rate['numba32']:,.0f}", text)
        )
    if "asem seconds" in rate:
        name = "COINr's ASEM design, 2,000 draws, treatments refitted"
        rows.append((name, f"{rate['asem seconds']:.2f} s", f"COINr: {COINR_SECONDS} s"))
    rows.append(("two workers", "", f"{rate['two workers']:.1f} times one"))
    return _table(("what varies", "draws a second", "against"), rows)


JOBS = {
    "sql": "`sql`",
    "joins": "`joins`",
    "duckdb": "DuckDB",
    "dask": "Dask",
    "pyspark": "PySpark",
}


def records_at_scale(saved: dict[str, dict[str, dict[str, float]]]) -> list[str]:
    """Return the rows of docs/records_at_scale.md."""
    rows: list[tuple[str, ...]] = []
    for count in sorted(saved, key=int):
        part = saved[count]
        for place, (job, name) in enumerate(
            (job, name) for job, name in JOBS.items() if job in part
        ):
            given = part[job]
            label = f"{int(count) // 1_000_000} million" if place == 0 else ""
            if "cpu" not in given:
                text = f"{given['seconds']:.0f} s elapsed (`sql`: {given['sql_seconds']:.0f} s)"
                rows.append((label, name, text, "", "", "not measured: Java"))
                continue
            shares = [_share(job, other, part) for other in ("sql", "joins")]
            peak = f"{given['peak_mb']:,.0f} MB"
            rows.append((label, name, f"{given['cpu']:.2f} s", *shares, peak))
    heads = ("rows", "job", "CPU time", "of `sql`", "of `joins`", "peak memory")
    return _table(heads, rows)


def _share(job: str, other: str, part: dict[str, dict[str, float]]) -> str:
    if job == other:
        return "1"
    return f"{part[job]['cpu'] / part[other]['cpu']:.2f}"


def _table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> list[str]:
    lines = [f"| {' | '.join(heads)} |", "|" + "---|" * len(heads)]
    return lines + [f"| {' | '.join(row)} |" for row in rows]


PAGES: dict[str, Callable[[Any], list[str]]] = {
    "uncertainty": uncertainty,
    "records_at_scale": records_at_scale,
}
"""The page and the file of figures have the same name."""


def written(page: str, text: str) -> str:
    """Return the text of a page with the table that the saved figures give."""
    saved = json.loads((RESULTS / f"{page}.json").read_text(encoding="utf-8"))
    block = "\n".join(PAGES[page](saved))
    pattern = r"(<!-- table: speed -->\n).*?(\n<!-- end -->)"
    out, count = re.subn(pattern, lambda part: part[1] + block + part[2], text, flags=re.DOTALL)
    if count != 1:
        raise SystemExit(f"docs/{page}.md has {count} blocks `<!-- table: speed -->`, expected 1")
    return out


def main() -> int:
    """Rewrite the tables of both pages."""
    for page in PAGES:
        path = ROOT / "docs" / f"{page}.md"
        path.write_text(written(page, path.read_text(encoding="utf-8")), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
