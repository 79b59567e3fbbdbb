"""The frame boundary: any engine's frame in, checked columns under fixed names, small tables out.

Every step written here is a plain expression, a group-by or a window sum, which pandas, Polars,
PyArrow, DuckDB, Dask and PySpark all run themselves; only grouped results are collected.
"""

from __future__ import annotations

import datetime as dt
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from .._util.checks import as_float
from ..data.countries import country_table, to_iso3, without_missing_marks
from ..data.reading import cut
from ..errors import DataError, Problems, did_you_mean

if TYPE_CHECKING:
    from narwhals import Expr, LazyFrame

SHOWN_ROWS = 5
LARGEST = 1e100
"""An amount larger than this has no square that a float can hold."""

Number = str | float
"""A column's name, or one number for every record."""


@cache
def narwhals() -> Any:
    """Load the library that reads every type of frame, on first use: loading takes a while."""
    import narwhals

    return narwhals


@cache
def iso3_codes() -> frozenset[str]:
    """Return every ISO 3166 alpha-3 code a record may carry."""
    return frozenset(country_table().index)


def this_year() -> int:
    """Return the year after which a record is dated in the future."""
    return dt.datetime.now(tz=dt.UTC).year


@dataclass(frozen=True)
class Rule:
    """A rule of records: an expression that is true for bad records, and the message for it.

    Records without a value are left to rules on ``missing`` values: engines differ on what a
    comparison with nothing gives.
    """

    role: str
    bad: Expr
    says: str
    missing: bool = False


@dataclass(frozen=True)
class Records:
    """Records under role names, on the engine they came from.

    ``row`` (position from 0) is there for frames in memory, or the caller's own identifier column.
    """

    frame: LazyFrame[Any]
    subject: str
    names: Mapping[str, str]
    located: bool

    def has(self, role: str) -> bool:
        """Tell whether the caller's frame carries this role."""
        return role in self.names

    def with_columns(self, **columns: Expr) -> Records:
        """Return the same records with more, or replaced, columns."""
        return replace(self, frame=self.frame.with_columns(**columns))

    def without_blanks(self) -> Records:
        """Return the same records where a blank text is missing."""
        nw = narwhals()
        schema = self.frame.collect_schema()
        names = [name for name in self.names if schema.get(name) == nw.String]
        return self.with_columns(**{name: _filled(name) for name in names})


def open_records(
    native: object,
    subject: str,
    roles: Mapping[str, Number | None],
    *,
    text: Sequence[str] = (),
    number: Sequence[str] = (),
    counted: str | None = None,
    blanks: bool = False,
) -> Records:
    """Return the columns of the roles; report every missing column and every wrong type at once.

    Parameters
    ----------
    native : frame
        pandas, Polars, PyArrow, DuckDB, Dask, PySpark: whatever Narwhals reads.
    subject : str
        Name of the frame in messages.
    roles : mapping of role to column
        None leaves a role out; a number is that number for every record. ``year_column`` may hold
        dates: their year is taken, under the role ``year``. ``record`` names each record.
    text, number : sequence of str
        The roles that are read as text and as numbers.
    counted : str, optional
        The role that is 1 for every record where it is left out.
    blanks : bool
        Leave blank texts as they are: to look into every text costs more than to group the records.
    """
    identifier = roles.get("record")
    numbers = {role: roles[role] for role in number}
    if counted is not None and numbers[counted] is None:
        numbers[counted] = 1.0
    years = {"year": roles.get("year_column")}
    texts = {role: roles[role] for role in text}
    nw = narwhals()
    read_text = _raw_text if blanks else _text
    makers = ((texts, read_text), (numbers, _number), (years, _year))
    figures = [*numbers.values(), *years.values()]
    native = plain_frame(native, subject, [*texts.values(), *figures, identifier], figures)
    frame, lazy, located = _enter(native, subject)
    schema = lazy.collect_schema()
    problems = Problems(subject)
    columns: list[Expr] = []
    names: dict[str, str] = {}
    # The number of the row, which the command line adds, is no column of the user's.
    columns_known = [name for name in schema if name != identifier]
    reader = _ColumnReader(native, schema, problems, columns_known)
    for wanted, make in makers:
        for role, source in wanted.items():
            if source is not None:
                names[role] = str(source)
                columns.extend(reader.expressions(role, source, make))
    if identifier is not None and identifier not in schema:
        problems.add(f"column `{identifier}` (record) is missing")
    problems.raise_as(DataError)
    if identifier is not None:
        columns.append(nw.col(str(identifier)).alias("row"))
    elif located:
        lazy = frame.with_row_index("row").lazy()
        columns.append(nw.col("row"))
    return Records(lazy.select(*columns), subject, names, identifier is not None or located)


