"""``dsr-risk records`` and ``dsr-risk check --kind``: every kind, sensible options, whole files or none."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result

from dsr_risk import readers, records
from dsr_risk.cli.main import main

CONTRACTS = (
    "iso3,vendor,vendor_iso3,usd,signed,core\n"
    "Kenya,Huawei,China,30,2020-05-01,yes\nKE,ZTE,CHN,20,2020-06-01,no\n"
    "NA,Ericsson,SWE,30,2021-01-01,yes\nNAM,Nokia,FIN,20,2021-01-01,no\n"
)
LOANS = (
    "iso3,creditor_iso3,usd,year,maturity,grace,rate\n"
    "KEN,CHN,5,2020,20,5,0.02\nKEN,JPN,7.5,2020,20,5,0.02\n"
)
META = (
    "Level,iCode,iName,Direction,Weight,Parent,Type\n2,Ix,Index,1,1,,Aggregate\n"
    "1,A,A name,1,1,Ix,Indicator\n1,B,B name,-1,1,Ix,Indicator\n"
)
UNITS = "uCode,uName,A,B\nKEN,Kenya,1,2\nPAK,Pakistan,3,1\nLAO,Laos,2,2\n"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    files = {
        "contracts.csv": CONTRACTS,
        "loans.csv": LOANS,
        "iMeta.csv": META,
        "iData.csv": UNITS,
        "links.csv": "buyer,seller,share\nNokia,Luxshare,0.3\n",
        "gni.csv": "iso3,year,gni\nKEN,2020,49\nKEN,2021,50\n",
        "gdp.csv": "Country Name,Country Code,Year,Value\nKenya,KEN,2020,5\nWorld,WLD,2020,9\n",
        "bad.csv": "iso3,vendor,vendor_iso3,usd\nKEN,a,CHN,-3\nNarnia,b,SWE,\n",
    }
    for name, content in files.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    return tmp_path


def run(*words: str, code: int = 0) -> Result:
    done = CliRunner().invoke(main, list(words))
    assert done.exit_code == code, done.stderr
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


def test_every_source_and_every_indicator_is_a_kind() -> None:
    listed = run("records").stdout
    for kind in [
        *readers.kinds(),
        "coinr",
        "satnav_dependence",
        "supplier_network",
        "supplier_shares",
        "debt_exposure",
        "equity_exposure",
    ]:
        assert f" {kind} " in listed, kind


def test_dates_and_words_of_a_file_are_years_and_yes_or_no() -> None:
    run(
        "records",
        "high_risk_share",
        "contracts.csv",
        "--set",
        "high_risk=[Huawei]",
        "--set",
        "critical=core",
        "--set",
        "year_column=signed",
        "--out",
        "share.csv",
    )
    table = pd.read_csv("share.csv", keep_default_na=False)
    assert table[["iso3", "year", "value"]].to_numpy().tolist() == [
        ["KEN", 2020, 1.0],
        ["NAM", 2021, 0.0],
    ]


@pytest.mark.slow
def test_a_trace_names_the_rows_of_the_file() -> None:
    run(
        "records",
        "supplier_concentration",
        "contracts.csv",
        "--trace",
        "trace.csv",
        "--out",
        "hhi.csv",
    )
    trace = pd.read_csv("trace.csv", keep_default_na=False)
    mine = trace[trace["indicator"].eq("supplier_hhi") & trace["iso3"].eq("KEN")]
    assert mine["record"].tolist() == [2, 3]
    assert mine["contribution"].sum() == pytest.approx(0.36 + 0.16)
    run(
        "records",
        "supplier_concentration",
        "contracts.csv",
        "contracts.csv",
        "--trace",
        "trace.csv",
        "--out",
        "hhi.csv",
    )
    assert "contracts.csv:5" in set(pd.read_csv("trace.csv")["record"])


def test_bad_records_are_told_by_file_and_row_and_leave_no_file(here: Path) -> None:
    before = set(here.iterdir())
    said = run(
        "records",
        "supplier_concentration",
        "bad.csv",
        "--out",
        "out.csv",
        "--trace",
        "trace.csv",
        code=2,
    ).stderr
    assert said.startswith("error: bad.csv: contracts: 3 problems")
    assert "row 2 (KEN): `usd` is -3: must be a number of at least 0" in said
    assert "'Narnia' in 1 record(s): not a country" in said
    assert set(here.iterdir()) == before


@pytest.mark.slow
def test_a_renegotiation_and_figures_by_year_are_options() -> None:
    words = (
        "records",
        "debt_exposure",
        "loans.csv",
        "--by-country",
        "gni=gni.csv",
        "--set",
        "as_of=[2020, 2021]",
        "--set",
        "hidden=[0.1, 0.5]",
        "--out",
        "debt.csv",
    )
    run(*words, "--set", "renegotiation={year: 2021, haircut: 0.2}")
    table = pd.read_csv("debt.csv").set_index(["year", "indicator"])["value"]
    assert table[2021, "debt_to_focal_gni"] == pytest.approx(8.0)
    assert table[2020, "debt_to_focal_gni"] == pytest.approx(500 / 49)
    said = run(*words, "--set", "renegotiation={year: 2021, haircutt: 1}", code=2).stderr
    assert "unknown field `haircutt` of `renegotiation`; did you mean `haircut`?" in said


def test_the_two_tables_of_coinr_become_data_and_a_framework_that_score() -> None:
    run(
        "records",
        "coinr",
        "iMeta.csv",
        "iData.csv",
        "--framework",
        "mine.yaml",
        "--out",
        "mine.csv",
    )
    run("score", "--framework", "mine.yaml", "--data", "mine.csv", "--out", "scores.csv")
    scores = pd.read_csv("scores.csv").set_index("iso3")["Ix"]
    assert scores.to_dict() == {"PAK": 100.0, "LAO": 25.0, "KEN": 0.0}
    said = run("check", "--kind", "coinr", "iMeta.csv", "iData.csv").stdout
    assert "3 units, 2 indicators" in said
    assert "framework `imeta`" in said
    assert "expected two files" in run("records", "coinr", "iMeta.csv", code=2).stderr
    assert "expected two files" in run("check", "--kind", "coinr", "iMeta.csv", code=2).stderr


def test_a_network_takes_its_links_from_a_file() -> None:
    out = run(
        "records",
        "supplier_network",
        "contracts.csv",
        "--set",
        "links=links.csv",
        "--set",
        "origins={Luxshare: CHN}",
    ).stdout
    assert "NAM,network_focal_total,0.12" in out
    said = run("records", "supplier_network", "contracts.csv", code=2).stderr
    assert "give --set links=FILE" in said


def test_rows_left_out_are_written_with_their_reason() -> None:
    done = run("records", "world_bank", "gdp.csv", "--left-out", "gone.csv", "--out", "gdp2.csv")
    assert "1 group of countries: World" in done.stderr
    assert pd.read_csv("gone.csv").to_numpy().tolist() == [[3, "World", "group of countries"]]


@pytest.mark.slow
def test_check_counts_sources_and_records_alike() -> None:
    assert "1 row left out" in run("check", "--kind", "world_bank", "gdp.csv").stdout
    done = run("check", "--kind", "supplier_concentration", "contracts.csv", "bad.csv", code=2)
    assert "contracts.csv: ok: " in done.stdout
    assert "of 2 countries" in done.stdout
    assert "row 2 (KEN): `usd` is -3" in done.stderr
    assert "1 of 2 files have problems" in done.stderr
    run(
        "check",
        "--kind",
        "debt_exposure",
        "loans.csv",
        "--by-country",
        "gni=gni.csv",
        "--set",
        "as_of=2021",
    )


C = ("records", "supplier_concentration", "contracts.csv")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("records", "supplier_concentratoin", "x.csv"), "did you mean `supplier_concentration`"),
        (("check", "--kind", "un_comtrad", "gdp.csv"), "did you mean `un_comtrade`"),
        (("check", "--kind", "zzz", "gdp.csv"), "no kind of records `zzz`"),
        (("check", "--kind", "world_bank", "gdp.csv", "--set", "indicatr=x"), "did you mean"),
        (("check", "contracts.csv", "--set", "a=b"), "options of a --kind"),
        ((*C, "--set", "fcal=CHN"), "has no option `fcal`; did you mean `focal`?"),
        ((*C, "--set", "top=abc"), "`top` must be a whole number from 1, received 'abc'"),
        ((*C, "--set", "top=2", "--set", "top=3"), "`top` is given twice"),
        ((*C, "--set", "focal=[CHN"), "'[CHN' is not YAML"),
        ((*C, "--set", "focal=Narnia"), "country 'Narnia' is not known"),
        ((*C, "--set", "remainder=anny"), "unknown `remainder` 'anny'; did you mean `any`?"),
        ((*C, "--set", "trace=true"), "give --trace FILE"),
        ((*C, "--set", "top"), "expected NAME=VALUE"),
        ((*C, "--left-out", "x.csv"), "has no --left-out; it has --trace"),
        ((*C, "--out", "contracts.csv"), "write to another file"),
        ((*C, "--out", "x.docx"), "not a table format"),
        (("records", "world_bank", "gdp.csv", "--trace", "x.csv"), "has no --trace"),
        (("records", "world_bank"), "no file given"),
        (("records", "world_bank", "none.csv"), "no such file"),
        (("records", "high_risk_share", "contracts.csv"), "--set 'high_risk=[Huawei, ZTE]'"),
        (("records", "incident_rate", "contracts.csv"), "--by-country population=FILE"),
        (
            ("records", "incident_rate", "loans.csv", "--by-country", "population=loans.csv"),
            "expected two columns, the country and its value, or three with `year`",
        ),
    ],
)
def test_what_cannot_be_done_is_one_message_and_exit_code_2(
    words: tuple[str, ...], said: str, here: Path
) -> None:
    before = set(here.iterdir())
    done = run(*words, code=2)
    assert said in done.stderr
    assert done.stderr.startswith("error: ")
    assert set(here.iterdir()) == before


@pytest.mark.slow
def test_norway_is_a_country_and_no_is_not_false() -> None:
    out = run(*C, "--set", "focal=NO").stdout
    assert ",NOR," in out


def test_the_kinds_of_indicators_are_the_functions_of_the_package() -> None:
    from dsr_risk.cli._kinds import indicators

    assert set(indicators()) <= set(records.__all__)
    assert len(indicators()) >= 17


def test_a_missing_column_lists_the_columns_of_the_file_alone() -> None:
    Path("m.csv").write_text("country,a,b\nKenya,1,2\n")
    said = run("records", "supplier_concentration", "m.csv", code=2).stderr
    assert "known: `country`, `a`, `b`; give" in said
    assert "row in the file" not in said
