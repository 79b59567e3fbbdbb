"""Write docs/architecture.md: the head below, then one section a folder with the first line of every module.

python scripts/architecture_page.py
"""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "dsr_risk"
PAGE = ROOT / "docs" / "architecture.md"

HEAD = """\
# Architecture

The package has three kinds of thing: **a framework is data, a method is a pure function with parameters, a
result is a frozen record.** Folders are the layers. A folder imports only from folders in lower rows
(`lint-imports` checks this):

    cli
    pages
    plots
    analysis, output
    montecarlo
    scoring
    snapshot
    framework, records, readers
    data, factors
    methods, sobol, _util
    errors

**One evaluator.** A framework compiles once to arrays (`scoring.kernel.Tree`). One batched evaluation over
draws x countries x nodes serves the plain score, which is a batch of one, and every analysis.

**Fit and apply.** A `Model` holds what is learned from a reference set (extremes, percentiles, data-driven
weights). It scores new countries and years on the same scale.

**Exact decomposition.** Every mean is quasi-arithmetic, `M(x) = g⁻¹(Σ w g(x))`. With the secant slope `s` of `g`,
child `i` contributes `w s(x, b) / s(M(x), M(b)) (x - b)`. Contributions add up without residual and multiply
down the tree.

**Results that draw and write themselves.** `.plot()`, `.explore()` and `.cite()` load `plots`, `pages` and
`output` when they are called (`_util/faces.py`). No other call goes to a higher layer.

**Classes with functions in modules beside them.** Some modules of `data`, `framework`, `scoring` and `output` hold
the functions of one class and name its type in annotations. These four circles of annotations are listed in
`tests/project/test_layout.py`. There is no circle between folders, and none at run time.

**Lazy public names.** `import dsr_risk` imports neither numpy nor pandas. `__init__.pyi` lists every public name.
"""

ORDER = (
    "cli", "pages", "plots", "analysis", "output", "montecarlo", "scoring", "snapshot", "framework", "records",
    "readers", "data", "factors", "methods", "sobol", "_util",
)  # fmt: skip


def first_line(path: Path) -> str:
    """Return the first line of a module's docstring."""
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return text.split("\n")[0]


def page() -> str:
    """Return the whole page."""
    parts = [HEAD, section("Top of the package", sorted(SOURCE.glob("*.py")))]
    folders = {path.name for path in SOURCE.iterdir() if (path / "__init__.py").is_file()}
    ranked = [*(name for name in ORDER if name in folders), *sorted(folders - set(ORDER))]
    for name in ranked:
        head = first_line(SOURCE / name / "__init__.py")
        found = set((SOURCE / name).rglob("*.py")) - {SOURCE / name / "__init__.py"}
        parts.append(section(f"`{name}/`", sorted(found), head))
    return "\n".join(parts)


def section(title: str, paths: list[Path], head: str = "") -> str:
    """Return one section: a table of modules, a line each."""
    rows = [f"| `{path.relative_to(SOURCE).as_posix()}` | {first_line(path)} |" for path in paths]
    lead = f"{head}\n\n" if head else ""
    return "\n".join([f"## {title}", "", f"{lead}| module | what it does |\n|---|---|", *rows, ""])


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