@dataclass(frozen=True)
class _ColumnReader:
    """The columns of a frame by role; what is wrong with them goes to the problems."""

    native: object
    schema: Any
    problems: Problems
    columns_known: list[str]

    def expressions(self, role: str, source: Number, make: Callable[..., Any]) -> list[Expr]:
        nw = narwhals()
        if isinstance(source, int | float):
            return [nw.lit(as_float(source)).alias(role)]
        if source not in self.schema:
            near = did_you_mean(source, self.columns_known)
            way_out = f'; give the right one: columns={{"{_role(role)}": ...}}'
            self.problems.add(
                f"column `{source}` ({_role(role)}) is missing: {near}"
                + (way_out if near.startswith("known") else "")
            )
            return []
        if self.schema[source] == nw.Unknown and _typeless(self.native, source):
            kind = nw.String if make in (_text, _raw_text) else nw.Float64
            return [nw.col(source).cast(kind).alias(role)]
        made: list[Expr] = make(nw, role, source, self.schema[source], self.problems)
        return made


def _role(role: str) -> str:
    """Return the role as the caller gives it."""
    return "year_column" if role == "year" else role


def plain_frame(
    native: object, subject: str, named: Sequence[object], figures: Sequence[object]
) -> object:
    """Return the named columns of a pandas frame, figures as plain numbers; other frames as they are.

    Named levels of the index count as columns. Objects (decimals, dates, nothing at all) become
    numbers and datetimes, which is what the same values are on the other engines.
    """
    if not isinstance(native, pd.DataFrame):
        return native
    wanted = list(dict.fromkeys(column for column in named if isinstance(column, str)))
    levels = [
        level for level in native.index.names if level in wanted and level not in native.columns
    ]
    frame = native.reset_index(levels) if levels else native
    present = [name for name in wanted if name in frame.columns]
    twice = [name for name in present if isinstance(frame[name], pd.DataFrame)]
    if twice:
        names = ", ".join(f"`{name}`" for name in twice)
        raise DataError(f"{subject}: more than one column is called {names}; rename or drop one")
    if len(present) < len(wanted):
        return frame  # a message about missing columns names those that are there
    frame = frame[present]
    return frame.assign(**{name: _plain(frame[name]) for name in present if name in figures})


def _plain(column: pd.Series[Any]) -> pd.Series[Any]:
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        local: pd.Series[Any] = column.dt.tz_localize(None)
        return local  # the calendar year is that of the place
    if column.dtype != object:
        return column
    kind = pd.api.types.infer_dtype(column, skipna=True)
    if kind in ("decimal", "integer", "floating", "mixed-integer-float", "empty"):
        return column.map(as_float, na_action="ignore").astype(np.float64)
    if kind not in ("date", "datetime", "datetime64"):
        return column
    dates: pd.Series[Any] = pd.to_datetime(column)
    return dates


def _typeless(native: Any, name: str) -> bool:
    """Tell whether an engine gives a column no type because it holds nothing."""
    if isinstance(native, pd.DataFrame):
        return False
    implementation = narwhals().from_native(native).implementation
    if implementation.is_duckdb():
        dtype = dict(zip(native.columns, native.types, strict=True))[name]
    elif implementation.is_pyarrow():
        dtype = native.schema.field(name).type
    else:
        dtype = (native.collect_schema() if implementation.is_polars() else native.schema)[name]
    return any(word in str(dtype) for word in ("Null", "null", "NULL", "Void"))


