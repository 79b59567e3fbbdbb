"""Build the bundled snapshot anew in its place, with the tables of docs/data.md and the list of NOTICE.

    python scripts/build_snapshot.py SOURCE_DIR

Without SOURCE_DIR only what is derived from the table is written anew. `dsr-risk snapshot build SOURCE_DIR
--check` compares without writing.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from dsr_risk._util.atomic import atomic
from dsr_risk.data.packed import pack
from dsr_risk.data.snapshot import PACKED, TABLE, bundled_folder, parsed
from dsr_risk.errors import DsrRiskError
from dsr_risk.snapshot import Folder, build
from snapshot_tables import filled, noticed

ROOT = Path(__file__).resolve().parents[1]


def renew(page: Path, made: Callable[[str, Path], str]) -> None:
    """Write one page anew from the shipped snapshot."""
    with atomic(page) as part:
        part.write_text(made(page.read_text(encoding="utf-8"), bundled_folder()), encoding="utf-8")


def main(arguments: list[str]) -> int:
    """Run the script; returns the exit code."""
    try:
        folder = bundled_folder()
        if arguments:
            build(Folder(*map(Path, arguments)), folder, maintained=True)
        with atomic(folder / PACKED) as part:
            pack(parsed(folder), folder / TABLE, part)
        renew(ROOT / "docs" / "data.md", filled)
        renew(ROOT / "NOTICE", noticed)
    except DsrRiskError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
