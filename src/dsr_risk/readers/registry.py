"""Registry: every kind of file that `read` accepts, and its reader."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from .._util.arguments import typed
from ..errors import DataError, UnknownNameError, did_you_mean
from ._rows import Reading, stack
from .aiddata import aiddata_gcdf, aiddata_gcofd
from .carnegie import carnegie_aigs
from .comtrade import un_comtrade
from .factbook import factbook_imports
from .freedom_house import freedom_house
from .gci import itu_gci
from .incidents import cfr_operations, eurepoc, veris
from .networks import cloud_regions, ipv4_networks
from .surveys import ncsi, un_egov
from .telegeography import telegeography
from .vdem import vdem
from .weo import imf_weo
from .world_bank import world_bank

__all__ = ["kinds", "read"]

_READERS: dict[str, Callable[..., Reading]] = {
    reader.__name__: reader
    for reader in (
        aiddata_gcdf,
        aiddata_gcofd,
        carnegie_aigs,
        cfr_operations,
        cloud_regions,
        eurepoc,
        factbook_imports,
        freedom_house,
        imf_weo,
        ipv4_networks,
        itu_gci,
        ncsi,
        telegeography,
        un_comtrade,
        un_egov,
        vdem,
        veris,
        world_bank,
    )
}


@typed
def kinds() -> dict[str, str]:
    """Return the kinds of files that `read` accepts, each with one line on its records.

    Examples
    --------
    >>> kinds()["imf_weo"]
    'Read the IMF World Economic Outlook by country, one country, subject and year a record.'
    """
    return {name: (reader.__doc__ or "").splitlines()[0] for name, reader in _READERS.items()}


@typed
def read(kind: str, *paths: str | Path, **options: Any) -> Reading:
    r"""Read one or several files of a kind; keep a record met in two files once.

    Parameters
    ----------
    kind : str
        One of `kinds`: the name of a reader of this module.
    *paths : path
        One file or more (folder where the reader takes one).
    **options
        Of the reader.

    Returns
    -------
    Reading
        The records of all files as a frame, with notes.

    Raises
    ------
    UnknownNameError
        If there is no such kind.
    DataError
        If no file is given, or a file is not of this kind.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "gdp.csv"
    >>> _ = path.write_text("Country Name,Country Code,Year,Value\nPakistan,PAK,2021,348\n")
    >>> read("world_bank", path).records[["iso3", "indicator", "value"]].to_numpy().tolist()
    [['PAK', 'gdp', 348.0]]
    """
    if kind not in _READERS:
        raise UnknownNameError(f"unknown kind {kind!r}; {did_you_mean(kind, _READERS)}")
    if not paths:
        raise DataError(f"{kind}: no file given")
    return stack([_READERS[kind](path, **options) for path in paths])
