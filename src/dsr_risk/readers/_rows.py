"""The result of a reader, and the bookkeeping of every row that does not become a record."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from .._util.checks import names_of, shown, texts_in
from .._util.display import counted
from ..data.countries import dissolved, is_aggregate, to_iso3, without_missing_marks
from ..errors import DataError
from ._tables import Table

_MARKS_OF_MISSING = """
.. ... … - -- – — : n/a na n.a. n.a nan null none #n/a #ref! #div/0! x unset
"""
MISSING = frozenset(["", "not available", "no data", *_MARKS_OF_MISSING.split()])
# Columns that stay numbers where a file has none of them.
_NUMERIC = """
year value usd usd_adjusted usd_unadjusted maturity grace rate std_error lower upper severity
"""
NUMERIC = frozenset(_NUMERIC.split())
_MARKS = re.compile(r"\s*(?:\[[^\]]*\]|\([a-z0-9]\)|[*†‡§¹²³⁴⁵]+|(?<=\d)\s+[a-z])$", re.IGNORECASE)
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d*)?")
_EUROPEAN = re.compile(r"[+-]?(?:\d{1,3}(?:\.\d{3})+|\d+),\d+")
_PLAIN = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?", re.IGNORECASE)


@dataclass(frozen=True)
class Source:
    """The publisher of a file, its terms, and its citation."""

    title: str
    publisher: str
    licence: str
    citation: str
    url: str

    def evidence(self, edition: str) -> dict[str, str | None]:
        """Return the evidence of one reading; `retrieved` is for the user to fill in."""
        return {
            "source": self.title,
            "publisher": self.publisher,
            "edition": edition,
            "licence": self.licence,
            "citation": self.citation,
            "url": self.url,
            "retrieved": None,
        }


@dataclass(frozen=True, repr=False, eq=False)
class Reading:
    r"""The result of a reader: tidy records, the rows left out, and the evidence.

    Attributes
    ----------
    kind : str
        The name of the reader.
    records : DataFrame
        Tidy records, one a row; the columns are those of the reader's docstring. A copy.
    left_out : DataFrame
        Columns ``row`` (number of the row in the file, the header counted), ``what``, ``reason``.
        A copy.
    evidence : dict
        ``source, publisher, edition, licence, citation, url`` and ``retrieved`` (None: the file
        does not say when it was downloaded).
    notes : tuple of str
        What a user of these records has to know.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from dsr_risk import readers
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "gdp.csv"
    >>> _ = path.write_text("Country Name,Country Code,Year,Value\nPakistan,PAK,2021,348\nWorld,WLD,2021,9\n")
    >>> reading = readers.world_bank(path)
    >>> reading.records["value"].tolist(), reading.left_out["reason"].tolist()
    ([348.0], ['group of countries'])
    >>> reading.summary().splitlines()[1].strip()
    '1 record, 1 country, 2021-2021'
    """

    kind: str
    _evidence: dict[str, str | None]
    notes: tuple[str, ...]
    _records: pd.DataFrame
    _left_out: pd.DataFrame
    _key: tuple[str, ...] = field(default=())

    @property
    def records(self) -> pd.DataFrame:
        """The tidy records, a copy."""
        return self._records.copy()

    @property
    def left_out(self) -> pd.DataFrame:
        """Every row of the file that is not among the records, with its reason; a copy."""
        return self._left_out.copy()

    @property
    def evidence(self) -> dict[str, str | None]:
        """Source, publisher, edition, licence, citation and address; a copy."""
        return dict(self._evidence)

    def summary(self) -> str:
        """Return what was read and what was left out, as text."""
        records = self._records
        lines = [f"{self.evidence['source']}, edition {self.evidence['edition']}"]
        heading = f"  {counted(len(records), 'record')}"
        if "iso3" in records:
            heading += f", {counted(records['iso3'].nunique(), 'country')}"
        if "year" in records and records["year"].notna().any():
            heading += f", {int(records['year'].min())}-{int(records['year'].max())}"
        lines.append(heading)
        reasons = self._left_out["reason"].value_counts()
        lines.append(
            f"  {counted(len(self._left_out), 'row')} left out" + (":" if len(reasons) else "")
        )
        for reason, count in reasons.items():
            same = self._left_out["reason"].eq(str(reason))
            examples = self._left_out["what"][same].unique()
            named = ", ".join(str(example) for example in examples[:9] if example)
            shown_names = f": {named[:60]}{'...' if len(named) > 60 else ''}" if named else ""
            lines.append(f"    {count:,} {reason}{shown_names}")
        lines.extend(f"  note: {note}" for note in self.notes)
        lines.append(f"  licence: {self.evidence['licence']}")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"<Reading {self.kind}>\n{self.summary()}"


def stack(readings: Sequence[Reading]) -> Reading:
    """Return several readings of one kind as one; a record met twice is kept once."""
    first = readings[0]
    if len(readings) == 1:
        return first
    records = pd.concat([reading._records for reading in readings], ignore_index=True)
    left_out = pd.concat([reading._left_out for reading in readings], ignore_index=True)
    if first._key:
        twice = records.duplicated(list(first._key))
        extra = pd.DataFrame(
            {
                "row": 0,
                "what": _joined(records.loc[twice, list(first._key)]),
                "reason": "in an earlier file too",
            }
        )
        left_out = pd.concat([left_out, extra], ignore_index=True)
        records = records[~twice].reset_index(drop=True)
    editions = ", ".join(dict.fromkeys(str(reading.evidence["edition"]) for reading in readings))
    evidence = {**first.evidence, "edition": editions}
    notes = tuple(dict.fromkeys(note for reading in readings for note in reading.notes))
    return replace(first, _evidence=evidence, notes=notes, _records=records, _left_out=left_out)


def _joined(frame: pd.DataFrame) -> list[str]:
    return [" ".join(str(cell) for cell in row) for row in frame.itertuples(index=False)]


class Rows:
    """The rows of a file on their way to becoming records; nothing leaves without a reason."""

    def __init__(self, source: Table | pd.DataFrame) -> None:
        self._gone: list[pd.DataFrame] = []
        if isinstance(source, pd.DataFrame):
            self.frame = source
            return
        self.frame = source.frame
        self.note(source.ragged.index, source.ragged, "more fields than the header has columns")

    def __len__(self) -> int:
        return len(self.frame)

    def note(
        self, rows: Iterable[int], cells: Iterable[object], reason: str | Iterable[str]
    ) -> None:
        """List rows as left out without touching the frame."""
        gone = pd.DataFrame(
            {"row": list(rows), "what": [str(cell).strip()[:120] for cell in cells]}
        )
        gone["reason"] = reason if isinstance(reason, str) else list(reason)
        if len(gone):
            self._gone.append(gone)

    def drop(self, mask: npt.ArrayLike, column: str, reason: str | Iterable[str]) -> None:
        """Leave rows out; `what` names the column that says what they are."""
        gone = np.asarray(mask, dtype=bool)
        if not gone.any():
            return
        cells = self.frame.loc[gone, column]
        self.note(self.frame.index[gone], cells, reason)
        self.frame = self.frame[~gone].copy()

    def countries(self, name: str, code: str | None = None, into: str = "iso3") -> None:
        """Resolve countries by code, then by name; groups and unknown names are left out."""
        for column in (name, code or name):
            if column in self.frame:
                cells = without_missing_marks(self.frame[column])
                self.frame = self.frame.assign(**{column: cells})
        codes = to_iso3(self.frame[code]) if code in self.frame else None
        if name in self.frame:
            if codes is None:
                codes = to_iso3(self.frame[name])
            else:
                named = to_iso3(self.frame[name])
                two = ~(pd.isna(codes) | pd.isna(named)) & (codes != named)
                codes = np.where(pd.isna(codes), named, codes)[~two]
                self.drop(two, name, "name and code are two countries")
        if codes is None:
            raise DataError(f"no column `{name}` or `{code}` to find countries in")
        self.frame = self.frame.assign(**{into: codes})
        lost = pd.isna(codes)
        if lost.any():
            label = name if name in self.frame else str(code)
            other = code if code in self.frame else label
            self.drop(lost, label, self._why(lost, label, str(other)))

    def _why(self, lost: npt.NDArray[np.bool_], name: str, code: str) -> list[str]:
        names, codes = self.frame.loc[lost, name], self.frame.loc[lost, code]
        pairs = list(zip(names.astype(str), codes.astype(str), strict=True))
        reasons = {pair: why_not(*pair) for pair in set(pairs)}
        return [reasons[pair] for pair in pairs]

    def numbers(self, *columns: str, required: bool = False) -> None:
        """Convert texts to float64; what is no number is a missing value and listed by row."""
        for column in columns:
            if column not in self.frame:
                continue
            values, wrong = numbers(self.frame[column])
            if wrong.any():
                cells = self.frame.loc[wrong, column]
                reason = f"`{column}` is not a number" + ("" if required else "; value missing")
                self.note(self.frame.index[wrong], cells, reason)
            self.frame = self.frame.assign(**{column: values})
            if required:
                self.frame = self.frame[~wrong].copy()

    def years(self, column: str = "year") -> None:
        """Convert texts to whole years; a row without one is left out."""
        text = self.frame[column].astype(str).str.extract(r"((?:1[89]|20)\d\d)", expand=False)
        self.drop(text.isna(), column, "no year")
        self.frame = self.frame.assign(**{column: text.dropna().astype("int64")})

    def duplicates(self, columns: Sequence[str]) -> None:
        """Leave out rows that repeat an earlier one, and say whether they agree with it."""
        keys = list(columns)
        again = self.frame.duplicated(keys).to_numpy()
        if not again.any():
            return
        same = self.frame.duplicated().to_numpy()[again]
        reasons = np.where(
            same, "repeats an earlier row", "repeats an earlier row with another value"
        )
        label = self.frame.assign(_what=_joined(self.frame[keys]))
        self.note(self.frame.index[again], label.loc[again, "_what"], list(reasons))
        self.frame = self.frame[~again].copy()

    def left_out(self) -> pd.DataFrame:
        """Return all rows left out so far, in the order of the file."""
        if not self._gone:
            return pd.DataFrame({"row": pd.Series(dtype="int64"), "what": [], "reason": []})
        gone = pd.concat(self._gone, ignore_index=True)
        return gone.sort_values("row", kind="stable", ignore_index=True)

    def reading(
        self,
        kind: str,
        source: Source,
        edition: str,
        columns: Sequence[str],
        *,
        key: Sequence[str] = (),
        notes: Sequence[str] = (),
    ) -> Reading:
        """Return the finished reading with the columns promised, in order; absent ones are missing."""
        records = pd.DataFrame(
            {column: _typed(column, self.frame.get(column), len(self.frame)) for column in columns}
        )
        evidence = source.evidence(edition)
        return Reading(kind, evidence, tuple(notes), records, self.left_out(), tuple(key))


def _typed(name: str, values: pd.Series | None, count: int) -> pd.Series:
    """Return a column of records: numbers and dates as they are, text as objects with None for missing."""
    if values is None:
        return pd.Series([np.nan if name in NUMERIC else None] * count, dtype=_dtype(name))
    values = values.reset_index(drop=True)
    if pd.api.types.is_numeric_dtype(values) or pd.api.types.is_datetime64_any_dtype(values):
        return values
    text = values.astype("object")
    return text.where(text.notna() & text.ne(""), None)


def _dtype(name: str) -> str:
    return "float64" if name in NUMERIC else "object"


def check_edition(name: str, edition: int | None) -> None:
    """Raise DataError for an edition that is no year.

    Examples
    --------
    >>> check_edition("edition", 2024)
    """
    if edition is not None and not 1900 <= edition <= 2100:
        raise DataError(f"`{name}` must be a year from 1900 to 2100, received {shown(edition)}")


def codes_of(name: str, value: object) -> tuple[str, ...]:
    """Return one or more names or codes as texts.

    Examples
    --------
    >>> codes_of("hs", "8517"), codes_of("hs", [8471, "8517"])
    (('8517',), ('8471', '8517'))
    """
    return texts_in(name, names_of(name, value), numbers=True)


def why_not(name: str, code: str = "") -> str:
    """Return why a name is not one country."""
    for text in (name, code):
        if reason := dissolved(text):
            return f"country of the past, {reason}"
    if is_aggregate(name) or is_aggregate(code):
        return "group of countries"
    if not name.strip() and not code.strip():
        return "no country given"
    return "not one country of ISO 3166"


def numbers(values: pd.Series) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """Return text to float64, and which values are neither a number nor a mark for missing.

    Thousands separators, percent signs, footnote marks and decimal commas are understood.
    """
    codes, unique = pd.factorize(values.astype("object").map(str))
    parsed = [_number(str(text)) for text in unique]
    floats = np.array([np.nan if value is None else value for value in parsed], dtype="float64")
    wrong = np.array([value is None for value in parsed], dtype=bool)
    return floats[codes], wrong[codes]


def _number(text: str) -> float | None:
    """Return the number in a text, NaN for a mark that says missing, None for anything else."""
    bare = text.strip().casefold()
    if bare in MISSING:
        return float("nan")
    if _PLAIN.fullmatch(bare):
        return _finite(bare)
    bare = re.sub(r"[\s\u00a0\u202f']|%|us\$|\$", "", _MARKS.sub("", bare)).replace("\u2212", "-")
    if re.fullmatch(r"\(.+\)", bare):
        bare = "-" + bare[1:-1]
    if _GROUPED.fullmatch(bare):
        bare = bare.replace(",", "")
    elif _EUROPEAN.fullmatch(bare):
        bare = bare.replace(".", "").replace(",", ".")
    return _finite(bare) if _PLAIN.fullmatch(bare) else None


def _finite(digits: str) -> float | None:
    """Return the number, None where it is too large for a float."""
    value = float(digits)
    return value if math.isfinite(value) else None
