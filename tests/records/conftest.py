"""One frame on every engine, and one small set of records of each kind."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from dsr_risk import records
from dsr_risk.records._old_names import TRACES

Convert = Callable[[pd.DataFrame], object]


def _polars(frame: pd.DataFrame) -> object:
    return pytest.importorskip("polars").from_pandas(frame)


def _polars_lazy(frame: pd.DataFrame) -> object:
    return pytest.importorskip("polars").from_pandas(frame).lazy()


def _pyarrow(frame: pd.DataFrame) -> object:
    return pytest.importorskip("pyarrow").Table.from_pandas(frame, preserve_index=False)


def _duckdb(frame: pd.DataFrame) -> object:
    return pytest.importorskip("duckdb").from_df(frame)


def _dask(frame: pd.DataFrame) -> object:
    pytest.importorskip("dask")
    return pytest.importorskip("dask.dataframe").from_pandas(frame, npartitions=3)


SMALL_FRAMES = {
    "spark.ui.enabled": "false",
    "spark.sql.shuffle.partitions": "1",
    "spark.default.parallelism": "1",
    "spark.sql.adaptive.enabled": "false",
    # Compiling a query takes longer than to interpret it on a hundred rows.
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
}
"""Settings of Spark for frames of some rows."""


def _pyspark(frame: pd.DataFrame) -> object:
    if importlib.util.find_spec("pyspark") is None or shutil.which("java") is None:
        pytest.skip("PySpark or Java is not installed")
    from pyspark.sql import SparkSession

    session = SparkSession.builder.master("local[1]")
    for name, value in SMALL_FRAMES.items():
        session = session.config(name, value)
    rows = pytest.importorskip("pyarrow").Table.from_pandas(frame, preserve_index=False)
    return session.getOrCreate().createDataFrame(rows.to_pylist())


ENGINES: dict[str, Convert] = {
    "polars": _polars,
    "polars_lazy": _polars_lazy,
    "pyarrow": _pyarrow,
    "duckdb": _duckdb,
    "dask": _dask,
    "pyspark": _pyspark,
}


@pytest.fixture(
    params=[
        pytest.param(name, marks=pytest.mark.slow) if name == "pyspark" else name
        for name in ENGINES
    ]
)
def convert(request: pytest.FixtureRequest) -> Convert:
    """From pandas to one of the other engines."""
    return ENGINES[request.param]


@pytest.fixture
def engines() -> dict[str, Convert]:
    """All the other engines by name."""
    return ENGINES


def text(values: list[str | None]) -> pd.Series:
    """A text column with None where something is unknown."""
    return pd.Series(values, dtype=object)


@pytest.fixture
def contracts() -> pd.DataFrame:
    """Three countries, unknown suppliers and origins, a supplier of two origins, tied shares."""
    rng = np.random.default_rng(7)
    n = 300
    vendor = rng.choice(["Huawei", "ZTE", "Ericsson", "Nokia", "Samsung", "?"], n)
    origin = pd.Series(vendor).map(
        {"Huawei": "CHN", "ZTE": "CHN", "Ericsson": "SWE", "Nokia": "FIN", "Samsung": "KOR"}
    )
    origin = origin.mask((vendor == "Nokia") & (rng.random(n) < 0.3), "DEU")
    return pd.DataFrame(
        {
            "iso3": text(list(rng.choice(["KEN", "PAK", "ZMB"], n, p=[0.6, 0.3, 0.1]))),
            "vendor": text([None if one == "?" else str(one) for one in vendor]),
            "vendor_iso3": text([None if pd.isna(one) else str(one) for one in origin]),
            "usd": rng.lognormal(3, 1, n).round(1),
            "year": rng.integers(2018, 2021, n),
            "layer": text(list(rng.choice(["ran", "core"], n))),
            "sub": rng.random(n).round(2),
            "critical": rng.random(n) < 0.4,
            "id": np.arange(n) + 1000,
        }
    )


@pytest.fixture
def loans() -> pd.DataFrame:
    """Loans of several creditors, some without terms."""
    rng = np.random.default_rng(3)
    n = 120
    return pd.DataFrame(
        {
            "iso3": text(list(rng.choice(["KEN", "PAK", "LAO"], n))),
            "creditor_iso3": text(list(rng.choice(["CHN", "JPN", "FRA"], n))),
            "usd": rng.lognormal(2, 1, n).round(2),
            "year": rng.integers(2000, 2021, n),
            "maturity": rng.choice([10.0, 15.0, 20.0, np.nan], n),
            "grace": rng.choice([0.0, 3.0, 5.0], n),
            "rate": rng.choice([0.0, 0.02, 0.045, np.nan], n),
            "secured": (rng.random(n) < 0.3).astype(float),
            "reported": (rng.random(n) < 0.5).astype(float),
            "id": np.arange(n),
        }
    )


@pytest.fixture
def incidents() -> pd.DataFrame:
    """Incidents of every claim, with hosts."""
    rng = np.random.default_rng(11)
    n = 90
    return pd.DataFrame(
        {
            "iso3": text(list(rng.choice(["KEN", "PAK", "ETH", "DEU"], n))),
            "host": text([str(one) for one in rng.choice(["KEN", "ETH"], n)]),
            "severity": rng.integers(1, 6, n),
            "claim": text(list(rng.choice(["confirmed", "Alleged", "denied", "refuted"], n))),
            "year": rng.integers(2012, 2021, n),
            "id": np.arange(n),
        }
    )


@pytest.fixture
def deployments() -> pd.DataFrame:
    """Dated deployments of three techniques, some of unknown suppliers."""
    rng = np.random.default_rng(5)
    n = 60
    vendor = rng.choice(["Huawei", "Hikvision", "NEC", "?"], n)
    home = {"Huawei": "CHN", "Hikvision": "CHN", "NEC": "JPN", "?": None}
    return pd.DataFrame(
        {
            "iso3": text(list(rng.choice(["KEN", "PAK", "UZB"], n))),
            "technique": text(list(rng.choice(["Smart city", "facial recognition"], n))),
            "vendor": text([None if one == "?" else str(one) for one in vendor]),
            "vendor_iso3": text([home[str(one)] for one in vendor]),
            "year": rng.integers(2010, 2020, n),
            "id": np.arange(n),
        }
    )


def with_trace(
    function: Callable[..., pd.DataFrame], *args: object, **options: object
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Call a function and the function of its trace with the same arguments."""
    trace: Callable[..., pd.DataFrame] = getattr(records, TRACES[function.__name__])
    return function(*args, **options), trace(*args, **options)
