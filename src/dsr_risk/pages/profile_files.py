"""A country profile as HTML, PDF, Word and Markdown; every text escaped."""

from __future__ import annotations

import html as entities
import importlib
import shutil
import subprocess
import tempfile
from importlib import resources
from pathlib import Path

from .._util.atomic import atomic
from ..errors import DataError, MissingExtraError
from ..output.colours import readable_ink
from ..output.publish_word import set_widths
from .profile_parts import Contents

__all__ = ["SUFFIXES", "check_profile", "html", "markdown", "save"]

SUFFIXES = (".html", ".pdf", ".docx", ".md")
BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "msedge",
)
SECONDS = 120
WIDTH_MM = 180
"""Width between the margins of a page of a Word document."""
LETTER_MM = 0.21
"""Width of a letter in mm for each point of its size: 0.6 of the height."""
BOLD = 1.2
"""Width of a bold letter of the heading to that of another."""


def check_profile(target: Path) -> None:
    """Raise the error for a profile that cannot be written, before any work is done.

    Raises
    ------
    DataError
        For a suffix that is no format of profiles, or a folder that does not exist.
    MissingExtraError
        Without the library or the browser that the format needs.
    """
    suffix = target.suffix.lower()
    if suffix not in SUFFIXES:
        raise DataError(
            f"{target}: `{target.suffix}` is no format of profiles; expected one of {', '.join(SUFFIXES)}"
        )
    if not target.parent.is_dir():
        raise DataError(f"{target}: no folder `{target.parent}`; make it first")
    needs = {
        ".html": ("jinja2", "report"),
        ".pdf": ("jinja2", "report"),
        ".docx": ("docx", "tables"),
    }
    if suffix in needs:
        library, extra = needs[suffix]
        try:
            importlib.import_module(library)
        except ImportError:
            name = {"docx": "python-docx"}.get(library, library)
            raise MissingExtraError.of(
                name, extra=extra, purpose=f"a profile as {suffix}"
            ) from None
    if suffix == ".pdf":
        _browser()


def save(page: Contents, target: Path) -> Path:
    """Write the profile in the format of the suffix; return the path."""
    check_profile(target)
    with atomic(target) as temporary:
        suffix = target.suffix.lower()
        if suffix == ".docx":
            _word(page, temporary)
        elif suffix == ".pdf":
            _pdf(page, temporary)
        else:
            text = html(page) if suffix == ".html" else markdown(page)
            temporary.write_text(text, encoding="utf-8")
    return target


# -- text -----------------------------------------------------------------------------------------


def html(page: Contents) -> str:
    """Return the profile as one page without scripts; a content-security policy forbids every request."""
    try:
        import jinja2
    except ImportError:
        raise MissingExtraError.of("jinja2", extra="report", purpose="a profile as .html") from None
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
    source = resources.files(__package__) / "profile.html"
    template = environment.from_string(source.read_text(encoding="utf-8"))
    return template.render(page=page, names=", ".join(page.countries), ink=readable_ink) + "\n"


def markdown(page: Contents) -> str:
    """Return the profile as Markdown."""

    def plain(text: str) -> str:
        kept = entities.escape(text, quote=False).replace("|", "\\|").replace("\n", " ")
        return "".join(
            f"\\{character}" if character in "*_`[]" else character for character in kept
        )

    lines = [f"# {plain(', '.join(page.countries))}", "", plain(page.title), "", plain(page.lead)]
    for section in page.sections:
        lines += ["", f"## {plain(section.title)}", ""]
        lines.append("| " + " | ".join(map(plain, section.headings)) + " |")
        lines.append("|" + "---|" * len(section.headings))
        lines += [
            "| " + " | ".join(plain(cell.text) for cell in row) + " |" for row in section.rows
        ]
        if section.note:
            lines += ["", plain(section.note)]
    lines += ["", *(f"{plain(note)}  " for note in page.notes)]
    if page.sources:
        lines += ["", "## Sources", ""]
        lines += [f"{number}. {plain(text)}" for number, text in enumerate(page.sources, start=1)]
    return "\n".join(lines) + "\n"


# -- files ----------------------------------------------------------------------------------------


def _browser() -> str:
    browser = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if browser is None:
        raise MissingExtraError(
            "a profile as .pdf needs Chromium, Chrome or Edge on the path; write .html and print it from a browser"
        )
    return browser


def _pdf(page: Contents, target: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        source, printed = Path(folder) / "page.html", Path(folder) / "page.pdf"
        source.write_text(html(page), encoding="utf-8")
        command = [
            _browser(),
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--no-pdf-header-footer",
            f"--user-data-dir={folder}/browser",
            f"--print-to-pdf={printed}",
            source.as_uri(),
        ]
        try:
            subprocess.run(command, capture_output=True, check=True, timeout=SECONDS)  # noqa: S603
        except (OSError, subprocess.SubprocessError) as broken:
            cause = (
                f"it ended with code {code}"
                if (code := _exit_code(broken))
                else "it did not answer"
            )
            raise DataError(
                f"the browser printed no .pdf ({cause}); write .html and print it"
            ) from None
        if not printed.is_file():
            raise DataError("the browser printed no .pdf; write .html and print it")
        target.write_bytes(printed.read_bytes())


def _exit_code(broken: Exception) -> int:
    return getattr(broken, "returncode", 0) or 0


def _word(page: Contents, target: Path) -> None:
    import docx
    from docx.shared import Mm, Pt

    document = docx.Document()
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(15)
    section.top_margin = section.bottom_margin = Mm(12)
    size = 7 if len(page.countries) <= 3 else 6
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = "Arial", Pt(size)
    normal.paragraph_format.space_after = Pt(0)
    normal.paragraph_format.line_spacing = 1.0
    document.add_heading(", ".join(page.countries), level=1)
    document.add_paragraph(page.title)
    document.add_paragraph(page.lead)
    for part in page.sections:
        heading = document.add_heading(part.title, level=2)
        heading.paragraph_format.space_before = Pt(4)
        rows = [list(part.headings), *([cell.text for cell in row] for row in part.rows)]
        grid = document.add_table(rows=len(rows), cols=len(part.headings), style="Light List")
        set_widths(grid, _widths(rows, size), WIDTH_MM)
        for number, cell in enumerate(grid._cells):
            row, column = divmod(number, len(part.headings))
            written = cell.paragraphs[0].add_run(rows[row][column])
            written.bold = row == 0
        if part.note:
            document.add_paragraph(part.note)
    for note in page.notes:
        document.add_paragraph(note)
    if page.sources:
        document.add_heading("Sources", level=2)
        sources = (f"[{number}] {text}" for number, text in enumerate(page.sources, start=1))
        document.add_paragraph("; ".join(sources))
    document.save(str(target))


def _widths(rows: list[list[str]], size: float) -> list[float]:
    """Return the widths of columns in letters: room for the longest word, then for the longest cell."""
    words, texts = [], []
    for heading, *cells in zip(*rows, strict=True):
        parts = [BOLD * len(part) for part in heading.split()]
        parts += [len(part) for cell in cells for part in cell.split()]
        words.append(2 + max(parts, default=0.0))
        texts.append(max(words[-1], 2.0 + max(map(len, cells), default=0)))
    more = [text - word for text, word in zip(texts, words, strict=True)]
    spare = max(0.0, WIDTH_MM / (LETTER_MM * size) - sum(words))
    part = min(1.0, spare / max(1.0, sum(more)))
    return [word + part * rest for word, rest in zip(words, more, strict=True)]
