"""AidData: Chinese official finance, project by project or by recipient and year."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from .._util.arguments import typed
from ..data.country_list import country_source
from ._rows import Reading, Rows, Source
from ._tables import Table, read_table

GCDF = Source(
    title="Global Chinese Development Finance Dataset",
    publisher="AidData, William & Mary",
    licence="ODC-BY 1.0, attribute AidData",
    citation=(
        "Custer, S., Dreher, A., Elston, T.-B., Escobar, B., Fedorochko, R., Fuchs, A., "
        "Ghose, S., Lin, J., Malik, A., Parks, B., et al. (2023). Tracking Chinese Development "
        "Finance: An Application of AidData's TUFF 3.0 Methodology. AidData at William & Mary."
    ),
    url="https://www.aiddata.org/data/aiddatas-global-chinese-development-finance-dataset-version-3-0",
)
GCOFD = Source(
    title="Global Chinese Official Finance Dataset",
    publisher="AidData, William & Mary",
    licence="ODC-BY 1.0, attribute AidData",
    citation=(
        "Dreher, A., Fuchs, A., Parks, B., Strange, A. & Tierney, M. J. (2021). Aid, China, and "
        "Growth: Evidence from a New Global Development Finance Dataset. American Economic "
        "Journal: Economic Policy 13(2), 135-174."
    ),
    url="https://www.aiddata.org/data/chinese-global-official-finance-dataset",
)
COLUMNS = (
    "iso3",
    "recipient",
    "year",
    "record_id",
    "title",
    "status",
    "sector",
    "sector_code",
    "flow_type",
    "flow_class",
    "creditor_iso3",
    "usd",
    "usd_adjusted",
    "usd_unadjusted",
    "price_year",
    "maturity",
    "grace",
    "rate",
)
TERMS = ("maturity", "grace", "rate")
UNADJUSTED = (
    "usd is unadjusted: rolled-over short-term loans are counted more than once in sums "
    "(Argentina 138.75 bn against 37.84 bn adjusted in edition 3.0)"
)
COMMITMENTS = "amounts are commitments, not debt outstanding"

_PROJECT = {
    "recipient": ("Recipient",),
    "year": ("Commitment Year",),
    "sector": ("Sector Name", "AidData Sector Name"),
}
# The forms of the file, distinguished by the amounts they have.
_EDITIONS: tuple[dict[str, tuple[str, ...]], ...] = (
    {"adjusted2021": ("Adjusted Amount (Constant USD 2021)",)},
    {"amount2017": ("Amount (Constant USD2017)",)},
    {"amount2021": ("Amount (Constant USD 2021)",), "precision": ("Level of precision",)},
)
_UNADJUSTED_2021 = {"amount2021": ("Amount (Constant USD 2021)",)}
BY_YEAR = len(_EDITIONS)
_MORE = {
    "code": ("Recipient ISO-3",),
    "record_id": ("AidData Record ID", "AidData TUFF Project ID"),
    "recommended": ("Recommended For Aggregates",),
    "title": ("Title",),
    "status": ("Status",),
    "sector_code": ("Sector Code", "AidData Sector Code"),
    "flow_type": ("Flow Type Simplified", "Flow Type"),
    "flow_class": ("Flow Class",),
    "creditor": ("Financier Country",),
    "maturity": ("Maturity",),
    "grace": ("Grace Period",),
    "rate": ("Interest Rate",),
}
_FLOWS = {"oda": "ODA-like", "oof": "OOF-like", "vof": "Vague (Official Finance)"}
_BY_YEAR = {
    "gwcode": ("gwcode",),
    "year": ("year",),
    **{f"{flow}_{kind}": (f"{flow}_{kind}",) for flow in _FLOWS for kind in ("amt", "adj")},
}


@typed
def aiddata_gcdf(path: str | Path, *, recommended_only: bool = True) -> Reading:
    r"""Read AidData's Global Chinese Development Finance Dataset, one project a record.

    Editions: 3.0 and 2.0 (.xlsx, or a .csv of the sheet), 3.0 geospatial (.csv of the located
    projects), and the recipient-year table (.csv with Gleditsch-Ward numbers and
    ``{oof,oda,vof}_{amt,adj}``), which gives one record a recipient, year and flow class.

    Parameters
    ----------
    path : path
        A workbook or a .csv of one of the editions above.
    recommended_only : bool
        Leave out rows AidData does not recommend for aggregates (cancelled, suspended, pledges,
        umbrella agreements counted elsewhere).

    Returns
    -------
    Reading
        ``iso3, recipient, year`` (of commitment), ``record_id, title, status, sector,
        sector_code, flow_type`` (``Loan``, ``Grant`` ...), ``flow_class, creditor_iso3``, ``usd``
        (constant USD of ``price_year``: adjusted where the edition has it, else unadjusted),
        ``usd_adjusted, usd_unadjusted`` (NaN = not given), ``price_year, maturity, grace`` (years),
        ``rate`` (interest a year, a fraction). A project without an amount is kept with NaN: it
        still counts. `dsr_risk.records.debt_exposure` takes these records as they are.

    Raises
    ------
    DataError
        If the file is not a table or not one of the editions above.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "recipients.csv"
    >>> _ = path.write_text("gwcode,year,oof_amt,oof_adj,oda_amt,oda_adj,vof_amt,vof_adj\n770,2010,5,4,1,1,0,0\n")
    >>> records = aiddata_gcdf(path).records
    >>> records["iso3"].unique().tolist(), records["usd"].sum().item()
    (['PAK'], 5.0)
    """
    forms = ({**_PROJECT, **form} for form in _EDITIONS)
    table = read_table(
        path,
        [*forms, _BY_YEAR],
        {**_MORE, **_UNADJUSTED_2021},
        sheet=r"^(Global_?CDF|GCDF)_?\d",
        member=r"GCDF|Global|Chinese",
        extra=r"Recommended For .*Aggregates",
        source="AidData GCDF (3.0, 2.0, 3.0 geospatial, 3.0 by recipient and year)",
    )
    if table.form == BY_YEAR:
        return _by_recipient_year(table)
    rows = Rows(table)
    edition, price = _edition(table)
    _name_recommended(rows)
    if recommended_only and "recommended" in rows.frame:
        no = ~rows.frame["recommended"].str.casefold().isin(["yes", "true", "1"])
        rows.drop(no, "recommended", "not recommended for aggregates")
    rows.countries("recipient", "code")
    rows.years()
    rows.numbers("adjusted2021", "amount2021", "amount2017", *TERMS)
    _name_amounts(rows, price)
    _name_terms(rows)
    if "record_id" in rows.frame:
        rows.duplicates(["record_id"])
    notes = [COMMITMENTS] if rows.frame["usd_adjusted"].notna().any() else [COMMITMENTS, UNADJUSTED]
    if "geospatial" in edition:
        notes.append("located projects only: a lower bound of what a recipient received")
    return rows.reading(
        "aiddata_gcdf", GCDF, edition, COLUMNS, key=["record_id", "iso3"], notes=notes
    )


def _name_recommended(rows: Rows) -> None:
    """Name the column of special editions, which call it after their subject: "For Huawei Aggregates"."""
    named = [name for name in rows.frame if str(name).casefold().startswith("recommended for ")]
    if "recommended" not in rows.frame and named:
        rows.frame = rows.frame.rename(columns={named[0]: "recommended"})


def _edition(table: Table) -> tuple[str, int]:
    if "amount2017" in table.frame:
        return "2.0", 2017
    return ("3.0 geospatial", 2021) if "precision" in table.frame else ("3.0", 2021)


def _name_amounts(rows: Rows, price: int) -> None:
    frame = rows.frame
    empty = pd.Series(np.nan, index=frame.index)
    adjusted = frame.get("adjusted2021", empty)
    unadjusted = frame.get(f"amount{price}", empty)
    usd = adjusted if "adjusted2021" in frame else unadjusted
    rows.frame = frame.assign(
        usd_adjusted=adjusted, usd_unadjusted=unadjusted, usd=usd, price_year=price
    )


def _name_terms(rows: Rows) -> None:
    """Add the lender, and the interest rate as a fraction: AidData prints percent."""
    rows.frame = rows.frame.assign(creditor_iso3="CHN")
    if "rate" in rows.frame:
        rows.frame["rate"] = rows.frame["rate"] / 100


def _by_recipient_year(table: Table) -> Reading:
    rows = Rows(table)
    source = country_source()
    states = source[source["GWcode"].ne("")]
    by_number = dict(zip(states["GWcode"].astype(int), states["ISO3"], strict=True))
    rows.numbers("gwcode")
    rows.frame["iso3"] = rows.frame["gwcode"].map(by_number)
    rows.drop(rows.frame["iso3"].isna(), "gwcode", "no state of today has this Gleditsch-Ward code")
    rows.years()
    rows.numbers(*(name for name in _BY_YEAR if name not in ("gwcode", "year")))
    rows.duplicates(["iso3", "year"])
    long = [
        rows.frame[["iso3", "year"]].assign(
            flow_class=label,
            usd_unadjusted=rows.frame[f"{flow}_amt"],
            usd_adjusted=rows.frame[f"{flow}_adj"],
        )
        for flow, label in _FLOWS.items()
    ]
    frame = pd.concat(long).sort_values(["iso3", "year", "flow_class"], kind="stable")
    rows.frame = frame.assign(usd=frame["usd_adjusted"], price_year=2021, creditor_iso3="CHN")
    return rows.reading(
        "aiddata_gcdf",
        GCDF,
        "3.0 by recipient and year",
        COLUMNS,
        key=["iso3", "year", "flow_class"],
        notes=[COMMITMENTS, "a zero is: no commitment of that class in that year"],
    )


@typed
def aiddata_gcofd(path: str | Path, *, research_only: bool = True) -> Reading:
    r"""Read AidData's Global Chinese Official Finance Dataset 1.0 (2000-2014), one project a record.

    Parameters
    ----------
    path : path
        ``GlobalChineseOfficialFinanceDataset_v1.0.xlsx`` or a .csv of it.
    research_only : bool
        Leave out rows AidData does not recommend for research.

    Returns
    -------
    Reading
        Columns as `aiddata_gcdf`; ``usd`` is in constant USD of 2014 and unadjusted,
        ``sector_code`` is the OECD purpose sector (220 = communications). Rows with several
        recipients are left out: their amount cannot be shared out.

    Raises
    ------
    DataError
        If the file is not a table or lacks a column of edition 1.0.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "finance.csv"
    >>> names = "project_id,recommended_for_research,year,crs_sector_code,usd_defl_2014,recipient_iso3"
    >>> _ = path.write_text(f"{names}\n1,TRUE,2011,220,1234,VNM\n2,FALSE,2011,220,88,KEN\n")
    >>> aiddata_gcofd(path).records[["iso3", "year", "usd"]].to_numpy().tolist()
    [['VNM', 2011, 1234.0]]
    """
    wanted = {
        "recommended": ("recommended_for_research",),
        "year": ("year",),
        "sector_code": ("crs_sector_code",),
        "usd": ("usd_defl_2014",),
        "code": ("recipient_iso3", "recipients_iso3"),
    }
    optional = {
        "record_id": ("project_id", "aiddata_id"),
        "recipient": ("recipient_condensed", "recipients", "all_recipients"),
        "title": ("title", "project_title"),
        "status": ("status",),
        "sector": ("crs_sector_name",),
        "flow_type": ("flow",),
        "flow_class": ("flow_class",),
        "maturity": ("maturity",),
        "grace": ("grace_period",),
        "rate": ("interest_rate",),
    }
    rows = Rows(
        read_table(path, wanted, optional, member="official|china", source="AidData GCOFD (1.0)")
    )
    if research_only:
        no = ~rows.frame["recommended"].str.casefold().isin(["true", "1", "yes"])
        rows.drop(no, "recommended", "not recommended for research")
    several = rows.frame["code"].str.contains(r"[;|,]", regex=True)
    rows.drop(several, "code", "several recipients: the amount cannot be shared out")
    rows.countries("recipient", "code")
    rows.years()
    rows.numbers("usd", *TERMS)
    if "record_id" in rows.frame:
        rows.duplicates(["record_id"])
    rows.frame = rows.frame.assign(
        usd_unadjusted=rows.frame["usd"], usd_adjusted=np.nan, price_year=2014
    )
    _name_terms(rows)
    notes = [COMMITMENTS, "usd is unadjusted: edition 1.0 has no adjusted amounts"]
    key_ = ["record_id", "iso3"] if "record_id" in rows.frame else []
    return rows.reading("aiddata_gcofd", GCOFD, "1.0", COLUMNS, key=key_, notes=notes)
