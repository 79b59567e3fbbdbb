"""The report page: time against that of its draws, size, and how long a moved weight takes in Chromium.

200 countries, 40 indicators, a tenth of the cells missing and estimated, 10,000 draws.
Run: python benchmarks/report.py [draws]
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

import dsr_risk as dr

MOVES = 40
PLACES = {"worldmap": "map and quadrant", "chosen": "charts of a country"}
TIMED = """async ([moves, where]) => {
    const input = document.getElementById("w-0"), out = [];
    report.show(0);
    await report.ready();
    document.getElementById(where).scrollIntoView();
    await new Promise((done) => setTimeout(done, 500));
    for (let m = 0; m < moves; m++) {
        input.value = String(0.5 + m / moves);
        await new Promise((done) => requestAnimationFrame(done));
        const start = performance.now();
        input.dispatchEvent(new Event("input"));
        await report.drawn;
        document.body.offsetHeight;
        out.push(performance.now() - start);
    }
    return out;
}"""


def case() -> dr.Scores:
    """Scores of 200 countries by 40 indicators in eight pillars below two headlines."""
    rng = np.random.default_rng(5)
    names = [f"x{place:02d}" for place in range(40)]
    common = rng.normal(size=(200, 1))
    values = 50 + 12 * (0.6 * common + rng.normal(size=(200, 40)))
    values[rng.random(values.shape) < 0.1] = np.nan
    codes = pd.Index([str(one) for one in dr.load_data().units][:200], name="iso3")

    def indicator(name: str) -> dict[str, object]:
        posts = {"method": "goalposts", "low": 0, "high": 100}
        return {"name": name, "higher_is": "riskier", "normalisation": posts}

    pillars = [
        {"name": f"pillar{i}", "children": [indicator(one) for one in names[5 * i : 5 * i + 5]]}
        for i in range(8)
    ]
    framework = dr.Framework(
        name="benchmark",
        scores=[
            {"name": "first", "children": pillars[:4]},
            {"name": "second", "children": pillars[4:]},
        ],
        defaults={"missing": {"method": "regression"}},
        factors={
            "*.weights": {"method": "spread", "share": 0.25},
            "*.missing": {"method": "imputed"},
        },
    )
    return dr.score(framework, pd.DataFrame(values, codes, names))


def moves(path: Path) -> dict[str, list[float]]:
    """Milliseconds of every move of a weight until the charts on the screen are drawn, in Chromium."""
    from playwright.sync_api import sync_playwright

    binary = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=binary, args=["--headless", "--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(path.as_uri())
        assert page.evaluate("report.model.live")
        page.evaluate(TIMED, [5, "worldmap"])
        out = {where: page.evaluate(TIMED, [MOVES, where]) for where in PLACES}
        browser.close()
    return out


def main() -> None:
    draws = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    scores = case()
    start = time.perf_counter()
    drawn = dr.uncertainty(scores, draws=draws)
    middle = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        path = dr.report(scores, Path(folder) / "report.html", uncertainty=drawn)
        end = time.perf_counter()
        size = path.stat().st_size / 1e6
        print(
            f"{draws:,} draws {middle - start:.2f} s, page {end - middle:.2f} s: "
            f"ratio {(end - middle) / (middle - start):.2f} (bar 5), {size:.2f} MB (bar 5)"
        )
        if shutil.which("chromium") or shutil.which("chromium-browser"):
            for where, times in moves(path).items():
                print(
                    f"a moved weight, {PLACES[where]} on the screen: median {np.median(times):.1f} ms, "
                    f"90 % {np.quantile(times, 0.9):.1f} ms of {MOVES} moves (bar 50)"
                )


if __name__ == "__main__":
    main()
