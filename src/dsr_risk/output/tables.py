"""Tables as files: .csv .tsv .xlsx .parquet .html .md .json, each with its manifest, whole or not at all."""

from __future__ import annotations

import html
import json
import os
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pandas as pd

from .._util.arguments import typed
from .._util.atomic import atomic
from .._util.display import in_markdown, render, table_of
from ..errors import DataError, MissingExtraError
from .headings import heading
from .sheets import Page, columns_of, write_book
from .wording import words_of

__all__ = [
    "as_document",
    "as_text",
    "check_target",
    "page_of_table",
    "records_of",
    "spreadsheet_safe",
    "write_files",
    "write_manifest",
    "write_table",
]

RUNNING = (*"=+-@\t\r\n", *"\uff1d\uff0b\uff0d\uff20")
"""What a text begins with that a spreadsheet runs as a formula."""


@typed
def write_table(
    frame: pd.DataFrame,
    path: str | os.PathLike[str],
    *,
    manifest: Mapping[str, Any] | None = None,
    safe: bool = True,
) -> Path:
    """Write a table in the format its suffix names; `manifest` goes beside it as ``NAME.manifest.json``.

    Numbers keep full precision in data formats (.csv, .tsv, .xlsx, .parquet, .json) and are rounded for
    people in .html and .md, whose headings are words. The index becomes the first columns; JSON is a list of
    records. HTML, Markdown and Excel carry the manifest inside as well. Excel and Parquet need the extras
    `excel` and `parquet`.

    A workbook has the data on sheet ``table``. With a manifest that has a title it opens on sheet ``print``:
    title, headings in words, notes, sources, formats, filter and print set-up.

    Texts that a spreadsheet would run as a formula stay text: in .xlsx as text cells, in .csv and .tsv
    with an apostrophe before them unless `safe` is False; the manifest says how many.

    Parameters
    ----------
    frame
        The table.
    path
        The file; its suffix names the format.
    manifest
        The manifest to write beside the table, as ``dsr_risk.manifest`` returns it.
    safe
        Whether texts that a spreadsheet would run are written as texts.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    DataError
        For a suffix it does not know or a place it cannot write to; nothing is left behind.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from dsr_risk import manifest, score, write_table
    >>> scores = score()
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "scores.csv"
    >>> write_table(scores.table(), path, manifest=manifest(scores)).name
    'scores.csv'
    """
    if not isinstance(frame, pd.DataFrame):
        raise DataError(
            f"expected a DataFrame such as `scores.table()`, received {type(frame).__name__}"
        )
    return write_files(frame, Path(path), dict(manifest or {}), safe=safe)


def write_files(
    frame: pd.DataFrame,
    target: Path,
    facts: dict[str, Any],
    *,
    safe: bool = True,
    page: Page | None = None,
) -> Path:
    """Write a table and its manifest, both or neither; `page` is the sheet to print of a workbook."""
    writer = check_target(target)
    plain = frame.reset_index() if _has_index(frame) else frame
    suffix = target.suffix.lower()
    if safe and suffix in (".csv", ".tsv"):
        plain, count = spreadsheet_safe(plain)
        if count:
            facts["spreadsheet_safe"] = (
                f"{count} texts that a spreadsheet would run begin with an apostrophe"
            )
    beside = _beside(target)
    with ExitStack() as stack:
        # Both are finished before either is put in its place.
        if facts:
            manifest_file = stack.enter_context(atomic(beside))
            _write(manifest_file, _json(facts) + "\n")
        temporary = stack.enter_context(atomic(target))
        if suffix == ".xlsx":
            _write_excel(plain, temporary, facts, page)
        else:
            writer(plain, temporary, facts)
    return target


def write_manifest(target: Path, facts: Mapping[str, Any]) -> None:
    """Write the manifest of a file beside it."""
    with atomic(_beside(target)) as temporary:
        _write(temporary, _json(dict(facts)) + "\n")


def _beside(target: Path) -> Path:
    return target.with_name(target.name + ".manifest.json")