def _enter(native: object, subject: str) -> tuple[Any, Any, bool]:
    nw = narwhals()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Dask support is moving", category=FutureWarning)
        try:
            frame = nw.from_native(native)
        except TypeError as error:
            raise DataError(
                f"{subject} must be a pandas, Polars, PyArrow, DuckDB, Dask or PySpark frame, "
                f"received {type(native).__name__}"
            ) from error
    in_memory = isinstance(frame, nw.DataFrame)
    return frame, frame.lazy(), in_memory


def _text(nw: Any, role: str, source: str, dtype: Any, problems: Problems) -> list[Expr]:
    if dtype != nw.String:
        return [present_text(source).alias(role)]
    return [_filled(source).alias(role)]


def _raw_text(nw: Any, role: str, source: str, dtype: Any, problems: Problems) -> list[Expr]:
    if dtype != nw.String:
        return [present_text(source).alias(role)]
    return [nw.col(source).alias(role)]


def _filled(name: str) -> Any:
    """Return a text unless it is blank: a blank text is no text, as an empty cell of a file is none."""
    nw = narwhals()
    return nw.when(nw.col(name).str.strip_chars() != "").then(nw.col(name))


def present_text(name: str) -> Any:
    """Return a column as text where there is a value.

    Before version 3 pandas casts nothing to the word "None", and it groups a column of nothing but
    missing text into floats.
    """
    nw = narwhals()
    return nw.when(~nw.col(name).is_null()).then(nw.col(name).cast(nw.String))


def _number(nw: Any, role: str, source: str, dtype: Any, problems: Problems) -> list[Expr]:
    if not (dtype.is_numeric() or dtype == nw.Boolean):
        problems.add(f"column `{source}` ({role}) holds {_kind(dtype)}, must hold numbers")
        return []
    column = nw.col(source)
    if dtype.is_float():
        # NaN and null are one thing here; engines differ on which of the two they count.
        column = nw.when(~column.is_nan()).then(column)
    return [column.cast(nw.Float64).alias(role)]


def _kind(dtype: Any) -> str:
    """Return what a column holds in a word; engines name one type differently."""
    return "text" if dtype == narwhals().String else str(dtype)


def _year(nw: Any, role: str, source: str, dtype: Any, problems: Problems) -> list[Expr]:
    if dtype in (nw.Date, nw.Datetime):
        return [nw.col(source).dt.year().cast(nw.Float64).alias(role)]
    if not dtype.is_numeric():
        problems.add(f"column `{source}` ({role}) holds {_kind(dtype)}, must hold years or dates")
        return []
    return _number(nw, role, source, dtype, problems)


def collect(frame: LazyFrame[Any]) -> pd.DataFrame:
    """Return a small result as pandas: numbers as float64, text as str or None."""
    schema = frame.collect_schema()
    # Spark's own way to pandas warns about versions of pandas; Arrow is the shorter road anyway.
    spark = frame.implementation.is_spark_like()
    table = frame.collect(backend="pyarrow" if spark else "pandas").to_pandas()
    columns: dict[str, object] = {}
    for name in schema:
        column = table[name]
        if schema[name].is_numeric() or pd.api.types.is_numeric_dtype(column.dtype):
            columns[name] = column.to_numpy(dtype=np.float64, na_value=np.nan)
        else:
            plain = column.astype(object).where(column.notna(), None)
            columns[name] = pd.Series(plain.to_numpy(), dtype=object)
    return pd.DataFrame(columns)


def amount_rules(role: str, *, required: bool = True, most: float | None = None) -> list[Rule]:
    """Report amounts that are missing, not finite, below 0 or above ``most``."""
    nw = narwhals()
    column = nw.col(role)
    rules = [Rule(role, (column < 0) | ~column.is_finite(), "must be a number of at least 0")]
    if most is None:
        large = (column > LARGEST) & column.is_finite()
        rules.append(Rule(role, large, f"must be at most {LARGEST:g}: take a larger unit"))
    if most is not None:
        rules.append(Rule(role, column > most, f"must be at most {most:g}"))
    if required:
        rules.append(
            Rule(role, column.is_null(), "is missing: fill it in, or leave the record out", True)
        )
    return rules


