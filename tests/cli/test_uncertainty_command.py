"""Draws and effects from the command line: every view, panels, manifests, and one message for what cannot be."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result

import dsr_risk as dr
from dsr_risk.cli.main import main
from tests.folders import ROOT
from tests.montecarlo.montecarlo_cases import made_data, made_framework

FACTORS = {
    "*.weights": {"method": "spread", "share": 0.3},
    "risk.aggregation": {"method": "choice", "options": ["arithmetic", "geometric"]},
    "*.data": {"method": "standard_error", "relative": 0.1},
}


def run(*words: object, code: int = 0) -> Result:
    """The command, in this process."""
    found = CliRunner().invoke(main, [str(word) for word in words])
    assert found.exit_code == code, found.output
    assert "Traceback" not in found.output
    return found


def csv_of(*words: object) -> pd.DataFrame:
    """What the command pipes, as a table."""
    return pd.read_csv(io.StringIO(run(*words).stdout), keep_default_na=False, na_values=[""])


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """A framework with factors, whose scale is learned, and a panel of two years, as a user's files."""
    folder = tmp_path_factory.mktemp("made")
    framework = made_framework(indicators=6, groups=2).replace({"factors": FACTORS})
    framework.save(folder / "made.yaml")
    years = [
        made_data(12, 6, seed=year).values.assign(year=year).set_index("year", append=True) * scale
        for year, scale in ((2020, 1.0), (2021, 2.0))
    ]
    pd.concat(years).to_csv(folder / "panel.csv")
    return ["--framework", str(folder / "made.yaml"), "--data", str(folder / "panel.csv")]


@pytest.mark.slow
@pytest.mark.parametrize(
    "view",
    [
        "table",
        "scores",
        "ranks",
        "bands",
        "acceptability",
        "riskier",
        "rank-sets",
        "groups",
        "errors",
    ],
)
def test_every_view_is_a_table_of_the_score_asked_for(view: str) -> None:
    words = ("uncertainty", "--draws", 128, "--view", view, "--score", "security")
    table = csv_of(*words).set_index("iso3")
    found = dr.uncertainty(dr.load_framework(), dr.load_data(), draws=128)
    if view == "groups":
        runs = found.groups("security")
        assert table.groupby("group").size().tolist() == [len(one) for one in runs]
        assert table.index.tolist() == [code for one in runs for code in one]
        return
    expected = getattr(found, view.replace("-", "_"))("security")
    assert list(table.columns) == [str(name) for name in expected.columns]
    numbers = expected.select_dtypes("number").columns
    np.testing.assert_allclose(
        table[[str(one) for one in numbers]].astype(float), expected[numbers].astype(float)
    )


@pytest.mark.slow
def test_a_year_of_a_panel_is_scored_on_the_scale_of_all_years(files: list[str]) -> None:
    plain = csv_of("score", *files, "--year", 2020).set_index("iso3")
    for words in (["uncertainty"], ["score"]):
        drawn = csv_of(*words, *files, "--year", 2020, "--draws", 64).set_index("iso3")
        np.testing.assert_allclose(drawn["risk"].reindex(plain.index), plain["risk"], rtol=1e-12)
    alone = csv_of("uncertainty", *files, "--year", 2020, "--draws", 64, "--view", "groups")
    assert alone["group"].min() == 1
    assert len(set(alone["iso3"])) == 12
    effects = csv_of("sensitivity", *files, "--year", 2020, "-n", 16, "--resamples", 2)
    assert set(effects["unit"].str[-4:]) == {"2020"}
    for view in ("tornado", "information", "convergence"):
        words = ["sensitivity", *files, "--year", "2020", "-n", "16", "--view", view]
        assert len(csv_of(*words, "--country", plain.index[0]))


def test_draws_are_written_beside_the_table_and_the_manifest_says_what_was_drawn(
    files: list[str], tmp_path: Path
) -> None:
    pytest.importorskip("pyarrow")
    out, draws = tmp_path / "u.csv", tmp_path / "draws.parquet"
    run("uncertainty", *files, "--draws", 300, "--seed", 4, "--out", out, "--save-draws", draws)
    facts = json.loads((tmp_path / "u.csv.manifest.json").read_text())
    assert (facts["draws"], facts["seed"], facts["failed_draws"]) == (300, 4, 0)
    assert facts["factors"]["*.weights"] == {"method": "spread", "share": 0.3}
    frame = pd.read_parquet(draws)
    assert len(frame) == 300 * 24
    run("sensitivity", *files, "--draws", 16, "--seed", 4, "--resamples", 2, "--out", out)
    facts = json.loads((tmp_path / "u.csv.manifest.json").read_text())
    assert (facts["n"], facts["seed"], facts["resamples"]) == (16, 4, 2)
    assert set(facts["factors"]) == set(FACTORS)
    run("score", *files, "--draws", 50, "--out", out)
    facts = json.loads((tmp_path / "u.csv.manifest.json").read_text())
    assert facts["draws"] == 50
    assert set(facts["factors"]) == set(FACTORS)