def spreadsheet_safe(frame: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """Put an apostrophe before texts that a spreadsheet would run as a formula; return how many.

    Such texts begin with ``=``, ``+``, ``-``, ``@`` (narrow or wide), a tab or a line break, and are no
    numbers. Names of columns are texts too.

    Examples
    --------
    >>> spreadsheet_safe(pd.DataFrame({"note": ["=1+1", "-5", "plain"]}))[0]["note"].tolist()
    ["'=1+1", '-5', 'plain']
    """
    out = frame.copy()
    count = 0
    for index, name in enumerate(out.columns):
        column = out.iloc[:, index]
        if column.dtype.kind in "fiub":
            continue
        cells = column.tolist()
        unsafe = [isinstance(cell, str) and _runs(cell) for cell in cells]
        if any(unsafe):
            count += sum(unsafe)
            out[name] = pd.Series(
                [f"'{cell}" if bad else cell for cell, bad in zip(cells, unsafe, strict=True)],
                index=out.index,
                dtype=object,
            )
    unsafe = [isinstance(name, str) and _runs(name) for name in out.columns]
    if any(unsafe):
        count += sum(unsafe)
        out.columns = pd.Index(
            [f"'{name}" if bad else name for name, bad in zip(out.columns, unsafe, strict=True)]
        )
    return out, count


def _runs(text: str) -> bool:
    if not text.startswith(RUNNING) or len(text) < 2:
        return False
    try:
        float(text)
    except ValueError:
        return True
    return False


def _write(path: Path, text: str) -> None:
    """Write text as UTF-8; what cannot be encoded (a file name that is no UTF-8) becomes a question mark."""
    path.write_bytes(text.encode("utf-8", errors="replace"))


def check_target(target: Path) -> Callable[[pd.DataFrame, Path, dict[str, Any]], None]:
    """Return the writer for a path; refuse a wrong suffix before any work is done."""
    writer = _WRITERS.get(target.suffix.lower())
    if writer is None:
        raise DataError(
            f"{target}: `{target.suffix}` is not a table format; expected one of {', '.join(_WRITERS)}"
            " (published tables of scores also .docx, .tex and .txt)"
        )
    if not target.parent.is_dir():
        raise DataError(f"{target}: no folder `{target.parent}`; make it first")
    if target.suffix.lower() in _NEEDS:
        library, extra = _NEEDS[target.suffix.lower()]
        try:
            __import__(library.lower())
        except ImportError:
            purpose = f"writing {target.suffix} files"
            raise MissingExtraError.of(library, extra=extra, purpose=purpose) from None
    return writer


def as_text(frame: pd.DataFrame, form: str, *, decimal: str = ".", safe: bool = True) -> str:
    """Return a table as text for a stream: ``csv``, ``tsv``, ``json``, ``markdown`` or ``html``.

    With a decimal comma the columns of csv are parted by semicolons. In csv and tsv an apostrophe stands
    before texts that a spreadsheet would run, unless `safe` is False.
    """
    plain = frame.reset_index() if _has_index(frame) else frame
    if form in ("csv", "tsv"):
        comma = ";" if decimal == "," else ","
        mark = comma if form == "csv" else "\t"
        plain = spreadsheet_safe(plain)[0] if safe else plain
        text = plain.to_csv(index=False, sep=mark, decimal=decimal, lineterminator="\n")
        if "\r" not in text:
            return text
        # A carriage return is not quoted by the writer, and ends a row for whoever reads the file.
        plain = plain.replace(r"\r\n?", "\n", regex=True)
        return plain.to_csv(index=False, sep=mark, decimal=decimal, lineterminator="\n")
    if form == "json":
        return _json(records_of(plain)) + "\n"
    return render(table_of(plain), form) + "\n"


def as_document(frame: pd.DataFrame, form: str, facts: Mapping[str, Any]) -> str:
    """Return a table as ``markdown`` or ``html`` with its title, how it is read, its notes and its sources."""
    return {"markdown": _markdown, "html": _html}[form](frame, dict(facts))


def _has_index(frame: pd.DataFrame) -> bool:
    return not isinstance(frame.index, pd.RangeIndex)


def _json(value: Any) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False)


