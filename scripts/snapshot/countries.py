"""countries.csv: codes, short names and groups of every country and territory."""

from __future__ import annotations

import pandas as pd

from .sources import Folder

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
FLAGS = {
    "ldc": "Least Developed Countries (LDC)",
    "lldc": "Land Locked Developing Countries (LLDC)",
    "sids": "Small Island Developing States (SIDS)",
}


def countries(folder: Folder) -> pd.DataFrame:
    """`iso3, iso2, name, region, subregion, income, ldc, lldc, sids`, sorted by iso3."""
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
    place = folder.table().loc["XKX", ["region", "subregion"]].to_dict()
    frame.loc["XKX", ["iso2", "name", "region", "subregion", *FLAGS]] = [
        KOSOVO["iso2"], KOSOVO["name"], place["region"], place["subregion"], 0, 0, 0,
    ]  # fmt: skip
    frame = frame.astype(dict.fromkeys(FLAGS, int))
    income = folder.csv("WorldDenoms.csv").set_index("uCode")["Income_Group"]
    frame.insert(4, "income", income.reindex(frame.index))
    return frame.sort_index().rename_axis("iso3").reset_index().fillna("")
