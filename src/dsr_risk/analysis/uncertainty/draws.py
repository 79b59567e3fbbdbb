"""The draws of an uncertainty analysis, made again block by block."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ..._util.atomic import atomic
from ..._util.types import Array
from ...errors import MissingExtraError
from ...scoring.kernel import Scratch
from .counts import Counts

__all__ = ["Draws"]


class Draws(Counts):
    """The draws behind the counts, made again on request: in memory, labelled, or to a file."""

    def blocks(self, nodes: Sequence[str] | None = None) -> Iterator[tuple[int, Array]]:
        """The draws themselves, made again block by block: first draw's number, (draws, units, nodes)."""
        wanted = self.names if nodes is None else tuple(nodes)
        points, size, seed = self.job.points(), self.job.block_size, self.job.seed
        for block in range(-(-self.draws // size)):
            u = points.block(block)[: self.draws - block * size]
            if self.job.closed is None:
                values = self.design.evaluate_block(
                    u, seed=seed, block=block, nodes=wanted, fast=self.ledger.fast
                )
            else:
                rows = [self._row(name) for name in wanted]
                values = np.moveaxis(self.job.values(u, block, Scratch())[0][rows], 0, -1)
            yield block * size, values

    def sample(self, name: str | None = None) -> Array:
        """(draws, units) all draws of one node, in memory, failed ones as they came."""
        node = self.names[0] if name is None else name
        out = np.empty((self.draws, len(self.units)))
        for start, values in self.blocks([node]):
            out[start : start + len(values)] = values[:, :, 0]
        return out

    def inputs(self) -> pd.DataFrame:
        """(draws, columns) what the draws were made from: numbers of the unit cube, a column a number drawn.

        A choice's column is the number of its option, from 0. Errors of cells and values of missing ones
        come from streams, which have a number for every cell, and are not here.
        """
        points, size = self.job.points(), self.job.block_size
        out = np.empty((self.draws, self.design.dimension))
        for block in range(-(-self.draws // size)):
            u = points.block(block)[: self.draws - block * size]
            out[block * size : block * size + len(u)] = self.design.layout.inputs(u)
        return pd.DataFrame(out, columns=list(self.design.layout.column_names))

    def to_xarray(self, nodes: Sequence[str] | None = None) -> Any:
        """All draws as an xarray.DataArray (draw, unit, node); needs the extra `xarray`."""
        try:
            import xarray
        except ImportError:
            raise MissingExtraError.of("xarray", extra="xarray", purpose="labelled draws") from None
        wanted = list(self.names if nodes is None else nodes)
        values = np.concatenate([part for _, part in self.blocks(wanted)])
        unit = self.units.to_flat_index() if self.units.nlevels > 1 else self.units
        return xarray.DataArray(
            values,
            dims=("draw", "unit", "node"),
            coords={"draw": np.arange(len(values)), "unit": list(unit), "node": wanted},
            name="score",
        )

    def to_parquet(self, path: str | os.PathLike[str], nodes: Sequence[str] | None = None) -> Path:
        """All draws to a Parquet file, block by block: draw, unit, a column a node; whole or not at all."""
        try:
            import pyarrow as pa
            import pyarrow.parquet as pq
        except ImportError:
            raise MissingExtraError.of(
                "pyarrow", extra="parquet", purpose="writing .parquet files"
            ) from None
        wanted = list(self.names if nodes is None else nodes)
        unit = [str(one) for one in self.units]
        fields = [("draw", pa.int64()), ("unit", pa.string()), *((n, pa.float64()) for n in wanted)]
        target = Path(path)
        with (
            atomic(target) as temporary,
            pq.ParquetWriter(temporary, pa.schema(fields)) as writer,
        ):
            for start, values in self.blocks(wanted):
                count = len(values)
                columns = {
                    "draw": np.repeat(np.arange(start, start + count), len(unit)),
                    "unit": unit * count,
                    **{name: values[:, :, row].ravel() for row, name in enumerate(wanted)},
                }
                writer.write_table(pa.table(columns, schema=pa.schema(fields)))
        return target
