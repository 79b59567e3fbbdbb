"""The compact form of the bundled snapshot holds what the table holds, and nothing once that has changed."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import dsr_risk as dr
from dsr_risk.data.packed import pack, unpack
from dsr_risk.data.snapshot import PACKED, TABLE, bundled_folder, parsed


@pytest.fixture(scope="module")
def read() -> dr.Data:
    """The snapshot from its table, every rule checked."""
    return parsed(bundled_folder())


@pytest.mark.slow
def test_the_packed_snapshot_is_the_table_to_the_last_bit(read: dr.Data) -> None:
    packed = unpack(bundled_folder() / PACKED, bundled_folder() / TABLE)
    assert packed is not None, "run `python scripts/build_snapshot.py`"
    assert packed.columns == read.columns
    pd.testing.assert_index_equal(packed.units, read.units, exact=True)
    for name in ("values_array", "lower", "upper", "reasons"):
        got, wanted = getattr(packed, name), getattr(read, name)
        assert got.dtype == wanted.dtype
        assert not got.flags.writeable
        same = got.tolist() == wanted.tolist() if name == "reasons" else None
        assert same or np.array_equal(got, wanted, equal_nan=True)
    for name in ("evidence", "conflicts"):
        pd.testing.assert_frame_equal(getattr(packed, name), getattr(read, name), check_exact=True)
    assert (packed.edition, packed.origin) == (read.edition, read.origin)
    assert packed.reading == read.reading
    assert packed == read == dr.load_data()


@pytest.mark.slow
def test_packing_gives_the_bytes_that_ship(read: dr.Data, tmp_path: Path) -> None:
    pack(read, bundled_folder() / TABLE, tmp_path / PACKED)
    assert unpack(tmp_path / PACKED, bundled_folder() / TABLE) == read
    pack(read, bundled_folder() / TABLE, tmp_path / "again")
    assert (tmp_path / PACKED).read_bytes() == (tmp_path / "again").read_bytes()


def test_a_changed_table_is_read_instead(tmp_path: Path) -> None:
    for name in (TABLE, PACKED):
        shutil.copy(bundled_folder() / name, tmp_path)
    table = tmp_path / TABLE
    table.write_bytes(table.read_bytes().replace(b"64.88", b"64.89"))
    assert unpack(tmp_path / PACKED, table) is None
    assert parsed(tmp_path).cell("PAK", "gci_2020")["value"] == 64.89
