"""Publishers' tables: flags stay with their cells, columns such as sex are chosen, scales are multiplied out."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import dsr_risk as dr
from tests.helpers import run

SDMX = "DATAFLOW,unit,sex,geo,TIME_PERIOD,OBS_VALUE,OBS_FLAG\n"
BY_SEX = SDMX + "".join(
    f"X,PC,{sex},{geo},2022,{value},{flag}\n"
    for geo, sex, value, flag in (("DE", "F", 40.1, "b"), ("DE", "M", 42.1, ""), ("FR", "F", 41.1, ""), ("FR", "M", 43.1, "e"))
)  # fmt: skip
TABS = (
    "freq,sex,geo\\TIME_PERIOD\t2022 \nA,F,DE\t40.1 b\nA,M,DE\t42.1 \nA,F,FR\t41.1 \nA,M,FR\t: c\n"
)


def read(folder: Path, text: str, name: str = "mine.csv", **options: object) -> dr.Data:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return dr.read_data(path, **options)  # type: ignore[arg-type]


def notes(data: dr.Data) -> dict[tuple[str, str], str]:
    frame = data.evidence
    frame = frame[frame["note"] != ""]
    return dict(
        zip(zip(frame["iso3"], frame["indicator"], strict=True), frame["note"], strict=True)
    )


FLAGS: dict[str, tuple[str, dict[tuple[str, str], str]]] = {
    "SDMX": (SDMX + "X,PC,T,DE,2022,40.1,b\nX,PC,T,FR,2022,,u\nX,PC,T,AT,2022,3,A\n",
             {("DEU", "mine"): "OBS_FLAG b", ("FRA", "mine"): "OBS_FLAG u"}),
    "Eurostat, a break alone": ("unit,geo\\TIME_PERIOD,2022\nPC,DE,40.1 b\nPC,FR,: c\n",
                                {("DEU", "mine"): "flag b", ("FRA", "mine"): "flag c"}),
    "wide": ("country;gci;x\nKenya;81,7 e;1\nGhana;5*;2\n", {("KEN", "gci"): "flag e", ("GHA", "gci"): "footnote mark *"}),
    "wide, years": ("country,year,gci\nKenya,2020,81.7 e\nGhana,2021,5\n", {("KEN", "gci"): "flag e"}),
    "a column beside": ("country,gci,gci_note\nKenya,81.7,\nGhana,,not asked\n", {("GHA", "gci"): "not asked"}),
    "UNCTADstat": ("Year,Economy,Economy Label,Exports,Exports Footnote,Exports Missing value\n"
                   "2022,404,Kenya,3,Estimated,\n2022,288,Ghana,,,Not available\n",
                   {("KEN", "Exports"): "Estimated", ("GHA", "Exports"): "Not available"}),
    "FAOSTAT": ("Area Code (M49),Area,Item,Year,Unit,Value,Flag\n404,Kenya,Farms,2019,%,1.5,E\n288,Ghana,Farms,2019,%,2.5,A\n",
                {("KEN", "Farms"): "Flag E"}),
    "long": ("iso3,indicator,value,note\nKEN,gci,81.7 (e),own\nGHA,gci,5,\n", {("KEN", "gci"): "own; flag e"}),
}  # fmt: skip


@pytest.mark.parametrize("kind", FLAGS)
def test_a_flag_is_the_note_of_its_cell_and_survives_the_long_table(
    kind: str, tmp_path: Path
) -> None:
    text, wanted = FLAGS[kind]
    data = read(tmp_path, text)
    assert notes(data) == wanted
    again = dr.as_data(data.to_long())
    assert again.values.equals(data.values)
    assert notes(again) == wanted


def test_a_table_without_flags_has_no_evidence(tmp_path: Path) -> None:
    text = "country,gci,gci footnote\nKenya,81.7,\nGhana,5,\n"
    data = read(tmp_path, text)
    assert data.evidence.empty
    assert data.reading.ignored == {"gci footnote": "empty"}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (BY_SEX, "mine.csv"),
        (TABS, "mine.tsv"),
        ("country,year,sex,rate\nDE,2022,F,40.1\nDE,2022,M,42.1\nFR,2022,F,41.1\nFR,2022,M,43.1\n", "mine.csv"),
        ("iso3,indicator,value,sex\nDEU,rate,40.1,F\nDEU,rate,42.1,M\nFRA,rate,41.1,F\nFRA,rate,43.1,M\n", "mine.csv"),
    ],
    ids=["SDMX", "Eurostat", "wide", "long"],
)  # fmt: skip
def test_a_column_that_tells_rows_apart_is_named_and_one_value_can_be_chosen(
    text: str, name: str, tmp_path: Path
) -> None:
    with pytest.raises(dr.DataError) as caught:
        read(tmp_path, text, name)
    assert len(caught.value.problems) == 1
    assert (
        "`sex` ('F', 'M') tells their rows apart: keep the rows of one value, in a file with "
        "`only` (as in sex=F)"
    ) in str(caught.value)
    data = read(tmp_path, text, name, only={"SEX": "F"})
    assert data.values.iloc[:, 0].tolist() == [40.1, 41.1]
    assert "only rows with `SEX` = F: 2 of 4" in str(data.reading)


def test_numbers_that_repeat_in_every_country_tell_rows_apart(tmp_path: Path) -> None:
    text = "country,age,rate\nKenya,15,1\nKenya,25,2\nGhana,15,3\nGhana,25,4\n"
    with pytest.raises(dr.DataError, match=r"`age` \('15', '25'\) tells"):
        read(tmp_path, text)
    assert read(tmp_path, text, only={"age": 25}).values["rate"].tolist() == [2, 4]
    codes = "Year,Economy,Economy Label,Flow,Flow Label,Exports\n2022,404,Kenya,1,In,3\n2022,404,Kenya,2,Out,4\n"
    with pytest.raises(dr.DataError, match=r"`Flow` \('1', '2'\) tells"):
        read(tmp_path, codes)
    one = read(tmp_path, codes, only={"Flow Label": "Out"})
    assert one.values.to_dict() == {"Exports": {"KEN": 4.0}}


@pytest.mark.parametrize(
    ("only", "said"),
    [({"sx": "F"}, "did you mean `sex`"), ({"sex": "T"}, "no row has 'T' .*'F', 'M'"), ("sex", "must be a mapping")],
)  # fmt: skip
def test_what_cannot_be_chosen_is_an_error(only: object, said: str, tmp_path: Path) -> None:
    with pytest.raises(dr.DataError, match=said):
        read(tmp_path, BY_SEX, only=only)


@pytest.mark.slow
def test_one_value_is_chosen_on_the_command_line(tmp_path: Path) -> None:
    (tmp_path / "rate.csv").write_text(BY_SEX)
    (tmp_path / "tree.yaml").write_text(
        "name: t\nscores: [{name: risk, children: [{name: rate, higher_is: riskier, "
        "normalisation: {method: goalposts, low: 0, high: 100}}]}]\n"
    )
    both = ("score", "-f", "tree.yaml", "-d", "rate.csv")
    done = run(*both, "--only", "sex=M", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "42.1" in done.stdout
    several = run(*both, "--only", "sex=M", "--only", "sex=F", cwd=tmp_path)
    assert several.returncode == 2
    assert "--only takes one value of a column" in several.stderr
    refused = run(*both, "--only", "sex", cwd=tmp_path)
    assert refused.returncode == 2
    assert "COLUMN=VALUE" in refused.stderr


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("SERIES_CODE,COUNTRY,INDICATOR,SCALE,2023,2024\nKEN.A.A,Kenya,GDP,Dozens,1,2\n", "`SCALE`: 'Dozens' is no size"),
        ("REF_AREA,MEASURE,TIME_PERIOD,OBS_VALUE,UNIT_MULT\nKEN,X,2022,3,x\nGHA,X,2022,4,3\n", "`UNIT_MULT`: 'x' is no size"),
        ("REF_AREA,MEASURE,TIME_PERIOD,OBS_VALUE,UNIT_MULT\nKEN,X,2022,3,99\n", "`UNIT_MULT`: '99' is no size"),
    ],
    ids=["word", "no number", "too large"],
)  # fmt: skip
def test_a_size_of_a_unit_that_is_not_known_is_a_problem(
    text: str, told: str, tmp_path: Path
) -> None:
    with pytest.raises(dr.DataError, match="is no size of a unit") as caught:
        read(tmp_path, text)
    assert told in str(caught.value)


def test_scales_and_last_years_of_the_imf_are_heeded(tmp_path: Path) -> None:
    head = "SERIES_CODE,COUNTRY,INDICATOR,SCALE,LATEST_ACTUAL_ANNUAL_DATA,2023,2024\n"
    data = read(
        tmp_path,
        head
        + 'KEN.X.A,Kenya,X,Billions,2023,"1,108.5",120\nIND.Y.A,India,Y,Units,FY2024/25,8.2,6.5\n',
    )
    assert data.values.loc["KEN", "X"].tolist() == [1108.5e9, 120e9]
    assert data.values.loc["IND", "Y"].tolist() == [8.2, 6.5]
    assert notes(data) == {("KEN", "X"): "estimate"}
    assert "1 value after the last year of actual data: noted as estimate" in str(data.reading)


def test_a_power_of_ten_of_sdmx_is_multiplied_out(tmp_path: Path) -> None:
    text = "REF_AREA,MEASURE,TIME_PERIOD,OBS_VALUE,UNIT_MULT\nKEN,X,2022,3,6\nGHA,X,2022,4000,3\n"
    assert read(tmp_path, text).values["X"].to_dict() == {"KEN": 3e6, "GHA": 4e6}


def test_a_country_without_any_value_stays(tmp_path: Path) -> None:
    years = "country,year,gci\nKenya,2020,1\nGhana,2021,2\nTogo,2021,\n"
    columns = "country,2020,2021\nKenya,1,2\nTogo,,\n"
    for text in (years, columns):
        data = read(tmp_path, text)
        assert "TGO" in data.countries
        assert data.values.loc["TGO"].isna().all(axis=None)


@pytest.mark.slow
def test_values_of_the_library_are_no_codes_for_missing(tmp_path: Path) -> None:
    frame = pd.DataFrame({"iso3": ["KEN", "PAK", "TGO"], "gci": [-999, 5, 6.0]})
    data = dr.as_data(frame, missing=[])
    assert dr.as_data(data.to_long()).values["gci"].tolist() == [-999, 5, 6]
    loans = pd.DataFrame({"iso3": ["KEN", "PAK", "LAO", "TGO"], "creditor_iso3": "CHN", "usd": [1e100, 1e80, 1, 5],
                          "year": 2020, "maturity": 20, "grace": 5, "rate": 0.02})  # fmt: skip
    out = dr.records.debt_exposure(loans, as_of=2025)
    assert len(dr.as_data(out).evidence) == len(out)
    out.to_csv(tmp_path / "debt.csv", index=False)
    assert dr.read_data(tmp_path / "debt.csv").values.equals(dr.as_data(out).values)


def test_a_code_in_a_long_table_is_located_in_its_row() -> None:
    rows = [
        ("KEN", "a", 1.0),
        ("KEN", "b", 5),
        ("GHA", "a", 2),
        ("GHA", "b", 6),
        ("TGO", "b", -999),
    ]
    with pytest.raises(dr.DataError, match=r"`b`: -999 .*first in row 5 \(TGO\)"):
        dr.as_data(pd.DataFrame(rows, columns=["iso3", "indicator", "value"]))
