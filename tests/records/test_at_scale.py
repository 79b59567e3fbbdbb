"""The documented job over contracts in Parquet gives one result, whatever the engine."""

from __future__ import annotations

import os
import runpy
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.folders import ROOT

FOLDER = ROOT / "examples" / "records_at_scale"
ROWS = 20_000
INSTALLED = {"duckdb": "duckdb", "dask": "dask.dataframe", "pyspark": "pyspark"}


@pytest.fixture(scope="module")
def contracts(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Contracts in several Parquet files, as the benchmark generates them."""
    duckdb = pytest.importorskip("duckdb")
    folder = tmp_path_factory.mktemp("contracts")
    job = runpy.run_path(str(ROOT / "benchmarks" / "records_at_scale_job.py"))
    whole = folder / "whole.parquet"
    with duckdb.connect() as connection:
        job["generate"](connection, str(whole), str(ROWS))
        for part in range(3):
            file = folder / f"part_{part}.parquet"
            connection.execute(
                f"COPY (SELECT * FROM '{whole}' WHERE hash(vendor) % 3 = {part}) TO '{file}'"
            )
    whole.unlink()
    return str(folder / "*.parquet")


def indicators(engine: str, contracts: str) -> pd.DataFrame:
    pytest.importorskip(INSTALLED[engine])
    if engine == "pyspark" and shutil.which("java") is None:
        pytest.skip("PySpark needs Java")
    job = runpy.run_path(str(FOLDER / "job.py"))
    table: pd.DataFrame = job["indicators"](engine, contracts)
    return table


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning")  # of the engines
@pytest.mark.parametrize("engine", ["dask", pytest.param("pyspark", marks=pytest.mark.slow)])
def test_indicators_are_those_of_duckdb_to_1e_12(engine: str, contracts: str) -> None:
    table, reference = indicators(engine, contracts), indicators("duckdb", contracts)
    assert reference["n_records"].groupby(reference["iso3"]).max().sum() == ROWS
    pd.testing.assert_frame_equal(table, reference, rtol=1e-12, atol=1e-12)


@pytest.mark.slow
def test_the_job_writes_scores_with_the_uncertainty_of_a_dask_cluster(
    contracts: str, tmp_path: Path
) -> None:
    pytest.importorskip("distributed")
    done = subprocess.run(
        [sys.executable, FOLDER / "job.py", contracts, "--draws", "640", "--out", tmp_path],
        capture_output=True, text=True, check=False, timeout=300, cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    job = runpy.run_path(str(FOLDER / "job.py"))
    alone = job["score_records"]("duckdb", contracts, draws=640)
    ranks = pd.read_csv(tmp_path / "ranks.csv", index_col="iso3")
    assert ranks["dependence"].isna()["CHN"]  # the focal state is not scored
    assert ranks["dependence"].notna()["KEN"]
    pd.testing.assert_frame_equal(
        ranks.select_dtypes("number"),
        alone.uncertainty.table().select_dtypes("number"),
        check_dtype=False,
        check_index_type=False,
    )
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["indicators.csv", "ranks.csv", "report.html", "scores.csv"]
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "Supplier dependence from contracts" in page


@pytest.mark.slow
def test_scores_are_figures_of_the_records(contracts: str) -> None:
    job = runpy.run_path(str(FOLDER / "job.py"))
    result = job["score_records"]("duckdb", contracts, draws=64)
    wide = result.indicators.pivot(index="iso3", columns="indicator", values="value")
    parts = wide[["supplier_hhi", "origin_hhi", "supplier_top3_share"]].mean(axis=1)
    expected = 100 * (2 * wide["focal_share"] + parts) / 3
    scores = result.scores.values["dependence"].dropna()
    assert len(scores) == 197  # all but the focal state, Hong Kong and Macao
    np.testing.assert_allclose(scores, expected[scores.index], rtol=1e-12)


def test_an_unknown_engine_is_refused(contracts: str) -> None:
    job: dict[str, Any] = runpy.run_path(str(FOLDER / "job.py"))
    with pytest.raises(SystemExit, match="unknown engine `spork`; known: duckdb, dask, pyspark"):
        job["indicators"]("spork", contracts)
