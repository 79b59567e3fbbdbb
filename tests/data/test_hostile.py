"""Damaged and hostile files: each is read or refused in one short message; nothing else happens."""

from __future__ import annotations

import io
import json
import random
import signal
import warnings
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

import dsr_risk as dr
from tests.helpers import FUZZ

FRAMEWORK: dict[str, Any] = {
    "name": "mine",
    "scores": [
        {
            "name": "risk",
            "children": [
                {"name": "debt", "higher_is": "riskier", "plausible": [0, 1]},
                {"name": "gci", "higher_is": "safer"},
            ],
        }
    ],
}
WIDE = (
    "country,debt,gci,note\nPakistan,0.2,64.9,a\nKenya,0.4,81.7,b\nGhana,0.7,50,c\nTogo,0.1,33,d\n"
)


SECONDS = 120
"""Longer than any file here takes to read or refuse, many times over."""


@pytest.fixture(autouse=True)
def no_hang() -> Iterator[None]:
    """Fail where a file holds the reader up for ever."""
    if not hasattr(signal, "SIGALRM"):
        yield
        return

    def ring(number: int, place: object) -> None:
        raise TimeoutError(f"not read or refused in {SECONDS} s")

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(SECONDS)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def frame() -> pd.DataFrame:
    return pd.read_csv(io.StringIO(WIDE))


def contents() -> dict[str, bytes]:
    """Return good files of every format, by suffix."""
    out = {".csv": WIDE.encode(), ".tsv": WIDE.replace(",", "\t").encode()}
    out[".json"] = frame().to_json(orient="records").encode()
    book, parquet = io.BytesIO(), io.BytesIO()
    frame().to_excel(book, index=False)
    frame().to_parquet(parquet)
    out |= {".xlsx": book.getvalue(), ".parquet": parquet.getvalue()}
    fw = dr.load_framework(FRAMEWORK)
    out[".yaml"] = fw.to_yaml().encode()
    out[".model.json"] = dr.fit(fw, frame().drop(columns="note")).to_json().encode()
    return out


