"""Files as publishers ship them: plain, packed or broken, in any usual encoding."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from .._util.no_files import refuse_special
from ..errors import DataError

WORKBOOK = (".xlsx", ".xlsm")


def existing_file(path: str | Path) -> Path:
    """Return the path, if it exists and is not empty."""
    file = Path(path)
    refuse_special(file)
    if not file.exists():
        raise DataError(f"{file}: no such file or folder")
    if file.is_file() and not file.stat().st_size:
        raise DataError(f"{file.name}: the file is empty; download it again")
    return file


def complain_of_kind(name: str, start: bytes, wanted: str) -> None:
    """Say what a file is when it cannot be the one asked for."""
    kinds = {
        b"\xd0\xcf\x11\xe0": "an old binary workbook; save it as .xlsx or .csv first",
        b"%PDF": "a PDF document",
        b"\x89PNG": "a picture",
        b"\x1f\x8b": "a gzip archive; unpack it first",
        b"version https://git-lfs": "a Git LFS pointer, not the data; fetch the file itself",
    }
    for magic, received in kinds.items():
        if start.startswith(magic):
            raise DataError(f"{name}: expected {wanted}, received {received}")
    text = start.lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if text.startswith((b"<!doctype", b"<html", b"<?xml")):
        raise DataError(
            f"{name}: expected {wanted}, received a web page (a failed download?); "
            "download the file itself"
        )
    if wanted.startswith("a table") and text[:1] in (b"{", b"["):
        raise DataError(f"{name}: expected {wanted}, received JSON")


LARGEST = 1_500_000_000
PACKED = 300
"""Bytes of the members of an archive that are unpacked, and how many times its own size from 200 MB on."""


def check_size(name: str, archive: zipfile.ZipFile, members: Iterable[str]) -> None:
    """Refuse members of an archive that unpack to more than fits in memory."""
    facts = [archive.getinfo(member) for member in members]
    size = sum(member.file_size for member in facts)
    packed = sum(member.compress_size for member in facts)
    if size > LARGEST or size > PACKED * packed + 200_000_000:
        raise DataError(f"{name}: unpacks to {size:,} bytes; a table of a publisher is far smaller")


@contextmanager
def opened(path: Path, wanted: str, member: str = "") -> Iterator[tuple[str, BinaryIO]]:
    """Return the file, or the one member of an archive that matches; yields its name and bytes."""
    if zipfile.is_zipfile(path) and path.suffix.lower() not in WORKBOOK:
        with zipfile.ZipFile(path) as archive:
            name = _member(path, archive, member)
            with archive.open(name) as stream:
                check_size(path.name, archive, [name])
                yield f"{path.name}/{name}", io.BytesIO(stream.read())
        return
    with path.open("rb") as stream:
        complain_of_kind(path.name, stream.read(64), wanted)
        stream.seek(0)
        yield path.name, stream


def _member(path: Path, archive: zipfile.ZipFile, pattern: str) -> str:
    names = [
        name for name in archive.namelist() if not name.endswith("/") and "__MACOSX" not in name
    ]
    tables = [name for name in names if name.lower().endswith((".csv", ".tsv", ".txt", ".xlsx"))]
    data = [
        table
        for table in tables
        if not re.search(r"metadata|readme|codebook", table, re.IGNORECASE)
    ]
    members = [name for name in data if re.search(pattern, Path(name).name, re.IGNORECASE)]
    if len(members) == 1:
        return members[0]
    names_text = ", ".join(f"`{name}`" for name in names[:8])
    problem = "no member fits" if not members else f"{len(members)} members fit"
    raise DataError(f"{path.name}: {problem}; unpack the archive and name one file of {names_text}")


def encoding_of(start: bytes) -> str:
    """Return the encoding a file announces, or UTF-8."""
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if start[1:2] == b"\0" and start[3:4] == b"\0":
        return "utf-16-le"
    return "utf-8-sig"


def decoded(content: bytes) -> str:
    """Return text of any usual encoding; a line that is not UTF-8 is read as Windows Latin."""
    encoding = encoding_of(content[:4])
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        lines = content.removeprefix(b"\xef\xbb\xbf").split(b"\n")
        return "\n".join(_line(line) for line in lines)


def text_lines(stream: BinaryIO) -> Iterator[str]:
    """Return lines of text of any usual encoding and line ending, decoded as `decoded` does."""
    encoding = encoding_of(stream.read(4))
    stream.seek(0)
    errors = "replace" if encoding.startswith("utf-16") else "surrogateescape"
    with io.TextIOWrapper(stream, encoding=encoding, errors=errors, newline=None) as text:
        for line in text:
            yield line if line.isascii() else _mended(line)


def _mended(line: str) -> str:
    """Return a line without the marks of bytes that are not UTF-8: they are read as Windows Latin."""
    try:
        line.encode("utf-8")
    except UnicodeEncodeError:
        return _line(line.encode("utf-8", "surrogateescape"))
    return line.removeprefix("\ufeff")


def _line(line: bytes) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        # Windows-1252 leaves five bytes undefined; Latin-1 defines them all.
        return line.decode("cp1252", errors="ignore") or line.decode("latin-1")


def read_json(path: Path) -> Any:
    """Return one JSON document of a file."""
    return parse_json(path.name, path.read_bytes())


def parse_json(name: str, content: bytes) -> Any:
    """Return one JSON document; a DataError that says where it breaks."""
    complain_of_kind(name, content[:64], "JSON")
    try:
        return json.loads(decoded(content).removeprefix("\ufeff"))
    except RecursionError:
        raise DataError(f"{name}: JSON that is nested too deeply") from None
    except ValueError as broken:
        raise DataError(f"{name}: expected JSON, received something else: {broken}") from None


def json_files(path: str | Path, folder: str = "") -> Iterator[tuple[str, bytes]]:
    """Return every .json file of a folder, archive or single file: name and bytes, in order of name."""
    source = existing_file(path)
    if source.is_file() and zipfile.is_zipfile(source):
        with zipfile.ZipFile(source) as archive:
            names = sorted(name for name in archive.namelist() if name.lower().endswith(".json"))
            check_size(source.name, archive, names)
            for name in names:
                yield name, archive.read(name)
    elif source.is_file():
        yield source.name, source.read_bytes()
    else:
        inner = source / folder if folder and (source / folder).is_dir() else source
        for file in sorted(file for file in inner.rglob("*.json") if file.is_file()):
            yield str(file.relative_to(source)), file.read_bytes()
