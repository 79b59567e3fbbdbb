"""The bundled snapshot of real countries."""

from __future__ import annotations

from functools import cache
from importlib import resources
from pathlib import Path

import pandas as pd

from .._util.arguments import typed
from .dataset import Data
from .facts import snapshot_facts
from .packed import unpack

__all__ = ["PACKED", "TABLE", "bundled_folder", "load_data", "parsed", "snapshot_facts"]

TABLE = "snapshot.csv"
"""The table that ships, one row a cell."""
PACKED = "snapshot.npz"
"""The same, as it is after reading and checking; used while it was made from the table beside it."""


def bundled_folder() -> Path:
    """Return the folder of the files of the bundled snapshot."""
    return Path(str(resources.files(__package__) / "bundled"))


@cache
@typed
def load_data() -> Data:
    """Load the bundled snapshot: real countries, every cell with its source, licence, year and confidence.

    Nothing in it is imputed; ``docs/data.md`` says what is missing, indicator by indicator.

    Examples
    --------
    >>> load_data().cell("Pakistan", "gci_2020")["value"]
    64.88
    """
    folder = bundled_folder()
    packed = folder / PACKED
    data = unpack(packed, folder / TABLE) if packed.is_file() else None
    return parsed(folder) if data is None else data


def parsed(folder: Path) -> Data:
    """Return the snapshot read from the table of a folder, every rule checked."""
    # Imported here: the packed snapshot needs no reader of tables.
    from .assemble import assemble
    from .long import NUMERIC
    from .table import RowNames

    with (folder / TABLE).open(encoding="utf-8") as file:
        frame = pd.read_csv(file, keep_default_na=False, dtype=object)
    for name in (*NUMERIC, "year"):
        # Python parses a text to the nearest number; the fast parser of pandas 2 may miss the last bit.
        texts = frame[name].to_numpy(copy=True)
        texts[texts == ""] = "nan"
        frame[name] = texts.astype(float)
    edition = int(snapshot_facts()["edition"])
    return assemble(frame, edition=edition, origin="bundled snapshot", rows=RowNames(first=2))
