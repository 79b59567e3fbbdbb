"""From contracts in Parquet to a report page: one job on DuckDB, Dask or PySpark.

    python examples/records_at_scale/job.py 'contracts/*.parquet' --engine duckdb --out result

The engine groups the rows and hands back one row a country. Everything after that is small: scores
and uncertainty, drawn on a dask cluster, and a report. Files written: `indicators.csv`,
`scores.csv`, `ranks.csv`, `report.html`.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

import dsr_risk as dr
from dsr_risk import records

ENGINES = ("duckdb", "dask", "pyspark")
FRAMEWORK = Path(__file__).with_name("framework.yaml")


@dataclass(frozen=True)
class Result:
    """What the job makes: indicators by country, scores and their uncertainty."""

    indicators: pd.DataFrame
    scores: dr.Scores
    uncertainty: dr.Uncertainty


@contextmanager
def opened(engine: str, contracts: str, memory: str = "1g") -> Iterator[Any]:
    """Open Parquet files as a lazy frame of the engine; nothing is read yet."""
    if engine == "duckdb":
        import duckdb

        with duckdb.connect() as connection:
            connection.execute(f"SET memory_limit = '{memory}b'")
            connection.execute("SET preserve_insertion_order = false")
            yield connection.read_parquet(contracts)
    elif engine == "dask":
        import dask.dataframe as dd

        yield dd.read_parquet(contracts)
    elif engine == "pyspark":
        from pyspark.sql import SparkSession

        builder = SparkSession.builder.master("local[*]").config("spark.driver.memory", memory)
        # The tables that are shuffled are small: 200 partitions (the default) only cost time.
        builder = builder.config("spark.sql.shuffle.partitions", "8")
        session = builder.config("spark.ui.enabled", "false").getOrCreate()
        session.sparkContext.setLogLevel("ERROR")
        try:
            yield session.read.parquet(contracts)
        finally:
            session.stop()
    else:
        raise SystemExit(f"unknown engine `{engine}`; known: {', '.join(ENGINES)}")


def indicators(engine: str, contracts: str, memory: str = "1g") -> pd.DataFrame:
    """Group the contracts on the engine and return indicators by country in the long format."""
    with opened(engine, contracts, memory) as frame:
        return records.supplier_concentration(frame)


def score_records(
    engine: str, contracts: str, *, draws: int = 10_000, client: Any = None, memory: str = "1g"
) -> Result:
    """Return indicators, scores and their uncertainty; `client` is a dask client, or None."""
    table = indicators(engine, contracts, memory)
    framework = dr.load_framework(FRAMEWORK)
    scores = dr.score(framework, table)
    executor = None if client is None else client.get_executor()
    return Result(table, scores, dr.uncertainty(scores, draws=draws, seed=0, executor=executor))


def write(result: Result, folder: Path) -> None:
    """Write the tables and the report page."""
    folder.mkdir(parents=True, exist_ok=True)
    result.indicators.to_csv(folder / "indicators.csv", index=False)
    result.scores.table().to_csv(folder / "scores.csv")
    result.uncertainty.table().to_csv(folder / "ranks.csv")
    dr.report(result.scores, folder / "report.html", uncertainty=result.uncertainty)


def main() -> None:
    """Run the job as typed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("contracts", help="Parquet files: a path or a pattern, in quotes")
    parser.add_argument("--engine", choices=ENGINES, default="duckdb")
    parser.add_argument("--draws", type=int, default=10_000)
    parser.add_argument("--workers", type=int, default=2, help="processes of the dask cluster")
    parser.add_argument("--scheduler", help="address of a dask cluster that runs already")
    parser.add_argument("--memory", default="1g", help="memory limit of DuckDB and Spark, as 4g")
    parser.add_argument("--out", type=Path, default=Path("result"))
    given = parser.parse_args()
    from dask import distributed

    client_of: Any = distributed.Client
    own = {"n_workers": given.workers, "threads_per_worker": 1, "dashboard_address": None}
    with client_of(given.scheduler) if given.scheduler else client_of(**own) as client:
        result = score_records(
            given.engine, given.contracts, draws=given.draws, client=client, memory=given.memory
        )
    write(result, given.out)
    print(result.uncertainty.table().head(10).to_string())
    print(f"written to {given.out}: {', '.join(sorted(p.name for p in given.out.iterdir()))}")


if __name__ == "__main__":
    main()
