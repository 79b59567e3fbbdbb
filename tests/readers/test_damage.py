"""Damaged copies of a good file of every kind: each is read or refused in one error."""

from __future__ import annotations

import json
import random
import warnings
from pathlib import Path

import pandas as pd
import pytest

import dsr_risk as dr
from dsr_risk import readers
from dsr_risk.errors import DataError
from tests.data.test_hostile import damages, no_hang
from tests.helpers import FUZZ
from tests.readers.test_editions_of_today import DELEGATED
from tests.readers.test_finance_and_trade import API, PLUS, WEO
from tests.readers.test_indices_and_events import CFR, VDEM, veris_incident

__all__ = ["no_hang"]

POINTS = [{"name": "Mombasa, Kenya", "country": "Kenya"}]
CABLE = {
    "id": "a",
    "name": "a",
    "suppliers": "ASN, NEC",
    "rfs_year": 2015,
    "landing_points": POINTS,
}
GOOD = {
    "world_bank": ("API.csv", API),
    "imf_weo": ("WEOOct2021all.xls", WEO),
    "un_comtrade": ("trade.csv", PLUS),
    "aiddata_gcdf": (
        "gw_gcdf.csv",
        "gwcode,year,oda_amt,oda_adj,oof_amt,oof_adj,vof_amt,vof_adj\n770,2015,5,5,1,1,0,0\n501,2016,7,7,0,0,0,0\n",
    ),
    "aiddata_gcofd": (
        "GCOFD.csv",
        "recommended_for_research,year,crs_sector_code,usd_defl_2014,recipient_condensed,recipient_iso3,flow\n"
        "TRUE,2011,220,1234,Viet Nam,VNM,Loan\nTRUE,2012,220,77,Kenya,KEN,Grant\n",
    ),
    "factbook_imports": (
        "factbook.csv",
        'country,imports_partners_text\nKenya,"China 34%, India 8% (2021)"\nGhana,"China 20% (2021)"\n',
    ),
    "telegeography": ("cable/a.json", json.dumps(CABLE)),
    "cfr_operations": ("cfr.csv", CFR),
    "veris": ("a.json", json.dumps([veris_incident("a", ["PK"]), veris_incident("b", ["KE"])])),
    "carnegie_aigs": (
        "scores.json",
        '[{"country": "Kenya", "iso3": "KEN", "aigs_score": 40}, {"country": "Ghana", "iso3": "GHA", "aigs_score": 30}]',
    ),
    "freedom_house": ("fotn.csv", "Country,Edition,Total\nKenya,2022,66\nGhana,2022,64\n"),
    "vdem": ("V-Dem-CY-Full+Others-v14.csv", VDEM),
    "itu_gci": ("gci_2020.csv", "Country,Score\nKenya,81.7\nGhana,86.7\n"),
    "ncsi": ("n.csv", "Rank,Country,National Cyber Security Index,Year\n1,Czechia,98.33,2026\n"),
    "un_egov": (
        "egov.csv",
        "Survey Year,Country Name,E-Government Index\n2024,Denmark,0.98\n2024,Kenya,0.6\n",
    ),
    "eurepoc": (
        "eurepoc.csv",
        "ID,name,start_date,receiver_name,receiver_country,initiator_country,incident_type\n"
        "7,Attack,2022-02-24,Bank,Ukraine; Poland,Russia,Disruption\n",
    ),
    "ipv4_networks": ("delegated-afrinic-extended", DELEGATED),
    "cloud_regions": (
        "cloud.csv",
        "provider,provider_origin,region,name,iso3,status\nAWS,USA,a,A,SGP,commercial\n",
    ),
}


def test_there_is_a_good_file_of_every_kind(tmp_path: Path) -> None:
    assert set(GOOD) == set(readers.kinds())
    for kind, (name, text) in GOOD.items():
        path = tmp_path / kind / name
        path.parent.mkdir(parents=True)
        path.write_text(text, encoding="utf-8")
        assert len(readers.read(kind, tmp_path / kind if kind == "telegeography" else path).records)


def shuffled(text: str, seed: int) -> list[bytes]:
    """Return copies with cells, lines and columns that are cut, swapped, repeated or made strange."""
    rng = random.Random(seed)  # noqa: S311 - damage, not secrets
    strange = [
        "",
        "NaN",
        "1e400",
        "-1",
        "9" * 400,
        "\x00",
        "=1+1",
        '"',
        "China",
        "2/30/2020",
        "\ud83d\ude00",
    ]
    out = []
    for _ in range(6 * FUZZ):
        lines = text.splitlines()
        row = rng.randrange(len(lines))
        mark = max("\t,|", key=lines[row].count)
        cells = lines[row].split(mark)
        cells[rng.randrange(len(cells))] = rng.choice(strange)
        lines[row] = mark.join(cells)
        other = rng.randrange(len(lines))
        kind = rng.randrange(4)
        if kind == 0:
            lines[row], lines[other] = lines[other], lines[row]
        elif kind == 1:
            lines.insert(row, lines[other])
        elif kind == 2:
            lines = [line.rsplit(mark, 1)[0] for line in lines]
        out.append("\n".join(lines).encode("utf-8", "surrogatepass"))
    return out


@pytest.mark.slow
@pytest.mark.parametrize("kind", sorted(GOOD))
def test_a_damaged_file_is_read_or_refused_in_one_error(kind: str, tmp_path: Path) -> None:
    name, text = GOOD[kind]
    copies = shuffled(text, 0)
    for seed in range(FUZZ):
        copies += [content for _, content in damages(text.encode(), seed)]
    read = 0
    for number, content in enumerate(copies):
        path = tmp_path / str(number) / name
        path.parent.mkdir(parents=True)
        path.write_bytes(content)
        place = tmp_path / str(number) if kind == "telegeography" else path
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            try:
                reading = readers.read(kind, place)
            except DataError as error:
                assert len(str(error).splitlines()) <= 41
                continue
        read += 1
        assert isinstance(reading.records, pd.DataFrame)
        assert path.read_bytes() == content
    assert read < len(copies)


@pytest.mark.parametrize("share", ["9" * 5000, "240", "9" * 400 + ".5"], ids=len)
def test_a_share_beyond_all_is_listed(share: str, tmp_path: Path) -> None:
    (tmp_path / "partners.csv").write_text(
        f'iso3,imports_partners_text\nKEN,"China {share}%, France 12% (2023)"\n', encoding="utf-8"
    )
    reading = readers.factbook_imports(tmp_path / "partners.csv")
    assert reading.records["partner"].tolist() == ["France"]
    assert reading.left_out["reason"].tolist() == ["partner without a share of 0-100 %"]


@pytest.mark.parametrize("name", ["carnegie_aigs", "telegeography", "veris", "vdem", "world_bank"])
@pytest.mark.parametrize("content", [b'{"a":' * 50_000, b"[" * 100_000])
def test_json_nested_without_end_is_one_error(name: str, content: bytes, tmp_path: Path) -> None:
    (tmp_path / "deep.json").write_bytes(content)
    with pytest.raises(dr.DsrRiskError) as caught:
        getattr(dr.readers, name)(tmp_path / "deep.json")
    assert len(str(caught.value)) < 500