def damages(content: bytes, seed: int) -> Iterator[tuple[str, bytes]]:
    """Return damaged copies of a file."""
    rng = random.Random(seed)  # noqa: S311 - damage, not secrets
    size = len(content)
    for share in (0.02, 0.3, 0.6, 0.97):
        yield f"cut at {share}", content[: int(size * share)]
    for count in (1, 3, 30):
        flipped = bytearray(content)
        for _ in range(count):
            flipped[rng.randrange(size)] ^= 1 << rng.randrange(8)
        yield f"{count} bits flipped", bytes(flipped)
    at = rng.randrange(size)
    inserts = {
        "a zero": b"\0", "a quote": b'"', "a brace": b"{[", "a surrogate": b"\xed\xa0\x80", "junk": bytes(range(256)),
        "a long cell": b"x" * 140_000, "many digits": b"9" * 5000, "a BOM": b"\xef\xbb\xbf", "line breaks": b"\r\n\r\r\n",
        "escapes": b'"\\ud800"', "a formula": b",=1+1,", "infinity": b"1e999",
    }  # fmt: skip
    for name, extra in inserts.items():
        yield f"{name} inside", content[:at] + extra + content[at:]
        yield f"{name} first", extra + content
    middle = content[size // 4 : size // 2]
    yield "a part twice", content[: size // 2] + middle + content[size // 2 :]
    yield "a part gone", content[: size // 4] + content[size // 2 :]
    yield "backwards", content[::-1]
    yield "twice", content + content


CORPUS = [
    (suffix, name, content)
    for place, (suffix, good) in enumerate(contents().items())
    for name, content in damages(good, place)
]


def reader_of(suffix: str) -> Callable[[Path], object]:
    if suffix == ".yaml":
        return dr.load_framework
    if suffix == ".model.json":
        return dr.Model.load

    def score(path: Path) -> object:
        return dr.score(FRAMEWORK, path).table()

    return score


def attempt(path: Path, suffix: str) -> None:
    """Read or score the file: done, or refused in at most 40 lines and a few thousand characters."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            reader_of(suffix)(path)
        except dr.DsrRiskError as error:
            said = str(error)
            assert said.strip()
            assert len(said.splitlines()) <= 40
            assert len(said) < 8000
            said.encode("utf-8", "surrogatepass")


def test_the_corpus_is_large_enough() -> None:
    assert len(CORPUS) >= 150


@pytest.mark.parametrize(
    ("suffix", "name", "content"), CORPUS, ids=[f"{suffix} {name}" for suffix, name, _ in CORPUS]
)
def test_a_damaged_file_is_read_or_refused(
    suffix: str, name: str, content: bytes, tmp_path: Path
) -> None:
    path = tmp_path / f"mine{suffix}"
    path.write_bytes(content)
    attempt(path, suffix)
    assert path.read_bytes() == content
    assert [child.name for child in tmp_path.iterdir()] == [path.name]


HOSTILE: dict[str, tuple[str, bytes]] = {
    "surrogate country": (".json", b'[{"iso3": "\\ud800", "gci": 1}]'),
    "surrogate column": (".json", b'[{"iso3": "KEN", "\\ud800": 1}]'),
    "surrogate year": (".json", b'[{"iso3": "KEN", "year": "\\udfff", "gci": 1}]'),
    "list as country": (".json", b'[{"iso3": ["KEN"], "gci": 1}]'),
    "mapping as value": (".json", b'[{"iso3": "KEN", "gci": {"a": 1}}]'),
    "nested": (".json", b"[" * 100_000),
    "one number": (".json", b"1"),
    "keys twice": (".json", b'[{"iso3": "KEN", "iso3": "GHA", "gci": 1}]'),
    "400 digits": (".csv", b"country,debt,gci\nKenya," + b"9" * 400 + b",1\nGhana,0.1,2\n"),
    "5000 digits": (".csv", b"country,debt,gci\nKenya," + b"9" * 5000 + b",1\nGhana,0.1,2\n"),
    "a year of 400 digits": (".csv", b"country,year,gci\nKenya," + b"9" * 400 + b",1\n"),
    "a long country": (".csv", b"country,gci\n" + b"middle east " * 9000 + b",1\n"),
    "400 long cells": (".csv", b"country,gci\n" + b"".join(b"%d" % n + b"x" * 100_000 + b",1\n" for n in range(20))),
    "an unclosed quote": (".csv", b'country,gci\nKenya,"1\n'),
    "only quotes": (".csv", b'"' * 1001),
    "only separators": (".csv", b"," * 1000 + b"\n" + b"," * 1000),
    "only line breaks": (".csv", b"\r\n" * 1000),
    "a million columns": (".csv", b"a," * 1_000_000 + b"\n"),
    "lone carriage returns": (".csv", b"country,gci\rKenya,1\rGhana,2\r"),
    "right to left": (".csv", "country,gci\n\u202eKenya,1\nGhana,2\n".encode()),
    "a zip bomb": (".xlsx", b""),
}  # fmt: skip


def bomb() -> bytes:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 300_000_000)
    return memory.getvalue()


@pytest.mark.slow
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_input_is_refused_or_read(name: str, tmp_path: Path) -> None:
    suffix, content = HOSTILE[name]
    path = tmp_path / f"mine{suffix}"
    path.write_bytes(bomb() if name == "a zip bomb" else content)
    attempt(path, suffix)


SPACES = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
)


def repeated(value: str, times: int) -> str:
    """Return a cell of an .ods sheet that stands for many."""
    return (
        f'<table:table-cell table:number-columns-repeated="{times}" office:value-type="string">'
        f"<text:p>{value}</text:p></table:table-cell>"
    )


def sheet(*rows: tuple[str, int]) -> bytes:
    """Return an .ods workbook of rows of cells, each repeated."""
    body = "".join(
        f'<table:table-row table:number-rows-repeated="{times}">{cells}</table:table-row>'
        for cells, times in rows
    )
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr(
            "content.xml",
            f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {SPACES} office:version="1.2">'
            f'<office:body><office:spreadsheet><table:table table:name="S">{body}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
        )
        archive.writestr(
            "META-INF/manifest.xml",
            '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
        )
    return memory.getvalue()


@pytest.mark.slow
@pytest.mark.parametrize(
    "last",
    [
        (repeated("x", 16_384), 1_048_576),
        (repeated("x", 2_000_000_000), 1),
        (repeated("x", -5), -7),
    ],
    ids=["a sheet full of one row", "two thousand million columns", "less than none"],
)
def test_an_ods_sheet_of_repeated_cells_is_refused(last: tuple[str, int], tmp_path: Path) -> None:
    path = tmp_path / "mine.ods"
    head = (repeated("country", 1) + repeated("gci", 1), 1)
    path.write_bytes(sheet(head, (repeated("Kenya", 1) + repeated("3", 1), 1)))
    assert dr.read_data(path).values["gci"].tolist() == [3.0]
    path.write_bytes(sheet(head, last))
    with pytest.raises(dr.DataError):
        dr.read_data(path)


BASES = contents()


@pytest.mark.slow
@settings(
    max_examples=60 * FUZZ,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    suffix=st.sampled_from(sorted(BASES)),
    start=st.floats(0, 1),
    length=st.integers(0, 40),
    extra=st.binary(max_size=40),
)
def test_any_splice_of_a_good_file_is_read_or_refused(
    suffix: str, start: float, length: int, extra: bytes, tmp_path: Path
) -> None:
    content = BASES[suffix]
    at = int(start * len(content))
    path = tmp_path / f"mine{suffix}"
    path.write_bytes(content[:at] + extra + content[at + length :])
    attempt(path, suffix)


@settings(
    max_examples=80 * FUZZ,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(suffix=st.sampled_from([".csv", ".tsv", ".json", ".yaml"]), content=st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(suffix: str, content: bytes, tmp_path: Path) -> None:
    path = tmp_path / f"mine{suffix}"
    path.write_bytes(content)
    attempt(path, suffix)


@pytest.mark.slow
@settings(
    max_examples=80 * FUZZ,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    cells=st.lists(
        st.lists(st.text(st.characters(codec="utf-8"), max_size=12), min_size=1, max_size=5),
        min_size=1,
        max_size=8,
    ),
    separator=st.sampled_from(",;\t|"),
)
def test_any_table_of_texts_is_read_or_refused(
    cells: list[list[str]], separator: str, tmp_path: Path
) -> None:
    path = tmp_path / "mine.csv"
    text = "country,debt,gci\n" + "\n".join(separator.join(row) for row in cells)
    path.write_bytes(text.encode("utf-8"))
    attempt(path, ".csv")


@pytest.mark.slow
@given(
    record=st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=5),
        lambda part: (
            st.lists(part, max_size=3) | st.dictionaries(st.text(max_size=5), part, max_size=3)
        ),
        max_leaves=8,
    )
)
@settings(
    max_examples=60 * FUZZ,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_any_json_is_read_or_refused(record: Any, tmp_path: Path) -> None:
    path = tmp_path / "mine.json"
    path.write_text(json.dumps([{"iso3": "KEN", "gci": record}, {"iso3": record, "gci": 1}]))
    attempt(path, ".json")
