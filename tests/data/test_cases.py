"""Right values of cases that no other test states."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import dsr_risk as dr


def test_a_constant_column_with_fixed_goalposts_is_scored() -> None:
    posts = {"method": "goalposts", "low": 0, "high": 100}
    children = [{"name": name, "higher_is": "riskier", "normalisation": posts} for name in "ab"]
    frame = pd.DataFrame({"iso3": ["KEN", "GHA", "PAK"], "a": [40.0, 50, 60], "b": [90.0, 90, 90]})
    scores = dr.score({"name": "mine", "scores": [{"name": "risk", "children": children}]}, frame)
    assert scores.values["risk"].to_dict() == pytest.approx({"KEN": 65, "GHA": 70, "PAK": 75})


def test_data_years_are_those_of_the_cells_also_where_no_source_is_given() -> None:
    long = pd.DataFrame({
        "iso3": ["KEN", "GHA", "GHA", "PAK"], "indicator": ["a", "a", "b", "b"],
        "year": [2015, 2012, 2021, 2013], "value": [1.0, 2, 3, 4],
    })  # fmt: skip
    children = [{"name": name, "higher_is": "riskier"} for name in "ab"]
    fw = {"name": "t", "scores": [{"name": "r", "min_coverage": 0, "children": children}]}
    years = dr.score(fw, long).table(details=True)["data_years"].to_dict()
    assert years == {"KEN": "2015", "GHA": "2012-2021", "PAK": "2013"}


@pytest.mark.parametrize(
    ("low", "high", "needed"), [(0, "p95", 20), ("p10", 30, 10), ("p5", "p90", 20)]
)
@pytest.mark.parametrize("method", ["goalposts", "scaled", "logistic"])
def test_a_percentile_of_too_few_units_is_refused_with_the_way_out(
    method: str, low: object, high: object, needed: int
) -> None:
    codes = dr.load_data().countries[:needed]
    frame = pd.DataFrame({"iso3": codes, "a": range(needed), "b": range(needed)}, dtype=object)
    children = [{"name": name, "higher_is": "riskier"} for name in "ab"]
    children[0]["normalisation"] = {"method": method, "low": low, "high": high}  # type: ignore[assignment]
    fw = {"name": "t", "scores": [{"name": "r", "children": children}]}
    assert dr.score(fw, frame).values["r"].notna().all()
    with pytest.raises(dr.DataError, match=f"it needs {needed}. Give the bound as a number"):
        dr.score(fw, frame.iloc[1:])


def test_a_value_raised_below_the_floor_of_a_scaled_indicator_never_lowers_a_power_mean() -> None:
    scaled = {"method": "scaled", "low": 0, "high": 50}
    children = [{"name": n, "higher_is": "riskier", "normalisation": scaled} for n in "ab"]
    score = {"name": "r", "aggregation": {"method": "power", "p": 2}, "children": children}
    frame = pd.DataFrame({"iso3": ["KEN", "GHA"], "a": [-30.0, 0.0], "b": [100.0, 100.0]})
    values = dr.score({"name": "t", "scores": [score]}, frame).values["r"]
    assert values["KEN"] <= values["GHA"]


ENCODED = "country,gci\nC\u00f4te d'Azur,1\nKenya,2\n"


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("mac_roman", ENCODED),
        ("cp850", ENCODED),
        ("cp1250", ENCODED.replace("C\u00f4te d'Azur", "\u010c\u00e1slav")),
        ("cp1251", ENCODED.replace("C\u00f4te d'Azur", "\u0421\u0438\u0431\u0438\u0440\u044c")),
    ],
)
def test_a_guessed_encoding_is_said_and_a_given_one_is_used(
    encoding: str, text: str, tmp_path: Path
) -> None:
    path = tmp_path / "mine.csv"
    path.write_bytes(text.encode(encoding))
    with pytest.raises(dr.DataError, match="no UTF-8 and was read as .* give its `encoding`"):
        dr.read_data(path)
    if encoding in ("mac_roman", "cp850"):
        path.write_bytes(text.replace("d'Azur", "d'Ivoire").encode(encoding))
        data = dr.read_data(path, encoding=encoding)
        assert data.values["gci"].to_dict() == {"CIV": 1.0, "KEN": 2.0}
    with pytest.raises(dr.DataError, match="unknown encoding `cp8500`; known: utf-8"):
        dr.read_data(path, encoding="cp8500")


@pytest.mark.parametrize("digits", [400, 5000])
def test_a_whole_number_beyond_floats_is_infinite_and_refused(digits: int, tmp_path: Path) -> None:
    path = tmp_path / "mine.json"
    path.write_text('[{"iso3": "KEN", "gci": ' + "9" * digits + '}, {"iso3": "GHA", "gci": 1}]')
    with pytest.raises(dr.DataError, match="inf is infinite"):
        dr.read_data(path)
    frame = pd.DataFrame({"iso3": ["KEN", "GHA"], "gci": pd.Series([10**400, 1], dtype=object)})
    with pytest.raises(dr.DataError, match="inf is infinite"):
        dr.as_data(frame)


def test_a_blank_text_of_a_record_is_no_value() -> None:
    frame = pd.DataFrame({
        "iso3": ["African Union", "KEN"], "host": ["Ethiopia", " "], "claim": "alleged",
        "severity": 3.0, "year": 2018,
    })  # fmt: skip
    people: dict[object, float] = {"ETH": 1e8, "KEN": 5e7}
    result = dr.records.incident_rate(frame, people, columns={"host": "host"})
    hosted = result[result["indicator"].eq("incidents_hosted")]
    assert hosted["iso3"].tolist() == ["ETH"]
    with pytest.raises(dr.DataError, match="without a host"):
        dr.records.incident_rate(frame.assign(host=""), people, columns={"host": "host"})


def test_many_columns_of_one_problem_are_counted() -> None:
    frame = pd.DataFrame({"iso3": ["KEN", "GHA"], **{f"x{n}": [1.0, 2.0] for n in range(500)}})
    children = [{"name": f"y{n}", "higher_is": "riskier"} for n in range(40)]
    with pytest.raises(dr.DataError) as caught:
        dr.score({"name": "t", "scores": [{"name": "r", "children": children}]}, frame)
    assert "30 more indicators are missing: 'y10', 'y11', 'y12' and 27 more" in str(caught.value)
    assert len(str(caught.value).splitlines()) <= 40


@pytest.mark.slow
def test_a_ragged_row_of_a_large_table_is_not_lost(tmp_path: Path) -> None:
    good = "".join(f"KEN,item_{n},1.5,2020\n" for n in range(60_000))
    path = tmp_path / "mine.csv"
    # One cell too many in a row and one too few in the next: the number of separators is right.
    path.write_text(f"iso3,indicator,value,year\n{good}GHA,a,1,2020,5\nGHA,b,2\n")
    with pytest.raises(dr.DataError, match="row 60002"):
        dr.read_data(path)
    path.write_text(f"iso3,indicator,value,year\r\n{good}GHA,a,1,2020\r\n")
    assert dr.read_data(path).values.shape == (2, 60_001)