@pytest.mark.slow
@pytest.mark.parametrize("form", ["table", "csv", "tsv", "json", "markdown", "html"])
def test_every_format_of_every_command_is_printed(files: list[str], form: str) -> None:
    for words in (
        ("uncertainty", "--draws", 16),
        ("uncertainty", "--draws", 16, "--view", "groups"),
        ("sensitivity", "-n", 8, "--resamples", 2),
        ("sensitivity", "-n", 8, "--resamples", 2, "--by-kind", "--score", "risk"),
        ("sensitivity", "--view", "leave-one-out"),
        ("score", "--draws", 16),
    ):
        assert run(*words, *files, "--format", form).stdout.strip()


@pytest.mark.slow
def test_a_saved_run_goes_on_and_another_one_is_refused(files: list[str], tmp_path: Path) -> None:
    saved = tmp_path / "run.npz"
    words = ["uncertainty", *files, "--checkpoint", str(saved), "--draws"]
    run(*words, 20_000)
    assert run(*words, 40_000).stdout == run("uncertainty", *files, "--draws", 40_000).stdout
    assert "other seed" in run(*words, 40_000, "--seed", 1, code=2).stderr
    assert "more than `draws` = 100" in run(*words, 100, code=2).stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("uncertainty", "--draws", "-5"), "received -5"),
        (("uncertainty", "--draws", "many"), "'many' is not a valid integer"),
        (("uncertainty", "--draws", "2.5"), "'2.5' is not a valid integer"),
        (("uncertainty", "--seed", "-1"), "received -1"),
        (("uncertainty", "--precision", "0"), "received 0.0"),
        (("uncertainty", "--score", "securty"), "did you mean `security`"),
        (("uncertainty", "--model", "model.json"), "--model cannot be used here"),
        (("uncertainty", "--checkpoint", "no/run.npz"), "no folder `no`"),
        (("uncertainty", "--save-draws", "draws.csv"), "expected a .parquet file"),
        (("uncertainty", "--year", "1900"), "no year 1900"),
        (("uncertainty", "--draws", "0"), "received 0"),
        (("sensitivity", "--draws", "0"), "received 0"),
        (("sensitivity", "--resamples", "1"), "received 1"),
        (("sensitivity", "--score", "securty"), "did you mean `security`"),
        (("sensitivity", "--view", "tornado"), "--country"),
        (("sensitivity", "--model", "model.json"), "--model cannot be used here"),
        (("sensitivity", "--country", "Antarctica"), "no data for ATA"),
    ],
)
def test_what_cannot_be_drawn_is_said_in_one_message(words: tuple[str, ...], said: str) -> None:
    found = run(*words, code=2)
    assert said in found.stderr
    assert found.stdout == ""


@pytest.mark.slow
def test_a_factor_that_breaks_a_rule_is_named_before_anything_is_drawn(tmp_path: Path) -> None:
    text = (ROOT / "configs" / "dsr.yaml").read_text(encoding="utf-8")
    for old, new, said in (
        ("share: 0.25}", "share: -0.25}", "`factors.*.weights`"),
        ("probability: 0.05", "probability: 1.5", "must be less than or equal to 1"),
        (
            "{imports_focal_share: 1}",
            "{imports_focal_shares: 1}",
            "did you mean `imports_focal_share`",
        ),
        ("method: revision,", "method: revisions,", "did you mean `revision`"),
    ):
        wrong = tmp_path / "wrong.yaml"
        changed = text.replace(old, new)
        assert changed != text
        wrong.write_text(changed, encoding="utf-8")
        for words in (("uncertainty", "--draws", 8), ("sensitivity", "-n", 8)):
            assert said in run(*words, "--framework", wrong, code=2).stderr


COMMAND = """
import signal, sys
# A shell that starts jobs in the background has them ignore Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)
from dsr_risk.cli.main import main
if __name__ == "__main__":
    main(sys.argv[1:])
"""


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
def test_ctrl_c_ends_the_command_its_workers_and_leaves_no_part_of_a_file(
    files: list[str], tmp_path: Path, workers: int
) -> None:
    script = tmp_path / "command.py"
    script.write_text(COMMAND)
    process = subprocess.Popen(
        [
            sys.executable, str(script), "uncertainty", *files, "--draws", "90000000", "--workers",
            str(workers), "--out", str(tmp_path / "out.csv"), "--checkpoint", str(tmp_path / "run.npz"),
        ],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    time.sleep(3)
    assert process.poll() is None
    os.killpg(process.pid, signal.SIGINT)
    out, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert said.splitlines()[-1] == "interrupted: no table was written"
    assert "Traceback" not in said
    assert out == ""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and _group_lives(process.pid):
        time.sleep(0.05)
    assert not _group_lives(process.pid)
    assert {one.name for one in tmp_path.iterdir()} <= {"command.py", "run.npz"}


def _group_lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True
