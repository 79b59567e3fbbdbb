"""One measured job of records_at_scale.py; prints time, peak memory and a checksum as JSON."""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from pathlib import Path
from typing import Any

EXAMPLE = Path(__file__).parents[1] / "examples" / "records_at_scale"

GENERATE = """
COPY (
    SELECT
        code AS iso3,
        'supplier ' || lpad(CAST(s AS VARCHAR), 4, '0') AS vendor,
        CASE WHEN s % 10 < 3 THEN 'CHN' WHEN s % 10 < 5 THEN 'USA' WHEN s % 10 < 7 THEN 'SWE'
             WHEN s % 10 < 9 THEN 'FIN' ELSE 'KOR' END AS vendor_iso3,
        round(exp(10 + 2 * sqrt(-2 * ln(1 - u3)) * cos(6.283185307 * u4)), 2) AS usd
    FROM (
        SELECT u1, u3, u4, least(4999, CAST(floor(5000 * pow(u2, 3)) AS INTEGER)) AS s,
            least(199, CAST(floor(200 * pow(u1, 2)) AS INTEGER)) AS place
        FROM (SELECT random() u1, random() u2, random() u3, random() u4 FROM range({rows}))
    ) JOIN c USING (place)
) TO '{path}' (FORMAT PARQUET, COMPRESSION ZSTD, ROW_GROUP_SIZE 500000)
"""

SAME = """
WITH pairs AS (
    SELECT iso3, vendor, vendor_iso3, sum(usd) AS usd, sum(usd * usd) AS squares, count(*) AS n
    FROM '{path}' GROUP BY ALL
), totals AS (
    SELECT *,
        sum(usd) OVER (PARTITION BY iso3) AS total,
        sum(usd) OVER (PARTITION BY iso3, vendor) AS own,
        sum(usd) OVER (PARTITION BY iso3, vendor_iso3) AS origin
    FROM pairs
), shares AS (
    SELECT *, usd / total AS part, own / total AS s, origin / total AS o,
        rank() OVER (PARTITION BY iso3 ORDER BY own DESC) AS place
    FROM totals
), indices AS (
    SELECT *,
        sum(part * s) OVER country AS hhi, sum(part * o) OVER country AS origin_hhi,
        -sum(part * ln(s)) OVER country AS entropy, -sum(part * ln(o)) OVER country AS o_entropy
    FROM shares WINDOW country AS (PARTITION BY iso3)
)
SELECT iso3, sum(n) AS n, any_value(total) AS total, sum(squares) AS squares,
    any_value(hhi) AS hhi, any_value(origin_hhi) AS origin_hhi,
    exp(any_value(entropy)) AS entropy_number, exp(any_value(o_entropy)) AS origin_number,
    max(s) AS top1, sum(part) FILTER (place <= 3) AS top3,
    sum(squares) FILTER (place <= 3) AS top3_squares,
    sum(part) FILTER (vendor_iso3 = 'CHN') AS focal,
    sum(squares) FILTER (vendor_iso3 = 'CHN') AS focal_squares,
    sum(squares * (s - hhi) ** 2) AS hhi_dev, sum(squares * (o - origin_hhi) ** 2) AS o_dev,
    sum(squares * (ln(s) + entropy) ** 2) AS entropy_dev,
    sum(squares * (ln(o) + o_entropy) ** 2) AS o_entropy_dev,
    sum(usd / own) AS suppliers, sum(usd / origin) AS origins
FROM indices GROUP BY iso3
"""


