"""V-Dem country-years: the variables of the Digital Society Survey and any other asked for."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from .._util.arguments import typed
from ..errors import DataError, did_you_mean
from ._rows import Reading, Rows, Source, codes_of
from ._tables import Table, read_table

VDEM = Source(
    title="V-Dem Country-Year dataset",
    publisher="V-Dem Institute, University of Gothenburg",
    licence="CC BY-SA 4.0",
    citation=(
        "Coppedge, M., Gerring, J., Knutsen, C. H., Lindberg, S. I., Teorell, J., et al. V-Dem "
        "Country-Year Dataset. Varieties of Democracy (V-Dem) Project."
    ),
    url="https://v-dem.net/data/the-v-dem-dataset",
)
COLUMNS = ("iso3", "indicator", "year", "value", "std_error", "lower", "upper", "higher_is")
# Direction by V-Dem's codebook: most questions run from the worst answer (0) to the best.
HIGHER_IS = {
    "v2smgovsmmon": "safer",  # government social media monitoring: 0 extremely comprehensive
    "v2smgovfilprc": "safer",  # government Internet filtering in practice: 0 extremely often
    "v2smgovfilcap": "riskier",  # government Internet filtering capacity: 0 lacks capacity
    "v2smgovshut": "safer",  # government Internet shut down in practice: 0 extremely often
    "v2smgovshutcap": "riskier",  # government Internet shut down capacity: 0 lacks capacity
    "v2smgovsmcenprc": "safer",  # government social media censorship in practice
    "v2smgovcapsec": "safer",  # government cyber security capacity
    "v2smpolcap": "safer",  # political parties' cyber security capacity
    "v2smprivex": "safer",  # privacy protection by law exists
    "v2smprivcon": "safer",  # privacy protection by law, content
    "v2smarrest": "safer",  # arrests for political content
    "v2smgovdom": "safer",  # government dissemination of false information, domestic
    "v2smfordom": "safer",  # foreign governments' dissemination of false information
}
_SUFFIX = r"(?:|_codelow|_codehigh|_sd)"
_PARTS = {"": "value", "_sd": "std_error", "_codelow": "lower", "_codehigh": "upper"}


@typed
def vdem(
    path: str | Path, *, variables: str | Iterable[str] | None = None, since: int = 2000
) -> Reading:
    r"""Read V-Dem country-years, one country, variable and year a record.

    Parameters
    ----------
    path : path
        ``V-Dem-CY-Full+Others-v*.csv`` or ``-Core-`` (or the .zip); only the columns needed
        are read.
    variables : iterable of str, optional
        Names as in V-Dem; all point estimates of the Digital Society Survey (``v2sm*``) unless
        given.
    since : int
        First year to keep.

    Returns
    -------
    Reading
        ``iso3, indicator, year, value`` (latent scale, no unit), ``std_error`` (V-Dem's standard
        deviation), ``lower, upper`` (V-Dem's 68 % interval), ``higher_is`` (``safer`` or
        ``riskier``; missing where this package does not know the codebook's direction).

    Raises
    ------
    DataError
        If the file is not a V-Dem country-year file or lacks a variable asked for.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "V-Dem-CY-Core-v14.csv"
    >>> _ = path.write_text("country_name,country_text_id,year,v2smgovfilcap,v2smgovfilcap_sd\n"
    ...     "Kenya,KEN,2023,0.5,0.2\n")
    >>> vdem(path).records[["iso3", "indicator", "year", "value"]].to_numpy().tolist()
    [['KEN', 'v2smgovfilcap', 2023, 0.5]]
    """
    asked = None if variables is None else list(codes_of("variables", variables))
    names = r"v2sm[a-z0-9]+" if asked is None else "|".join(re.escape(name) for name in asked)
    table = read_table(
        path,
        {"code": ("country_text_id",), "name": ("country_name",), "year": ("year",)},
        {"project": ("project",)},
        extra=f"(?:{names}){_SUFFIX}",
        member=r"V-Dem-CY",
        source="V-Dem's country-year data",
    )
    measures = _variables(table, asked)
    rows = Rows(table)
    rows.years()
    rows.drop(rows.frame["year"] < since, "name", f"before {since}")
    rows.countries("name", "code")
    rows.duplicates(["iso3", "year"])
    rows.numbers(*(str(column) for column in rows.frame if str(column).startswith(tuple(measures))))
    rows.frame = pd.concat([_long(rows.frame, name) for name in measures]).sort_values(
        ["iso3", "indicator", "year"], kind="stable"
    )
    version = re.search(r"v\d+(?:\.\d+)?", Path(table.name).name)
    edition = version.group() if version else "not stated in the name of the file"
    return rows.reading("vdem", VDEM, edition, COLUMNS, key=["iso3", "indicator", "year"])


def _variables(table: Table, asked: list[str] | None) -> list[str]:
    stems = {re.sub(r"_(?:codelow|codehigh|sd)$", "", str(column)) for column in table.frame}
    present = [name for name in table.header if name in stems and name in table.frame]
    if asked is None:
        variables = [name for name in present if name.startswith("v2sm")]
        if not variables:
            raise DataError(
                f"{table.name}: no variable of the Digital Society Survey (`v2sm...`); name "
                "others with `variables`, or download the full edition"
            )
        return variables
    lines = [
        f"no variable `{name}`; {did_you_mean(name, table.header, listed=5)}"
        for name in asked
        if name not in present
    ]
    if lines:
        raise DataError(f"{table.name}: {len(lines)} unknown", lines)
    return asked


def _long(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    parts = {
        ours: frame[name + suffix] for suffix, ours in _PARTS.items() if name + suffix in frame
    }
    long = frame[["iso3", "year"]].assign(indicator=name, higher_is=HIGHER_IS.get(name), **parts)
    return long.dropna(subset=["value"])
