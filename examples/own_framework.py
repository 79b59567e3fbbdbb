"""A framework of your own over a table of your own.

Run it from anywhere: ``python examples/own_framework.py``.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import dsr_risk as dr

HERE = Path(__file__).parent


def main() -> None:
    """Score, explain, change a weight, keep the scale, export."""
    framework = dr.load_framework(HERE / "cyber_capacity.yaml")
    data = dr.read_data(HERE / "cyber_capacity.csv")

    scores = dr.score(framework, data)
    print(scores)
    print(dr.explain(scores, "Kenya", against="Estonia"))

    # Weights are judgement: how much does the order hang on this one?
    other = dr.score(framework.replace({"ncsi.weight": 1.2}), data)
    print((other.rank["cyber_gap"] - scores.rank["cyber_gap"]).rename("rank shift").to_string())

    # A model keeps the scale: score one country later, alone.
    model = dr.fit(framework, data)
    later = model.score(data.select(countries=["Kenya"]).replace({"Kenya": {"gci": 90.0}}))
    print(f"Kenya with a GCI of 90: {later.values.loc['KEN', 'cyber_gap']:.1f}")

    with tempfile.TemporaryDirectory() as folder:
        target = dr.write_table(
            scores.table(), Path(folder) / "cyber.csv", manifest=dr.manifest(scores)
        )
        print(target.read_text(encoding="utf-8").splitlines()[0])


if __name__ == "__main__":
    main()
