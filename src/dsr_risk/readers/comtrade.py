"""UN Comtrade: imports of digital goods by country of origin."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd

from .._util.arguments import typed
from ..data.countries import to_iso3
from ..errors import DataError, did_you_mean
from ._rows import Reading, Rows, Source, codes_of
from ._tables import read_table

COMTRADE = Source(
    title="UN Comtrade Database",
    publisher="United Nations Statistics Division",
    licence="UN Comtrade terms: reuse with attribution, no bulk re-dissemination",
    citation="United Nations. UN Comtrade Database, comtradeplus.un.org.",
    url="https://comtradeplus.un.org",
)
COLUMNS = ("iso3", "year", "period", "hs", "flow", "partner", "partner_iso3", "usd")
DIGITAL = ("8471", "8517")  # computers; telephone and network equipment
FLOWS = {"m": "import", "x": "export", "rm": "re-import", "rx": "re-export"}
FLOWS |= {"1": "import", "2": "export", "3": "re-export", "4": "re-import"}
FLOWS |= {flow: flow for flow in ("import", "export", "re-import", "re-export")}
FLOWS |= {f"{flow}s": flow for flow in ("import", "export", "re-import", "re-export")}
_TOTALS = {"partner2": {"", "0"}, "transport": {"", "0"}, "customs": {"", "c00"}}


@typed
def un_comtrade(
    path: str | Path, *, hs: str | int | Iterable[str | int] = DIGITAL, flow: str = "import"
) -> Reading:
    r"""Read UN Comtrade trade flows, one reporter, period, commodity and partner a record.

    Parameters
    ----------
    path : path
        The .csv of Comtrade Plus (``reporterISO, partnerISO, period, cmdCode, flowCode,
        primaryValue``) or of the older site (``Reporter ISO, Partner ISO, Year, Commodity Code,
        Trade Flow, Trade Value (US$)``).
    hs : str or list of str
        Commodity codes of the Harmonized System to keep, exactly: a code and its sub-codes together
        count twice. A code that no row has is an error.
    flow : {"import", "export", "re-import", "re-export"}
        The direction of trade, seen from the reporter.

    Returns
    -------
    Reading
        ``iso3`` (reporter), ``year, period, hs, flow, partner, partner_iso3`` (missing where the
        reporter does not say: "Areas, nes"), ``usd`` (nominal). "Other Asia, nes" is TWN. World
        and regional totals and breakdown rows (second partner, transport, customs) are left out.

    Raises
    ------
    DataError
        If the file is not one of the two forms, or `flow` is not known.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "trade.csv"
    >>> _ = path.write_text("reporterISO,partnerISO,period,cmdCode,flowCode,primaryValue\n"
    ...     "KEN,CHN,2022,8517,M,60\nKEN,W00,2022,8517,M,100\n")
    >>> un_comtrade(path, hs="8517").records[["iso3", "partner_iso3", "year", "usd"]].to_numpy().tolist()
    [['KEN', 'CHN', 2022, 60.0]]
    """
    if flow not in FLOWS.values():
        raise DataError(f"unknown flow {flow!r}; known: {', '.join(sorted(set(FLOWS.values())))}")
    wanted = {
        "code": ("reporterISO", "Reporter ISO"),
        "partner_code": ("partnerISO", "Partner ISO"),
        "period": ("period", "Year"),
        "hs": ("cmdCode", "Commodity Code"),
        "flow": ("flowCode", "Trade Flow", "flowDesc"),
        "usd": ("primaryValue", "Trade Value (US$)"),
    }
    optional = {
        "reporter": ("reporterDesc", "Reporter"),
        "partner": ("partnerDesc", "Partner"),
        "partner2": ("partner2Code",),
        "transport": ("motCode",),
        "customs": ("customsCode",),
        "classification": ("classificationCode", "Classification"),
    }
    codes = codes_of("hs", hs)
    table = read_table(path, wanted, optional, source="UN Comtrade (Plus, or before 2023)")
    rows = Rows(table)
    _check_classification(rows, table.name)
    _check_codes(rows, codes, table.name, asked=hs is not DIGITAL)
    _only(rows, set(codes), flow)
    rows.countries("reporter", "code")
    _partners(rows)
    rows.frame["year"] = rows.frame["period"]
    rows.years()
    rows.numbers("usd")
    rows.drop(rows.frame["usd"].isna(), "partner", "no value")
    rows.duplicates(["iso3", "period", "hs", "flow", "partner"])
    notes = _one_period(rows)
    key = ["iso3", "period", "hs", "flow", "partner"]
    return rows.reading("un_comtrade", COMTRADE, "HS", COLUMNS, key=key, notes=notes)


def _check_classification(rows: Rows, name: str) -> None:
    """Refuse files of another classification: 8517 is telephones in HS and footwear in SITC."""
    if "classification" not in rows.frame:
        return
    given = rows.frame["classification"].str.strip().str.upper()
    for mark, title in (("S", "SITC"), ("B", "BEC")):
        if given.str.match(rf"{mark}(?:\d|$|ITC|EC)").any():
            raise DataError(
                f"{name}: a file in {title} ({given[given.str.startswith(mark)].iloc[0]}); "
                "HS wanted: download it with the classification HS"
            )


def _check_codes(rows: Rows, codes: Sequence[str], name: str, *, asked: bool) -> None:
    seen = sorted(set(rows.frame["hs"].str.removesuffix(".0")))
    absent = [code for code in codes if code not in seen]
    if asked and absent:
        lines = [f"hs: no row has the code `{code}`; {did_you_mean(code, seen)}" for code in absent]
        raise DataError(f"{name}: {len(lines)} unknown", lines)


def _one_period(rows: Rows) -> list[str]:
    """Leave out months of a year that is there in total: the two are never to be added up."""
    frame = rows.frame
    monthly = frame["period"].str.strip().str.removesuffix(".0").str.len().eq(6)
    if not monthly.any():
        return []
    same = ["iso3", "year", "hs", "flow", "partner"]
    annual = pd.MultiIndex.from_frame(frame.loc[~monthly, same])
    double = monthly & pd.MultiIndex.from_frame(frame[same]).isin(annual)
    rows.drop(double, "period", "month of a year that is there in total")
    left = int((monthly & ~double).sum())
    return [f"{left:,} monthly rows: sums by year may lack months"] if left else []


def _only(rows: Rows, hs: set[str], flow: str) -> None:
    rows.frame["hs"] = rows.frame["hs"].str.removesuffix(".0")
    rows.drop(~rows.frame["hs"].isin(hs), "hs", "another commodity code")
    named = rows.frame["flow"].str.casefold().map(FLOWS)
    rows.drop(named.ne(flow), "flow", f"another flow than {flow}")
    rows.frame["flow"] = flow
    for column, total in _TOTALS.items():
        if column in rows.frame:
            part = ~rows.frame[column].str.casefold().str.removesuffix(".0").isin(total)
            rows.drop(part, column, "breakdown of a row that is there in total")


def _partners(rows: Rows) -> None:
    frame = rows.frame
    if "partner" not in frame:
        frame = frame.assign(partner=frame["partner_code"])
    code = frame["partner_code"].str.upper()
    # Comtrade's own codes: W00 the world, S19 "Other Asia, nes", which is Taiwan.
    codes = pd.Series(to_iso3(code.replace({"S19": "TWN"})), index=frame.index)
    by_name = pd.Series(to_iso3(frame["partner"]), index=frame.index)
    rows.frame = frame.assign(partner_iso3=codes.fillna(by_name))
    world = code.isin(["W00", "WLD", "0", "ALL"]) | frame["partner"].str.casefold().eq("world")
    group = frame["partner"].str.casefold().isin(["eu-27", "eu-28", "asean", "european union"])
    rows.drop(world | group, "partner", "total over partners")