def records_of(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a frame as plain data for JSON, None where there is no value."""
    plain = frame.astype(object).where(frame.notna(), None)
    return [
        {str(key): _scalar(value) for key, value in row.items()} for row in plain.to_dict("records")
    ]


def _scalar(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value


def _write_csv(frame: pd.DataFrame, path: Path, facts: dict[str, Any]) -> None:
    _write(path, as_text(frame, "csv", safe=False))


def _write_tsv(frame: pd.DataFrame, path: Path, facts: dict[str, Any]) -> None:
    _write(path, as_text(frame, "tsv", safe=False))


def _write_json(frame: pd.DataFrame, path: Path, facts: dict[str, Any]) -> None:
    _write(path, as_text(frame, "json"))


def _write_parquet(frame: pd.DataFrame, path: Path, facts: dict[str, Any]) -> None:
    frame.to_parquet(path, engine="pyarrow", index=False)


def _write_excel(
    frame: pd.DataFrame, path: Path, facts: dict[str, Any], page: Page | None = None
) -> None:
    texts = {key: value if isinstance(value, str) else _json(value) for key, value in facts.items()}
    if page is None and _title(facts) and frame.shape[1]:
        page = page_of_table(frame, facts)
    write_book(path, page, frame, texts)


def page_of_table(frame: pd.DataFrame, facts: dict[str, Any]) -> Page:
    """Return a table with its title, headings in words, notes and sources as a sheet to print."""
    plain = _in_words(frame)
    columns, hidden = columns_of(plain, list(plain.columns))
    more = [f"{hidden} more columns: sheet `table`."] if hidden else []
    notes = [*more, *_notes(facts), _sources(facts), _footer(facts)]
    return Page(_title(facts), columns, [note for note in notes if note])


def _headings(frame: pd.DataFrame) -> list[str]:
    """Return the headings of columns in words."""
    words = words_of("en")
    return [heading(str(name), {}, words) for name in frame.columns]


def _write_markdown(frame: pd.DataFrame, path: Path, facts: dict[str, Any]) -> None:
    _write(path, _markdown(frame, facts))


def _markdown(frame: pd.DataFrame, facts: dict[str, Any]) -> str:
    title = _title(facts)
    top = f"# {in_markdown(title)}\n\n" if title else ""
    notes = "".join(f"- {in_markdown(note)}\n" for note in _notes(facts))
    sources = f"{in_markdown(_sources(facts))}\n\n" if _sources(facts) else ""
    text = f"{top}{as_text(_in_words(frame), 'markdown')}\n{notes}\n{sources}{_footer(facts)}"
    return text.rstrip() + "\n"


def _write_html(frame: pd.DataFrame, path: Path, facts: dict[str, Any]) -> None:
    _write(path, _html(frame, facts))


def _html(frame: pd.DataFrame, facts: dict[str, Any]) -> str:
    title = html.escape(_title(facts) or "dsr-risk")
    notes = "".join(f"<li>{html.escape(note)}</li>\n" for note in _notes(facts))
    notes = f"<ul>\n{notes}</ul>\n" if notes else ""
    sources = f"<p>{html.escape(_sources(facts))}</p>\n" if _sources(facts) else ""
    rows = as_text(_in_words(frame), "html")
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{title}</title>\n'
        '<meta name="viewport" content="width=device-width,initial-scale=1">\n'
        f"<style>{_CSS}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n"
        f'<div role="region" tabindex="0" aria-label="{title}">\n{rows}</div>\n{notes}{sources}'
        f"<p>{html.escape(_footer(facts))}</p>\n</main>\n</body>\n</html>\n"
    )


def _in_words(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with headings in words, its index as first columns."""
    plain = frame.reset_index() if _has_index(frame) else frame
    return plain.set_axis(_headings(plain), axis=1)


def _title(facts: dict[str, Any]) -> str:
    """Return what the table is about: a title of its own, or that of the framework."""
    framework = facts.get("framework")
    own = framework.get("title") if isinstance(framework, dict) else None
    return str(facts.get("title") or own or "")


def _notes(facts: dict[str, Any]) -> list[str]:
    """Return what was scored, how the table is read and what limits it, each note once."""
    framework = facts.get("framework")
    scored = framework.get("title") if isinstance(framework, Mapping) else None
    first = [f"{scored}."] if scored and scored != _title(facts) else []
    rest = (str(note) for key in ("how_to_read", "notes") for note in facts.get(key) or ())
    return list(dict.fromkeys([*first, *rest]))


def _sources(facts: dict[str, Any]) -> str:
    """Return the line of sources, each once."""
    given = [source for source in facts.get("sources") or () if isinstance(source, Mapping)]
    texts = (str(source["source"]) for source in given if source.get("source"))
    names = sorted({part for text in texts for part in text.split("; ")})
    return f"Sources: {'; '.join(names)}." if names else ""


def _footer(facts: dict[str, Any]) -> str:
    """Return one line on what the table was made from, of the facts there are."""
    framework, data = facts.get("framework") or {}, facts.get("data") or {}
    parts = [f"dsr-risk {facts['dsr_risk']}"] if facts.get("dsr_risk") else []
    if isinstance(framework, dict) and framework.get("name"):
        version = framework.get("version") or ""
        parts.append(
            f"framework {framework['name']} {version} ({framework.get('fingerprint')})".replace(
                "  ", " "
            )
        )
    if isinstance(data, dict) and data.get("origin"):
        parts.append(f"data {data['origin']} ({data.get('fingerprint')})")
    return "; ".join(parts)


_CSS = (
    "body{font:15px/1.45 system-ui,sans-serif;color:#1a1a1a;margin:1.5rem}h1{font-size:1.3rem}"
    "[role=region]{overflow-x:auto}table{border-collapse:collapse;font-size:.85rem}"
    "th,td{padding:.25rem .5rem;border-bottom:1px solid #ddd;text-align:left;vertical-align:top}"
    "td{max-width:24rem;overflow-wrap:break-word;font-variant-numeric:tabular-nums}"
    "thead th{background:#f3f3f3;vertical-align:bottom}"
    "@media screen and (max-width:640px){table{width:max-content}}"
    "@media print{body{font-size:8pt;margin:0}table{font-size:7pt}thead{display:table-header-group}"
    "tr{break-inside:avoid}[role=region]{overflow:visible}@page{size:A4 landscape;margin:12mm}}"
)
_NEEDS = {".xlsx": ("XlsxWriter", "excel"), ".parquet": ("pyarrow", "parquet")}
_WRITERS: dict[str, Callable[[pd.DataFrame, Path, dict[str, Any]], None]] = {
    ".csv": _write_csv,
    ".tsv": _write_tsv,
    ".xlsx": _write_excel,
    ".parquet": _write_parquet,
    ".html": _write_html,
    ".md": _write_markdown,
    ".json": _write_json,
}
