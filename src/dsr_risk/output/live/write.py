"""Write scores as a workbook whose formulas recalculate them."""

from __future__ import annotations

import importlib
import os
from pathlib import Path

from ..._util.arguments import typed
from ..._util.atomic import atomic
from ..._util.display import decimals_of_scale
from ...errors import DataError, MissingExtraError
from ...scoring.scores import Scores
from ...scoring.verbs import Source, Spec, as_scores
from .about_sheets import write_notes, write_sources
from .book import Book
from .cell_sheets import CellSheets
from .country_sheet import CountrySheet
from .framework_sheet import FrameworkSheet
from .layout import Layout
from .level_sheets import LevelSheets
from .score_sheets import ScoreSheets
from .steps import Steps

__all__ = ["check_workbook", "workbook"]


def check_workbook(target: Path) -> None:
    """Raise the error for a workbook that cannot be written, before any work is done.

    Raises
    ------
    DataError
        For a path that does not end in ``.xlsx``, or in a folder that does not exist.
    MissingExtraError
        Without XlsxWriter (extra `excel`).
    """
    if target.suffix.lower() != ".xlsx":
        raise DataError(
            f"{target}: `{target.suffix}` cannot hold live formulas; expected a .xlsx file"
        )
    if not target.parent.is_dir():
        raise DataError(f"{target}: no folder `{target.parent}`; make it first")
    try:
        importlib.import_module("xlsxwriter")
    except ImportError:
        raise MissingExtraError.of(
            "XlsxWriter", extra="excel", purpose="writing a workbook"
        ) from None


@typed
def workbook(
    framework: Scores | Spec | None,
    data: Source | str | os.PathLike[str] | None = None,
    path: str | os.PathLike[str] | None = None,
) -> Path:
    """Write scores as a workbook with live formulas, one sheet a step.

    Weights, goalposts, thresholds and raw values are coloured input cells. A change of one recalculates
    every level, scores, ranks and contributions in Excel and LibreOffice, equal to Python. What has no formula
    (estimates, a learned treatment, some aggregations) is written as values; sheet Notes says which.

    Parameters
    ----------
    framework, data
        Scores, or a framework and data as ``score`` takes them.
    path
        The file to write, ``.xlsx``; the second argument where the first is a Scores.

    Returns
    -------
    Path

    Raises
    ------
    DataError
        For a path that is no ``.xlsx`` file or cannot be written to, or more units than a sheet has rows.
    MissingExtraError
        Without XlsxWriter (extra `excel`).

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from dsr_risk import score, workbook
    >>> workbook(score(), pathlib.Path(tempfile.mkdtemp()) / "scores.xlsx").name
    'scores.xlsx'
    """
    if isinstance(framework, Scores) and path is None and isinstance(data, str | os.PathLike):
        data, path = None, data
    if path is None:
        raise DataError(
            "workbook needs the path of the file to write: workbook(scores, path), or "
            "workbook(framework, data, path)"
        )
    target = Path(path)
    check_workbook(target)
    return _written(as_scores(framework, data), target)


def _written(scores: Scores, target: Path) -> Path:
    layout = Layout(scores)
    layout.check()
    steps = Steps(layout)
    framework = FrameworkSheet(layout)
    cells = CellSheets(layout, steps, framework)
    levels = LevelSheets(layout, steps, framework)
    results = ScoreSheets(layout, steps, framework, levels)
    with atomic(target) as temporary:
        book = Book(temporary, layout, decimals_of_scale(*scores.framework.scale))
        book.book.set_properties({"title": scores.framework.title or scores.framework.name})
        framework.write(book, steps)
        cells.write(book)
        levels.write(book)
        levels.contributions(book, lambda headline, row: results.at(headline, "score", row))
        results.write(book)
        results.ranking(book)
        CountrySheet(layout, steps, levels, results).write(book)
        write_notes(book, layout)
        write_sources(book, scores)
        book.close()
    return target
