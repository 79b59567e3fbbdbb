"""Own tables of further programs and habits: years in names, counted columns, ties, dates, years of cells."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pandas as pd
import pytest

import dsr_risk as dr

GCI = {"KEN": 81.7, "GHA": 86.69, "TGO": 33.2}
BODY = "Kenya,80,81.7\nGhana,80,86.69\nTogo,30,33.2\n"


def read(folder: Path, text: str | bytes, suffix: str = ".csv", **options: object) -> dr.Data:
    path = folder / f"gci{suffix}"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return dr.read_data(path, **options)  # type: ignore[arg-type]


def newest(data: dr.Data, column: str = "gci") -> dict[str, float]:
    table = data.values[column]
    return (table.xs(data.years[-1], level="year") if data.is_panel else table).dropna().to_dict()


@pytest.mark.parametrize(
    "header",
    ["country,X2020,X2021", "country,gci_Y2020,gci_Y2021", "country,gci2020,gci2021", "country,2020_gci,2021_gci",
     "country,2020 gci,2021 gci", "country,2020-12-31,2021-12-31", "country,CY2020,CY2021"],
)  # fmt: skip
def test_years_in_names_of_columns_are_years(header: str, tmp_path: Path) -> None:
    data = read(tmp_path, f"{header}\n{BODY}")
    assert data.columns == ("gci",)
    assert data.years == (2020, 2021)
    assert newest(data) == GCI


def test_years_above_two_indicators_are_years(tmp_path: Path) -> None:
    text = (
        ",2020,2020,2021,2021\ncountry,gci,debt,gci,debt\nKenya,80,1,81.7,2\nGhana,80,1,86.69,2\n"
    )
    assert newest(read(tmp_path, text)) == {"KEN": 81.7, "GHA": 86.69}


def test_one_column_of_a_year_is_that_year(tmp_path: Path) -> None:
    data = read(tmp_path, "Country Name,Country Code,2020\nKenya,KEN,81.7\nGhana,GHA,86.69\n")
    assert (data.edition, data.columns) == (2020, ("gci",))
    beside = read(tmp_path, "country,2020,debt\nKenya,1,2\n")
    assert beside.columns == ("2020", "debt")


@pytest.mark.parametrize(
    "header", ["country,2019/20,2020/21", "country,2020Q1,2020Q2", "country,2020-01-01,2020-06-01"]
)
def test_columns_of_spans_and_parts_of_years_are_refused(header: str, tmp_path: Path) -> None:
    with pytest.raises(dr.DataError, match="spans or parts of years"):
        read(tmp_path, f"{header}\n{BODY}")


def test_the_bundled_data_as_a_wide_table_keep_their_names(tmp_path: Path) -> None:
    bundled = dr.load_data()
    bundled.values.to_csv(tmp_path / "wide.csv")
    again = dr.read_data(tmp_path / "wide.csv")
    assert set(again.columns) == set(bundled.columns)
    assert again.values.loc["KEN", "gci_2024"] == bundled.values.loc["KEN", "gci_2024"]


TABLES = {
    "counted columns": "country,gci,gdp\n(1),(2),(3)\nKenya,81.7,1\nGhana,86.69,2\nTogo,33.2,3\n",
    "counted columns, bare": "country,gci,gdp\n1,2,3\nKenya,81.7,1\nGhana,86.69,2\nTogo,33.2,3\n",
    "shared ranks": "gci,country,rank\n81.7,Kenya,=2\n86.69,Ghana,1\n33.2,Togo,2=\n",
    "dates": "country;updated;gci\nKenya;01.05.2024;81,7\nGhana;02.05.2024;86,69\nTogo;;33,2\n",
    "arrows": "country,gci\nKenya,81.7 \u25b2\nGhana,86.69 \u25bc\nTogo,33.2\n",
    "an invisible cell": "country,gci\nKenya,81.7\nGhana,86.69\nTogo,33.2\nMali,\u200b\n",
    "footnotes of countries": "country,gci\nKenya (2),81.7\nGhana(a),86.69\nTogo [3],33.2\n",
    "an index of pandas": ",gci,gci\n,2020,2021\ncountry,,\n" + BODY,
}


@pytest.mark.parametrize("kind", TABLES)
def test_tables_of_further_habits_are_read(kind: str, tmp_path: Path) -> None:
    assert newest(read(tmp_path, TABLES[kind])) == GCI


def test_columns_of_two_levels_of_pandas_are_read_from_a_workbook(tmp_path: Path) -> None:
    index = pd.Index(["Kenya", "Ghana", "Togo"], name="country")
    columns = {("gci", 2020): [80, 80, 30], ("gci", 2021): [81.7, 86.69, 33.2]}
    book = io.BytesIO()
    pd.DataFrame(columns, index=index).to_excel(book)
    assert newest(read(tmp_path, book.getvalue(), ".xlsx")) == GCI


def test_json_by_country_is_read(tmp_path: Path) -> None:
    text = json.dumps({name: {"gci": value} for name, value in GCI.items()})
    assert newest(read(tmp_path, text, ".json")) == GCI


@pytest.mark.parametrize("name", ["gci_year", "gci year", "gci (year)", "year of gci"])
def test_a_column_of_the_years_of_another_dates_its_cells(name: str, tmp_path: Path) -> None:
    data = read(tmp_path, f"country,gci,{name}\nKenya,81.7,2020\nGhana,86.69,2019\nTogo,33.2,\n")
    assert data.columns == ("gci",)
    assert newest(data) == GCI
    assert data.cell("Kenya", "gci")["year"] == 2020
    assert "years of the cells beside them" in str(data.reading)
    again = dr.as_data(data.to_long())
    assert again.cell("Ghana", "gci")["year"] == 2019
    assert newest(again) == GCI


PUBLISHED_NAMES = {
    "SOM": ["Somalia, Fed. Rep."],
    "PRI": ["Puerto Rico (US)", "Puerto Rico (U.S.)"],
    "HKG": ["Hong Kong SAR, China", "China, P.R.: Hong Kong"],
    "MAC": ["Macao SAR, China", "China, P.R.: Macao"],
    "XKX": ["Kosovo (UNSCR 1244)", "Kosovo (under UNSCR 1244/99)", "Kosovo, Republic of"],
    "VEN": ["Venezuela, RB", "Venezuela, Rep\u00fablica Bolivariana de"],
    "ABW": ["Aruba, Kingdom of the Netherlands"],
    "BIH": ["Bosnia and Herz."],
    "GNQ": ["Eq. Guinea"],
    "PSE": ["West Bank and Gaza"],
}


def test_names_of_the_world_bank_the_imf_and_natural_earth_are_known() -> None:
    from dsr_risk.data.countries import to_iso3

    names = [(name, code) for code, listed in PUBLISHED_NAMES.items() for name in listed]
    assert to_iso3([name for name, _ in names]).tolist() == [code for _, code in names]
