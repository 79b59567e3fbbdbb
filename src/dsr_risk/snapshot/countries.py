"""countries.csv: codes, short names and groups of every country and territory."""

from __future__ import annotations

import pandas as pd

from .folder import Folder

# Where the common short name of the list is not the usual English name of the country.
NAMES = {
    "CIV": "Côte d'Ivoire",
    "COD": "DR Congo",
    "COG": "Congo",
    "GBR": "United Kingdom",
    "UMI": "US Minor Outlying Islands",
    "USA": "United States",
}
# In the data, not in ISO 3166: the code every publisher uses is a user-assigned one.
KOSOVO = {"iso2": "XK", "name": "Kosovo"}
FISCAL = {"old": "FY2021", "new": "FY2025"}
UNCLASSIFIED = "Not classified"
FLAGS = {
    "ldc": "Least Developed Countries (LDC)",
    "lldc": "Land Locked Developing Countries (LLDC)",
    "sids": "Small Island Developing States (SIDS)",
}


def income_groups(folder: Folder) -> pd.DataFrame:
    """Return World Bank income class by country, `income` and the fiscal year it holds for, `income_edition`.

    The newer edition covers the recipients of AidData's country table, the older one the rest. A
    country that the newer edition leaves unclassified (Venezuela) keeps its last class.
    """
    old = folder.csv("WorldDenoms.csv").set_index("uCode")["Income_Group"].dropna()
    new = folder.aiddata_recipients()["income"]
    new = new[new.notna() & new.ne(UNCLASSIFIED)]
    frame = pd.DataFrame({"income": old, "income_edition": FISCAL["old"]})
    newer = pd.DataFrame({"income": new, "income_edition": FISCAL["new"]})
    return pd.concat([frame.drop(newer.index.intersection(frame.index)), newer]).sort_index()


def countries(folder: Folder) -> pd.DataFrame:
    """Return codes, names and groups sorted by iso3: `iso3, iso2, name, region, subregion, income, ...`."""
    codes = folder.csv("country-codes.csv").set_index("ISO3166-1-Alpha-3")
    frame = pd.DataFrame(
        {
            "iso2": codes["ISO3166-1-Alpha-2"],
            "name": codes["CLDR display name"],
            "region": codes["Region Name"],
            "subregion": codes["Sub-region Name"],
        }
    )
    for flag, column in FLAGS.items():
        frame[flag] = codes[column].notna().astype(int)
    frame["name"] = pd.Series(NAMES).reindex(frame.index).fillna(frame["name"])
    regions = folder.table().loc["XKX", ["region", "subregion"]].to_dict()
    frame.loc["XKX", ["iso2", "name", "region", "subregion", *FLAGS]] = [
        KOSOVO["iso2"],
        KOSOVO["name"],
        regions["region"],
        regions["subregion"],
        0,
        0,
        0,
    ]
    frame = frame.astype(dict.fromkeys(FLAGS, int))
    groups = income_groups(folder).reindex(frame.index)
    frame.insert(4, "income", groups["income"])
    frame["income_edition"] = groups["income_edition"]
    return frame.sort_index().rename_axis("iso3").reset_index().fillna("")
