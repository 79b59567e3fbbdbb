"""Options that exclude each other, or that would be ignored, are refused; a panel says its year."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.helpers import run

pytestmark = pytest.mark.slow

PANEL = "country,year,debt,gci\n" + "".join(
    f"{country},{year},{debt + (year - 2019) * 5},{gci}\n"
    for country, debt, gci in (("Pakistan", 40, 60), ("Kenya", 55, 81), ("Ghana", 70, 50))
    for year in (2019, 2020)
)
TREE = """
name: own
scores:
  - name: risk
    children:
      - {name: debt, higher_is: riskier}
      - {name: gci, higher_is: safer}
"""


@pytest.fixture
def panel(tmp_path: Path) -> Path:
    (tmp_path / "panel.csv").write_text(PANEL)
    (tmp_path / "plain.csv").write_text(
        "country,debt,gci\nPakistan,40,60\nKenya,55,81\nGhana,70,50\n"
    )
    (tmp_path / "tree.yaml").write_text(TREE)
    return tmp_path


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["scenario", "debt_relief", "incident_wave", "--moved"], "--moved is about one scenario"),
        (["scenario", "debt_relief", "incident_wave", "--draws", "50"], "about one scenario"),
        (["scenario", "debt_relief", "--worst"], "--worst compares several"),
        (
            ["scenario", "debt_relief", "--moved", "--effects"],
            "--moved and --effects are different",
        ),
        (["scenario", "debt_relief", "--path", "--draws", "9"], "--path and --draws are different"),
        (["scenario", "debt_relief", "--seed", "3"], "--seed is for draws"),
        (["robustness", "--country", "Kenya", "--top", "3"], "--country and --top are different"),
        (["score", "--details", "--columns", "dependency"], "--details and --columns both choose"),
        (
            ["uncertainty", "--draws", "50", "--out", "s.docx"],
            "s.docx: `.docx` is not a table format",
        ),
        (["crosswalk", "--out", "s.tex"], "s.tex: `.tex` is not a table format"),
        (["score", "-f", "tree.yaml", "-d", "plain.csv", "--panel"], "has no column of years"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_options_that_exclude_each_other_are_refused(
    options: list[str], message: str, panel: Path
) -> None:
    before = sorted(path.name for path in panel.iterdir())
    done = run(*options, cwd=panel)
    assert done.returncode == 2, done.stdout
    assert message in done.stderr
    assert done.stdout == ""
    assert sorted(path.name for path in panel.iterdir()) == before


def test_scenario_path_ends_at_the_years_asked_for() -> None:
    lines = run(
        "scenario", "digital_assistance", "--country", "Kenya", "--path", "--years", "3",
        "--format", "csv",
    ).stdout.splitlines()  # fmt: skip
    assert [line.split(",")[1] for line in lines[1:]] == ["0", "1", "2", "3"]


def test_score_writes_a_decimal_comma_to_a_pipe_as_to_a_file(panel: Path) -> None:
    options = ["score", "-f", "tree.yaml", "-d", "plain.csv", "--decimal-comma"]
    piped = run(*options, "--format", "csv", cwd=panel).stdout
    run(*options, "--out", "t.csv", cwd=panel)
    assert piped == (panel / "t.csv").read_text()
    assert "." not in piped.splitlines()[1]


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["publish"], "year 2020, the latest of the panel"),
        (["robustness"], "year 2020, the latest of the panel"),
        (["elasticities", "Kenya"], "year 2020, the latest of the panel"),
        (["reversal", "Kenya", "Ghana"], "year 2020, the latest of the panel"),
        (["profile", "Kenya", "--draws", "0"], "year 2020, the latest of the panel"),
        (["best-case"], "year 2020, the latest of the panel"),
        (["leave-one-out"], "years 2019 to 2020 together, all of the panel"),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else None,
)
def test_commands_say_which_year_of_a_panel_they_are_about(
    command: list[str], said: str, panel: Path
) -> None:
    done = run(*command, "-f", "tree.yaml", "-d", "panel.csv", cwd=panel)
    assert done.returncode == 0, done.stderr
    assert said in done.stderr
    if command == ["publish"]:
        assert "Year: 2020." in done.stdout
        asked = run("publish", "-f", "tree.yaml", "-d", "panel.csv", "--year", "2019", cwd=panel)
        assert "Year: 2019." in asked.stdout
        assert "the latest of the panel" not in asked.stderr


def test_units_of_a_panel_are_named_in_tables_of_weights(panel: Path) -> None:
    options = ["-f", "tree.yaml", "-d", "panel.csv", "--format", "csv"]
    swings = run("weight-swings", *options, cwd=panel).stdout
    assert "KEN 2019" in swings
    assert "(" not in swings
    assert "np.int64" not in run("leave-one-out", *options, cwd=panel).stdout


@pytest.mark.parametrize(
    "command",
    [
        ["score"],
        ["scenario", "debt_relief"],
        ["profile", "PAK"],
        ["report", "--out", "page.html"],
    ],
    ids=lambda words: words[0],
)
def test_no_draws_are_the_same_as_the_command_without_intervals(
    command: list[str], tmp_path: Path
) -> None:
    drawn = run(*command, "--draws", "0", cwd=tmp_path)
    assert drawn.returncode == 0, drawn.stderr
    assert "draws" not in drawn.stdout
    if command[0] in ("score", "scenario"):
        assert drawn.stdout == run(*command, cwd=tmp_path).stdout
    refused = run(*command, "--draws", "-1", cwd=tmp_path)
    assert refused.returncode == 2
    assert "-1 is not in the range x>=0" in refused.stderr


@pytest.mark.parametrize("command", [["uncertainty"], ["value-of-information", "PAK"]])
def test_an_analysis_of_draws_needs_draws(command: list[str], tmp_path: Path) -> None:
    refused = run(*command, "--draws", "0", cwd=tmp_path)
    assert refused.returncode == 2
    assert "`draws` must be a whole number from" in refused.stderr
