"""Tables as files: .csv .tsv .xlsx .parquet .html .md .json, each with its manifest, whole or not at all."""

from __future__ import annotations

import html
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from .._util.atomic import atomic
from .._util.display import render, table_of
from ..errors import DataError, MissingExtraError

__all__ = ["as_text", "check_target", "write_table"]


def write_table(
    frame: pd.DataFrame, path: str | os.PathLike[str], *, manifest: Mapping[str, Any] | None = None
) -> Path:
    """Write a table in the format its suffix names; `manifest` goes beside it as ``NAME.manifest.json``.

    Numbers keep full precision in data formats (.csv, .tsv, .xlsx, .parquet, .json) and are rounded for
    people in .html and .md. The index becomes the first columns; JSON is a list of records. HTML,
    Markdown and Excel carry the manifest inside as well. Excel and Parquet need the extras `excel` and
    `parquet`.

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
    target = Path(path)
    writer = check_target(target)
    facts = dict(manifest or {})
    plain = frame.reset_index() if _has_index(frame) else frame
    with atomic(target) as temporary:
        writer(plain, temporary, facts)
    if facts:
        beside = target.with_name(target.name + ".manifest.json")
        with atomic(beside) as temporary:
            temporary.write_text(_json(facts) + "\n", encoding="utf-8")
    return target


def check_target(target: Path) -> Callable[[pd.DataFrame, Path, dict[str, Any]], None]:
    """Return the writer for a path; refuse a wrong suffix before any work is done."""
    writer = _WRITERS.get(target.suffix.lower())
    if writer is None:
        raise DataError(
            f"{target}: `{target.suffix}` is not a table format; expected one of {', '.join(_WRITERS)}"
        )
    if not target.parent.is_dir():
        raise DataError(f"{target}: no folder `{target.parent}`; make it first")
    if target.suffix.lower() in _NEEDS:
        library, extra = _NEEDS[target.suffix.lower()]
        try:
            __import__(library)
        except ImportError:
            purpose = f"writing {target.suffix} files"
            raise MissingExtraError.of(library, extra=extra, purpose=purpose) from None
    return writer


def as_text(frame: pd.DataFrame, form: str) -> str:
    """Return a table as text for a stream: ``csv``, ``tsv``, ``json``, ``markdown`` or ``html``."""
    plain = frame.reset_index() if _has_index(frame) else frame
    if form in ("csv", "tsv"):
        return plain.to_csv(index=False, sep="," if form == "csv" else "\t", lineterminator="\n")
    if form == "json":
        return _json(_records(plain)) + "\n"
    return render(table_of(plain), form) + "\n"


def _has_index(frame: pd.DataFrame) -> bool:
    return not isinstance(frame.index, pd.RangeIndex)


def _json(value: Any) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False)


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    plain = frame.astype(object).where(frame.notna(), None)
    return [
        {str(key): _scalar(value) for key, value in row.items()} for row in plain.to_dict("records")
    ]


def _scalar(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value


def _write_csv(frame: pd.DataFrame, path: Path, facts: dict[str, Any]) -> None:
    path.write_text(as_text(frame, "csv"), encoding="utf-8")


def _write_tsv(frame: pd.DataFrame, path: Path, facts: dict[str, Any]) -> None:
    path.write_text(as_text(frame, "tsv"), encoding="utf-8")


def _write_json(frame: pd.DataFrame, path: Path, facts: dict[str, Any]) -> None:
    path.write_text(as_text(frame, "json"), encoding="utf-8")


def _write_parquet(frame: pd.DataFrame, path: Path, facts: dict[str, Any]) -> None:
    frame.to_parquet(path, engine="pyarrow", index=False)


def _write_excel(frame: pd.DataFrame, path: Path, facts: dict[str, Any]) -> None:
    with pd.ExcelWriter(path, engine="openpyxl") as book:
        frame.to_excel(book, sheet_name="table", index=False, freeze_panes=(1, 1))
        if facts:
            rows = [
                (key, value if isinstance(value, str) else _json(value))
                for key, value in facts.items()
            ]
            pd.DataFrame(rows, columns=["item", "value"]).to_excel(
                book, sheet_name="manifest", index=False
            )


def _write_markdown(frame: pd.DataFrame, path: Path, facts: dict[str, Any]) -> None:
    path.write_text(
        f"{as_text(frame, 'markdown')}\n{_footer(facts)}\n".rstrip() + "\n", encoding="utf-8"
    )


def _write_html(frame: pd.DataFrame, path: Path, facts: dict[str, Any]) -> None:
    title = html.escape(str(facts.get("framework", {}).get("title", "dsr-risk")))
    page = (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{title}</title>\n'
        f"<style>{_CSS}</style>\n</head>\n<body>\n<h1>{title}</h1>\n{as_text(frame, 'html')}"
        f"<p>{html.escape(_footer(facts))}</p>\n</body>\n</html>\n"
    )
    path.write_text(page, encoding="utf-8")


def _footer(facts: dict[str, Any]) -> str:
    if not facts:
        return ""
    framework, data = facts.get("framework", {}), facts.get("data", {})
    return (
        f"dsr-risk {facts.get('dsr_risk')}; framework {framework.get('name')} {framework.get('version')} "
        f"({framework.get('fingerprint')}); data {data.get('origin')} ({data.get('fingerprint')})"
    )


_CSS = (
    "body{font-family:system-ui,sans-serif;margin:2rem}table{border-collapse:collapse;font-size:.85rem}"
    "th,td{padding:.25rem .5rem;border-bottom:1px solid #ddd;text-align:left;vertical-align:top}"
    "th{position:sticky;top:0;background:#fff}"
)
_NEEDS = {".xlsx": ("openpyxl", "excel"), ".parquet": ("pyarrow", "parquet")}
_WRITERS: dict[str, Callable[[pd.DataFrame, Path, dict[str, Any]], None]] = {
    ".csv": _write_csv,
    ".tsv": _write_tsv,
    ".xlsx": _write_excel,
    ".parquet": _write_parquet,
    ".html": _write_html,
    ".md": _write_markdown,
    ".json": _write_json,
}
