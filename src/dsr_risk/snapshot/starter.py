"""The starter table of data-protection instruments, one row an instrument in force."""

from __future__ import annotations

import pandas as pd

from . import sources as s
from .folder import Folder

PARTIAL, ADEQUATE, MEMBER = 3, 4, 5


def data_protection(folder: Folder) -> pd.DataFrame:
    """Return `iso3, instrument, year, source, url`: law, authority, decisions of the EU, cross-border rules."""
    level = folder.tidy("policy_2026.csv", "data_protection_level")["value"].astype(int)
    held = {
        "law": level.ge(1),
        "authority": level.ge(2),
        "eu adequacy": level.isin([PARTIAL, ADEQUATE]),
        "eu member": level.eq(MEMBER),
    }
    source = f"{s.CNIL.publisher}, {s.CNIL.title}, {s.CNIL.retrieved}"
    rows = [
        pd.DataFrame(
            {
                "iso3": level.index[mask],
                "instrument": name,
                "year": 2026,
                "source": source,
                "url": s.CNIL.url,
            }
        )
        for name, mask in held.items()
    ]
    facts = folder.csv("facts.csv")
    member = facts["indicator"].eq("cbpr_participant") & facts["value"].astype(str).isin(
        ["1", "1.0"]
    )
    codes = facts.loc[member, "iso3"]
    rows.append(
        pd.DataFrame(
            {
                "iso3": codes,
                "instrument": "cbpr",
                "year": 2024,
                "source": "APEC CBPR System",
                "url": facts.loc[member, "source_url_or_ref"],
            }
        )
    )
    return pd.concat(rows).sort_values(["iso3", "instrument"], kind="stable").drop_duplicates()
