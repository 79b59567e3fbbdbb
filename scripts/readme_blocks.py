"""Write the blocks of the README anew: the first rows of `dsr-risk score` and one explanation.

python scripts/readme_blocks.py
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
WIDTH = 80
ROWS = 14
COMMANDS = {
    "score": ["score", "--format", "table"],
    "explain": ["explain", "Pakistan", "--against", "Kenya", "--score", "security",
                "--format", "table"],
}  # fmt: skip


def printed(arguments: list[str]) -> list[str]:
    """The lines that the command prints for people, at the width of the README."""
    environment = {**os.environ, "COLUMNS": str(WIDTH), "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(
        [sys.executable, "-m", "dsr_risk", *arguments],
        capture_output=True, text=True, check=True, env=environment,
    )  # fmt: skip
    return done.stdout.rstrip("\n").splitlines()


def _before_context(lines: list[str]) -> list[str]:
    """The explanation without the facts that are not scored."""
    start = next((row for row, line in enumerate(lines) if line.startswith("Context")), None)
    return lines[:start]


def main() -> int:
    """Rewrite both blocks."""
    text = README.read_text(encoding="utf-8")
    for marker, arguments in COMMANDS.items():
        lines = printed(arguments)
        lines = lines[:ROWS] if marker == "score" else _before_context(lines)
        block = "\n".join(line.rstrip() for line in lines)
        found = re.search(rf"<!-- {marker} -->\n```\w+\n(.*?)```", text, flags=re.DOTALL)
        if found is None:
            raise SystemExit(f"README.md has no block after `<!-- {marker} -->`")
        text = text[: found.start(1)] + block + "\n" + text[found.end(1) :]
    README.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