JOINED = """
WITH pairs AS MATERIALIZED (
    SELECT iso3, vendor, vendor_iso3, sum(usd) AS usd, sum(usd * usd) AS squares, count(*) AS n
    FROM '{path}' GROUP BY ALL
), totals AS MATERIALIZED (
    SELECT iso3, sum(usd) AS total FROM pairs GROUP BY iso3
), s AS MATERIALIZED (
    SELECT iso3, vendor, sum(usd) AS own, sum(squares) AS squares, sum(n) AS n,
        sum(usd) / any_value(total) AS share
    FROM pairs JOIN totals USING (iso3) GROUP BY iso3, vendor
), o AS MATERIALIZED (
    SELECT iso3, vendor_iso3, sum(squares) AS squares, sum(usd) / any_value(total) AS share
    FROM pairs JOIN totals USING (iso3) GROUP BY iso3, vendor_iso3
), sums AS MATERIALIZED (
    SELECT iso3, sum(n) AS n, sum(own) AS total, sum(squares) AS squares,
        sum(share * share) AS hhi, -sum(share * ln(share)) AS entropy, count(*) AS suppliers,
        max(share, 3) AS top
    FROM s GROUP BY iso3
), o_sums AS MATERIALIZED (
    SELECT iso3, sum(share * share) AS o_hhi, -sum(share * ln(share)) AS o_entropy,
        count(*) AS origins, sum(share) FILTER (vendor_iso3 = 'CHN') AS focal,
        sum(squares) FILTER (vendor_iso3 = 'CHN') AS focal_squares
    FROM o GROUP BY iso3
), dev AS (
    SELECT iso3, sum(s.squares * (ln(share) + entropy) ** 2) AS entropy_dev,
        sum(s.squares * (share - hhi) ** 2) AS hhi_dev,
        sum(s.squares) FILTER (share >= top[3]) AS top3_squares
    FROM s JOIN sums USING (iso3) GROUP BY iso3
), o_dev AS (
    SELECT iso3, sum(o.squares * (ln(share) + o_entropy) ** 2) AS o_entropy_dev,
        sum(o.squares * (share - o_hhi) ** 2) AS o_hhi_dev
    FROM o JOIN o_sums USING (iso3) GROUP BY iso3
)
SELECT * FROM sums JOIN o_sums USING (iso3) JOIN dev USING (iso3) JOIN o_dev USING (iso3)
"""


def main() -> None:
    """Run the job named on the command line."""
    job, path, rows, memory, threads = sys.argv[1:6]
    sys.path.insert(0, str(EXAMPLE))
    import duckdb  # noqa: F401
    import narwhals  # noqa: F401
    from job import opened

    from dsr_risk import records

    # Loading libraries is not what is measured.
    start, cpu = time.perf_counter(), cpu_seconds()
    check = 0.0
    if job in ("generate", "sql", "joins"):
        connection = connect(memory, threads, path)
        if job == "generate":
            generate(connection, path, rows)
        else:
            query = {"sql": SAME, "joins": JOINED}[job].format(path=path)
            check = float(connection.execute(query).df()["hhi"].sum())
    elif job == "duckdb":
        result = records.supplier_concentration(connect(memory, threads, path).read_parquet(path))
        check = hhi(result)
    else:
        with opened(job, path) as frame:
            check = hhi(records.supplier_concentration(frame))
    seconds, used = time.perf_counter() - start, cpu_seconds() - cpu
    print(json.dumps({"seconds": seconds, "cpu": used, "peak_mb": peak_mb(), "check": check}))


def connect(memory: str, threads: str, path: str) -> Any:
    """Open DuckDB with its limits; what does not fit into memory goes beside the contracts."""
    import duckdb

    connection = duckdb.connect()
    connection.execute(f"SET memory_limit = '{memory}'; SET threads = {threads}")
    connection.execute("SET preserve_insertion_order = false")
    connection.execute(f"SET temp_directory = '{path}.tmp'")
    return connection


def generate(connection: Any, path: str, rows: str) -> None:
    """Write the contracts."""
    from dsr_risk.data.countries import country_table

    codes = ", ".join(f"'{code}'" for code in country_table().index[:200])
    connection.execute("SELECT setseed(0.5)")
    table = f"SELECT unnest([{codes}]) AS code, unnest(range(200)) AS place"
    connection.execute(f"CREATE TABLE c AS {table}")
    connection.execute(GENERATE.format(rows=rows, path=path))


def hhi(result: Any) -> float:
    """Return the sum of the concentration of all countries."""
    return float(result.loc[result["indicator"].eq("supplier_hhi"), "value"].sum())


def cpu_seconds() -> float:
    """Return the CPU time of this process and of those it has waited for."""
    return sum(os.times()[:4])


def peak_mb() -> float:
    """Return the peak memory of this process, and of the largest process it has waited for."""
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(resource.getrusage(kind).ru_maxrss for kind in kinds) / 1024


if __name__ == "__main__":
    main()
