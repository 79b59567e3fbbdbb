"""Make the draws of an uncertainty analysis again, block by block."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ..._util.atomic import atomic
from ..._util.checks import names_of
from ..._util.scratch import Scratch
from ..._util.types import Array, Index
from ...errors import MissingExtraError
from .figures import Figures

__all__ = ["Draws"]


@dataclass(frozen=True, eq=False)
class Draws:
    """The draws behind the figures, made again on request: in memory, labelled, or to a file."""

    figures: Figures

    @property
    def _count(self) -> int:
        return self.figures.draws

    @property
    def _rows(self) -> Index | slice:
        rows, units = self.figures.rows, self.figures.units
        return slice(None) if len(rows) == len(units) else rows

    @property
    def _units(self) -> pd.Index:
        return self.figures.units[self.figures.rows]

    @property
    def _blocks(self) -> int:
        return -(-self._count // self.figures.job.block_size)

    def blocks(self, nodes: Sequence[str] | None = None) -> Iterator[tuple[int, Array]]:
        """Yield the draws block by block: the first draw's number, values (draws, units, nodes)."""
        for start, values in self.whole_blocks(nodes):
            yield start, values[:, self._rows]

    def whole_blocks(self, nodes: Sequence[str] | None = None) -> Iterator[tuple[int, Array]]:
        """Yield the draws of all units that were scored, block by block."""
        figures, job = self.figures, self.figures.job
        wanted = figures.names if nodes is None else tuple(names_of("nodes", nodes))
        points, size = job.points(), job.block_size
        for block in range(self._blocks):
            u = points.block(block)[: self._count - block * size]
            if job.closed is None:
                values = figures.design.evaluate_block(
                    u, seed=job.seed, block=block, nodes=wanted, fast=figures.spec.fast
                )
            else:
                rows = [figures.row_of(name) for name in wanted]
                values = np.moveaxis(job.values(u, block, Scratch())[rows], 0, -1)
            yield block * size, values

    def sample(self, node: str | None = None) -> Array:
        """Return all draws of one node, (draws, units), in memory, as they came."""
        return self.whole(node)[:, self._rows]

    def whole(self, node: str | None = None) -> Array:
        """Return all draws of one node for all units that were scored, (draws, all units)."""
        wanted = self.figures.names[0] if node is None else node
        out = np.empty((self._count, len(self.figures.units)))
        for start, values in self.whole_blocks([wanted]):
            out[start : start + len(values)] = values[:, :, 0]
        return out

    def inputs(self) -> pd.DataFrame:
        """Return what the draws were made from, (draws, columns); see ``Uncertainty.inputs``."""
        job, layout = self.figures.job, self.figures.design.layout
        points, size = job.points(), job.block_size
        out = np.empty((self._count, layout.dimension))
        for block in range(self._blocks):
            u = points.block(block)[: self._count - block * size]
            out[block * size : block * size + len(u)] = layout.inputs(u)
        return pd.DataFrame(out, columns=list(layout.column_names))

    @property
    def facts(self) -> dict[str, str]:
        """The inputs of the draws, as texts."""
        scores = self.figures.design.nominal
        return {
            "framework": scores.framework.name,
            "framework_version": scores.framework.version,
            "framework_fingerprint": scores.framework.fingerprint,
            "data_fingerprint": scores.data.fingerprint,
            "draws": str(self._count),
            "seed": str(self.figures.job.seed),
            "scale": " to ".join(f"{end:g}" for end in scores.framework.scale),
            "direction": "higher is more risk",
        }

    def to_frame(self, nodes: Sequence[str] | None = None) -> pd.DataFrame:
        """Return all draws as a frame indexed (draw, unit[, year]), a float64 column for each node."""
        wanted = list(self.figures.names) if nodes is None else names_of("nodes", nodes)
        values = np.concatenate([part for _, part in self.blocks(wanted)])
        units, count = self._units, len(values)
        levels = [units.get_level_values(level) for level in range(units.nlevels)]
        index = pd.MultiIndex.from_arrays(
            [np.repeat(np.arange(count), len(units)), *(np.tile(level, count) for level in levels)],
            names=["draw", *units.names],
        )
        return pd.DataFrame(values.reshape(-1, len(wanted)), index=index, columns=wanted)

    def to_xarray(self, nodes: Sequence[str] | None = None) -> Any:
        """Return all draws as an xarray.DataArray (draw, unit, node); units of a panel are `PAK 2019`."""
        try:
            import xarray
        except ImportError:
            raise MissingExtraError.of("xarray", extra="xarray", purpose="labelled draws") from None
        wanted = list(self.figures.names) if nodes is None else names_of("nodes", nodes)
        values = np.concatenate([part for _, part in self.blocks(wanted)])
        units = self._units
        panel = [str(name) for name in units.names] if units.nlevels > 1 else []
        return xarray.DataArray(
            values,
            dims=("draw", "unit", "node"),
            coords={
                "draw": np.arange(len(values)),
                "unit": [" ".join(map(str, label)) if panel else label for label in units],
                **{name: ("unit", list(units.get_level_values(name))) for name in panel},
                "node": wanted,
            },
            name="score",
            attrs=self.facts,
        )

    def to_parquet(self, path: str | os.PathLike[str], nodes: Sequence[str] | None = None) -> Path:
        """Write all draws to a Parquet file, block by block, whole or not at all."""
        try:
            import pyarrow as pa
            import pyarrow.parquet as pq
        except ImportError:
            raise MissingExtraError.of(
                "pyarrow", extra="parquet", purpose="writing .parquet files"
            ) from None
        wanted = list(self.figures.names) if nodes is None else names_of("nodes", nodes)
        units: dict[str, list[Any]] = {"unit": [str(u) for u in self._units.get_level_values(0)]}
        if self._units.nlevels > 1:
            units["year"] = [int(year) for year in self._units.get_level_values(1)]
        fields = [
            ("draw", pa.int64()),
            *((name, pa.int64() if name == "year" else pa.string()) for name in units),
            *((name, pa.float64()) for name in wanted),
        ]
        schema = pa.schema(fields, metadata=self.facts)
        target = Path(path)
        with (
            atomic(target) as temporary,
            pq.ParquetWriter(temporary, schema) as writer,
        ):
            for start, values in self.blocks(wanted):
                count = len(values)
                columns = {
                    "draw": np.repeat(np.arange(start, start + count), values.shape[1]),
                    **{name: level * count for name, level in units.items()},
                    **{name: values[:, :, row].ravel() for row, name in enumerate(wanted)},
                }
                writer.write_table(pa.table(columns, schema=schema))
        return target
