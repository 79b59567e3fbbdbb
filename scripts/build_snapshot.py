"""Build the bundled snapshot of real data from the source files.

    python scripts/build_snapshot.py SOURCE_DIR [--out DIR] [--check] [--docs]

--check builds into a temporary folder and compares with what is shipped (exit code 1 and a summary
if they differ); --docs then writes the tables of docs/data.md and the last section of NOTICE anew.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from dsr_risk.errors import DsrRiskError
from snapshot.describe import filled, noticed
from snapshot.output import build, changes
from snapshot.sources import Folder

ROOT = Path(__file__).resolve().parents[1]
SHIPPED = ROOT / "src" / "dsr_risk" / "data" / "bundled"


def renew(page: Path, made: Callable[[str, Path], str], folder: Path) -> None:
    """Write one page anew from the snapshot in `folder`."""
    part = page.with_name(f".{page.name}.part")
    part.write_text(made(page.read_text(encoding="utf-8"), folder), encoding="utf-8")
    part.replace(page)


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("source", type=Path, help="folder with the source files")
    parser.add_argument("--out", type=Path, default=SHIPPED, help="where to write, or to compare")
    parser.add_argument("--check", action="store_true", help="compare only, write nothing there")
    parser.add_argument("--docs", action="store_true", help="write docs/data.md and NOTICE anew")
    given = parser.parse_args(arguments)
    try:
        folder = Folder(given.source)
        if given.check:
            with tempfile.TemporaryDirectory() as place:
                build(folder, Path(place))
                differ = changes(Path(place), given.out)
            print("\n".join(differ) or "equal: the snapshot is what the source files give")
            return 1 if differ else 0
        build(folder, given.out)
        if given.docs:
            renew(ROOT / "docs" / "data.md", filled, given.out)
            renew(ROOT / "NOTICE", noticed, given.out)
    except DsrRiskError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
