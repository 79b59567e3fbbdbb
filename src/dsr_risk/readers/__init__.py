"""Public source files, as their publishers ship them, to tidy records with evidence.

One function a source; each returns a `Reading` with the records, every row left out and why, and
the evidence. `coinr` returns a framework and its data instead.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from dsr_risk.errors import DataError, UnknownNameError, did_you_mean
from dsr_risk.readers._rows import Reading, stack
from dsr_risk.readers.aiddata import aiddata_gcdf, aiddata_gcofd
from dsr_risk.readers.carnegie import carnegie_aigs
from dsr_risk.readers.coinr import Coin, coinr
from dsr_risk.readers.comtrade import un_comtrade
from dsr_risk.readers.factbook import factbook_imports
from dsr_risk.readers.freedom_house import freedom_house
from dsr_risk.readers.gci import itu_gci
from dsr_risk.readers.incidents import cfr_operations, veris
from dsr_risk.readers.telegeography import telegeography
from dsr_risk.readers.vdem import vdem
from dsr_risk.readers.weo import imf_weo
from dsr_risk.readers.world_bank import world_bank

__all__ = [
    "Coin",
    "Reading",
    "aiddata_gcdf",
    "aiddata_gcofd",
    "carnegie_aigs",
    "cfr_operations",
    "coinr",
    "factbook_imports",
    "freedom_house",
    "imf_weo",
    "itu_gci",
    "kinds",
    "read",
    "telegeography",
    "un_comtrade",
    "vdem",
    "veris",
    "world_bank",
]

_READERS: dict[str, Callable[..., Reading]] = {
    one.__name__: one
    for one in (
        aiddata_gcdf,
        aiddata_gcofd,
        carnegie_aigs,
        cfr_operations,
        factbook_imports,
        freedom_house,
        imf_weo,
        itu_gci,
        telegeography,
        un_comtrade,
        vdem,
        veris,
        world_bank,
    )
}


def kinds() -> dict[str, str]:
    """The kinds of files `read` knows, each with one line on what its records are.

    Examples
    --------
    >>> kinds()["imf_weo"]
    'IMF World Economic Outlook by country, one country, subject and year a record.'
    """
    return {name: (one.__doc__ or "").splitlines()[0] for name, one in _READERS.items()}


def read(kind: str, *paths: str | Path, **options: Any) -> Reading:
    """Read one or several files of a kind; a record met in two files is kept once.

    Parameters
    ----------
    kind : str
        One of `kinds`: the name of a reader of this module.
    *paths : path
        One file or more (folder where the reader takes one).
    **options
        Of the reader.

    Raises
    ------
    UnknownNameError
        If there is no such kind.
    DataError
        If no file is given, or a file is not of this kind.
    """
    if kind not in _READERS:
        raise UnknownNameError(f"kind {kind!r} is not known; {did_you_mean(kind, _READERS)}")
    if not paths:
        raise DataError(f"{kind}: no file given")
    return stack([_READERS[kind](path, **options) for path in paths])
