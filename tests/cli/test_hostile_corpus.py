"""The corpus of damaged files on the command line: exit 0 or 2, one short message, no part of a file."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner

from dsr_risk.cli.main import main
from tests.data.test_hostile import BASES, CORPUS, FRAMEWORK, no_hang

__all__ = ["no_hang"]

SUFFIXES = sorted({suffix for suffix, _, _ in CORPUS})


@pytest.mark.slow
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_every_damaged_file_ends_with_0_or_2_and_leaves_whole_outputs_or_none(
    suffix: str, tmp_path: Path
) -> None:
    (tmp_path / "good.json").write_text(json.dumps(FRAMEWORK))
    (tmp_path / "good.csv").write_bytes(BASES[".csv"])
    inputs = {"good.json", "good.csv", f"mine{suffix}"}
    outputs = {"t.csv", "t.csv.manifest.json", "m.json"}
    ends: Counter[int] = Counter()
    for kind, name, content in CORPUS:
        if kind != suffix:
            continue
        path = tmp_path / f"mine{suffix}"
        path.write_bytes(content)
        if suffix == ".model.json":
            options = ["--model", str(path), "-d", str(tmp_path / "good.csv")]
        elif suffix == ".yaml":
            options = ["-f", str(path), "-d", str(tmp_path / "good.csv")]
        else:
            options = ["-f", str(tmp_path / "good.json"), "-d", str(path)]
        written = ["-o", str(tmp_path / "t.csv"), "--save-model", str(tmp_path / "m.json")]
        done = CliRunner().invoke(main, ["score", *options, *written])
        said = f"{name}: {done.exit_code} {done.output[:300]}"
        assert done.exit_code in (0, 2), said
        assert len(done.stderr.splitlines()) <= 41, said
        assert "Traceback" not in done.output, said
        left = {child.name for child in tmp_path.iterdir()} - inputs
        assert left == (outputs if done.exit_code == 0 else set()), said
        assert path.read_bytes() == content, said
        ends[done.exit_code] += 1
        for file in left:
            (tmp_path / file).unlink()
    assert ends[2] > 0
