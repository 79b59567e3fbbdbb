"""The manifest beside every exported table says what it was made from."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import dsr_risk as dr
from tests.helpers import frame, framework, group, indicator, run


def manifest_of(path: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads(
        path.with_name(path.name + ".manifest.json").read_text(encoding="utf-8")
    )
    return found


@pytest.mark.slow
@pytest.mark.parametrize("command", ["score", "explain"])
def test_an_exported_table_has_versions_fingerprints_sources_and_the_command(
    command: str, tmp_path: Path
) -> None:
    fw, data = dr.load_framework(), dr.load_data()
    typed = [command, *(["Pakistan"] if command == "explain" else []), "--out", "my table.csv"]
    done = run(*typed, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    facts = manifest_of(tmp_path / "my table.csv")
    assert facts["dsr_risk"] == dr.__version__
    assert facts["libraries"]["numpy"] == np.__version__  # type: ignore[index]
    assert facts["libraries"]["pandas"] == pd.__version__  # type: ignore[index]
    assert facts["framework"]["fingerprint"] == fw.fingerprint  # type: ignore[index]
    assert facts["framework"]["version"] == fw.version  # type: ignore[index]
    assert facts["framework"]["focal"] == "CHN"  # type: ignore[index]
    assert facts["data"]["fingerprint"] == data.fingerprint  # type: ignore[index]
    start = "dsr-risk " + " ".join(typed[:-1])
    assert facts["command"] == f"{start} 'my table.csv'"
    for one in facts["sources"]:  # type: ignore[attr-defined]
        assert one["source"]
        assert one["licence"]


@pytest.mark.slow
def test_the_same_inputs_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        run("score", "--out", "t.json", cwd=tmp_path / name)
        run("score", "--out", "t.csv", cwd=tmp_path / name)
    for name in ("t.json", "t.csv", "t.csv.manifest.json"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_workbooks_carry_their_manifest_inside(tmp_path: Path, scores: dr.Scores) -> None:
    pytest.importorskip("openpyxl")
    facts = dr.manifest(scores)
    dr.write_table(scores.table(), tmp_path / "t.xlsx", manifest=facts)
    sheet = pd.read_excel(tmp_path / "t.xlsx", sheet_name="manifest", engine="openpyxl").set_index(
        "item"
    )["value"]
    assert json.loads(sheet["data"])["fingerprint"] == scores.data.fingerprint


def test_another_value_or_weight_leaves_another_fingerprint(
    scores: dr.Scores, data: dr.Data, fw: dr.Framework
) -> None:
    facts = dr.manifest(scores)
    other = dr.manifest(dr.score(fw, data.replace({"PAK": {"gci": 64.9}})))
    assert other["data"]["fingerprint"] != facts["data"]["fingerprint"]
    assert other["framework"] == facts["framework"]
    other = dr.manifest(dr.score(fw.replace({"gci.weight": 0.61}), data))
    assert other["framework"]["fingerprint"] != facts["framework"]["fingerprint"]


def test_the_reference_of_a_model_is_told_apart_from_the_data_scored(
    fw: dr.Framework, data: dr.Data
) -> None:
    scores = dr.fit(fw, data).score(data.select(countries=["Pakistan"]))
    facts = dr.manifest(scores)
    assert facts["data"]["units"] == 1
    assert data.fingerprint in facts["reference"]
    assert facts["data"]["fingerprint"] not in facts["reference"]


def test_a_bare_table_is_its_own_source() -> None:
    scores = dr.score(framework(group("risk", indicator("a"))), frame({"a": [1, 2]}))
    assert dr.manifest(scores)["sources"] == [{"source": "given table"}]


def test_a_table_that_cannot_be_written_leaves_nothing(tmp_path: Path, scores: dr.Scores) -> None:
    class Broken:
        def __str__(self) -> str:
            raise RuntimeError("no text")

    table = scores.table().assign(odd=Broken())
    for suffix in ("csv", "json", "html", "md"):
        with pytest.raises(Exception):  # noqa: B017, PT011 - whatever the writer raises
            dr.write_table(table, tmp_path / f"t.{suffix}", manifest=dr.manifest(scores))
    assert not list(tmp_path.iterdir())
    with pytest.raises(dr.DataError, match=r"\.doc"):
        dr.write_table(scores.table(), tmp_path / "t.doc")