def year_rules(role: str) -> list[Rule]:
    """Report years that are no calendar years or have not begun."""
    column = narwhals().col(role)
    latest = this_year()
    return [
        Rule(role, column > latest, f"lies in the future (this is {latest})"),
        Rule(role, column < 1900, "must be a calendar year from 1900 on"),
        Rule(role, column % 1.0 != 0.0, "must be a whole year"),
        Rule(role, column.is_null(), "is missing", True),
    ]


def check(records: Records, rules: Sequence[Rule], problems: Problems) -> None:
    """Count the records that break each rule in one pass, then look up the first few of each."""
    nw = narwhals()
    if not rules:
        return
    flags = {
        f"bad_{i}": nw.when(rule.bad if rule.missing else rule.bad & ~nw.col(rule.role).is_null())
        .then(nw.lit(1))
        .otherwise(nw.lit(0))
        for i, rule in enumerate(rules)
    }
    flagged = records.frame.with_columns(**flags)
    counts = collect(flagged.select(*(nw.col(name).sum() for name in flags)))
    for i, rule in enumerate(rules):
        count = 0 if counts.empty else int(np.nan_to_num(counts[f"bad_{i}"].iloc[0]))
        if count:
            problems.extend(_locate(records, flagged.filter(nw.col(f"bad_{i}") == 1), rule, count))


def _locate(records: Records, broken: LazyFrame[Any], rule: Rule, count: int) -> list[str]:
    roles = ["country", rule.role, *(["row"] if records.located else [])]
    roles = [role for role in dict.fromkeys(roles) if role == "row" or records.has(role)]
    first = collect(broken.select(*roles).head(SHOWN_ROWS))
    column = cut(records.names[rule.role])
    lines = []
    for _, record in first.iterrows():
        where = f"row {_whole(record['row'])}" if "row" in first else "a record"
        country = record.get("country")
        of = f" ({country})" if country is not None and rule.role != "country" else ""
        value = record[rule.role]
        received = "empty" if pd.isna(value) else f"{_whole(value)!r}"
        lines.append(
            f"{where}{of}: `{column}` is {received}: {rule.says}".replace(
                "is empty: is missing", "is missing"
            )
        )
    if count > len(first):
        lines.append(f"... {count - len(first):,} more records whose `{column}` {rule.says}")
    return lines


def _whole(value: object) -> object:
    is_whole = isinstance(value, float) and value.is_integer() and abs(value) < 1e15
    return int(value) if is_whole and isinstance(value, float) else value


def resolve_countries(
    records: Records,
    roles: Sequence[str],
    problems: Problems,
    *,
    required: Sequence[str] = (),
    also: Sequence[str] = (),
) -> Records:
    """Rewrite country columns as ISO 3166 alpha-3; unknown values are reported with their count.

    Costs one group-by over the columns concerned. Values already in order, and those of ``also``
    (names that are no country on purpose), are left untouched.
    """
    nw = narwhals()
    for role in (name for name in roles if records.has(name)):
        seen = collect(records.frame.group_by(role).agg(nw.len().alias("records")))
        values = seen[role].to_numpy(dtype=object)
        cells = without_missing_marks(values)
        codes = to_iso3(cells)
        codes = np.array(
            [v if v in also else c for v, c in zip(values, codes, strict=True)], object
        )
        blank = np.array([not str(cell).strip() for cell in cells], dtype=bool)
        marked = any(isinstance(cell, str) and cell.strip() for cell in values[blank])
        column = records.names[role]
        if role in required and blank.any():
            count = int(seen["records"][blank].sum())
            problems.add(
                f"`{column}` is empty in {count:,} record(s): every record needs a country"
            )
        wrong = np.array([code is None for code in codes], dtype=bool) & ~blank
        for value, count in zip(values[wrong], seen["records"][wrong], strict=True):
            problems.add(
                f"`{column}` is {value!r} in {int(count):,} record(s): not a country; "
                "write a name or an ISO 3166 code"
            )
        right = ~blank & ~wrong
        if marked or (values[right] != codes[right]).any():
            table = dict(zip(map(str, values[right]), map(str, codes[right]), strict=True))
            mapped = nw.col(role).replace_strict(
                list(table) or ["\0"],
                list(table.values()) or ["\0"],
                default=None,
                return_dtype=nw.String,
            )
            records = records.with_columns(**{role: mapped})
    return records
