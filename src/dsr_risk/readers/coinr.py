"""COINr's iMeta and iData (R, Becker et al. 2022) to a framework and a table of values."""

from __future__ import annotations

import re
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from .._util.arguments import typed
from ..data.countries import to_iso3
from ..errors import DataError, Problems, did_you_mean
from ._rows import numbers
from ._tables import read_table

TYPES = ("Indicator", "Aggregate", "Group", "Denominator", "Other")
_META = {
    "level": ("Level",),
    "code": ("iCode",),
    "direction": ("Direction",),
    "weight": ("Weight",),
    "parent": ("Parent",),
    "type": ("Type",),
}
_META_MORE = {
    "label": ("iName",),
    "unit": ("Unit",),
    "denominator": ("Denominator",),
    "low": ("Goalpost_Low", "lo", "Min", "LB"),
    "high": ("Goalpost_High", "hi", "Max", "UB"),
}
_NA = {"", "NA", "na", "NaN", "NULL"}


@dataclass(frozen=True, repr=False, eq=False)
class Coin:
    r"""A composite indicator of COINr.

    Attributes
    ----------
    framework : dict
        A framework as plain data: the top level of COINr's tree as scores, its levels as groups,
        ``Direction`` 1 as ``higher_is: riskier`` and -1 as ``safer``. COINr's own meaning of a high
        score is kept: where its index is a good thing, so is ours.
    data : DataFrame
        Indicators and denominators, one unit a row, index ``iso3`` (``uCode``, and the year where
        ``Time`` has several), float64. A copy.
    groups : DataFrame
        COINr's grouping variables, same index. A copy.
    denominators : dict
        Indicator -> the column it is divided by.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> _ = (folder / "meta.csv").write_text("Level,iCode,Direction,Weight,Parent,Type\n"
    ...     "1,roads,1,1,index,Indicator\n1,theft,-1,2,index,Indicator\n2,index,1,1,NA,Aggregate\n")
    >>> _ = (folder / "data.csv").write_text("uCode,uName,roads,theft\nKEN,Kenya,3,4\nPAK,Pakistan,5,6\n")
    >>> coin = coinr(folder / "meta.csv", folder / "data.csv")
    >>> [(child["name"], child["higher_is"]) for child in coin.framework["scores"][0]["children"]]
    [('roads', 'riskier'), ('theft', 'safer')]
    """

    _framework: dict[str, Any]
    _data: pd.DataFrame
    _groups: pd.DataFrame
    _denominators: dict[str, str]

    @property
    def framework(self) -> dict[str, Any]:
        """The framework as plain nested data, a copy."""
        return deepcopy(self._framework)

    @property
    def data(self) -> pd.DataFrame:
        """The values, a copy."""
        return self._data.copy()

    @property
    def groups(self) -> pd.DataFrame:
        """The grouping variables, a copy."""
        return self._groups.copy()

    @property
    def denominators(self) -> dict[str, str]:
        """Indicator -> denominator, a copy."""
        return dict(self._denominators)

    def __repr__(self) -> str:
        scores = ", ".join(group["name"] for group in self._framework["scores"])
        return (
            f"<Coin {scores}: {len(self._data):,} units, "
            f"{self._data.shape[1] - len(set(self._denominators.values()))} indicators, "
            f"{len(set(self._denominators.values()))} denominators, "
            f"{self._groups.shape[1]} groupings>"
        )


@typed
def coinr(imeta: str | Path, idata: str | Path) -> Coin:
    r"""Read COINr's two tables as a framework and its data.

    Parameters
    ----------
    imeta : path
        ``Level, iCode, Direction, Weight, Parent, Type`` and optionally ``iName, Unit,
        Denominator`` and goalposts (``Goalpost_Low, Goalpost_High``), one row a node.
    idata : path
        ``uCode`` (ISO 3166 alpha-3), optionally ``uName`` and ``Time``, and a column for every
        indicator, denominator and group.

    Returns
    -------
    Coin
        ``framework`` and ``data``.

    Raises
    ------
    DataError
        With every problem of the two tables at once: a code twice, a parent that does not exist or
        is not one level up, a direction that is not 1 or -1, an indicator without data, a unit
        that is no country.

    References
    ----------
    Becker, W., Caperna, G., Del Sorbo, M., Norlen, H., Papadimitriou, E., Saisana, M. (2022).
    COINr: An R package for developing composite indicators. Journal of Open Source Software 7(78).

    Examples
    --------
    >>> import pathlib, tempfile
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> _ = (folder / "meta.csv").write_text("Level,iCode,Direction,Weight,Parent,Type\n"
    ...     "1,roads,1,1,index,Indicator\n1,theft,-1,2,index,Indicator\n2,index,1,1,NA,Aggregate\n")
    >>> _ = (folder / "data.csv").write_text("uCode,uName,roads,theft\nKEN,Kenya,3,4\nPAK,Pakistan,5,6\n")
    >>> coinr(folder / "meta.csv", folder / "data.csv").data.loc["PAK"].tolist()
    [5.0, 6.0]
    """
    meta = _meta(imeta)
    body = read_table(
        idata,
        {"ucode": ("uCode",)},
        {"uname": ("uName",), "time": ("Time",)},
        extra=".*",
        source="COINr's iData (`uCode` and a column for every indicator)",
    )
    problems = Problems(f"{Path(imeta).name}, {body.name}")
    _check_tree(meta, problems)
    values = _numeric(meta, body.frame, problems)
    index = _units(body.frame, problems)
    problems.raise_as(DataError)
    values.index = index
    groups = body.frame[
        [name for name in meta.index[meta["type"].eq("Group")] if name in body.frame]
    ]
    groups = groups.set_axis(index, axis=0)
    return Coin(_framework(meta, Path(imeta).stem), values, groups, _denominators(meta))


def _meta(path: str | Path) -> pd.DataFrame:
    table = read_table(path, _META, _META_MORE, source="COINr's iMeta")
    frame = table.frame
    frame = frame.mask(frame.isin(_NA), "")
    for column in ("label", "unit", "denominator"):
        if column not in frame:
            frame[column] = ""
    twice = frame.loc[frame["code"].duplicated(), "code"]
    if len(twice):
        raise DataError(f"{table.name}: `iCode` must be unique, received {twice.iloc[0]!r} twice")
    for column in ("level", "direction", "weight", "low", "high"):
        if column in frame:
            values, wrong = numbers(frame[column])
            if wrong.any():
                row = frame[wrong].iloc[0]
                raise DataError(
                    f"{table.name}: row {frame.index[wrong][0]} (`{row['code']}`): `{column}` is "
                    f"{row[column]!r}, not a number"
                )
            frame[column] = values
    return frame.set_index("code")


def _nodes(meta: pd.DataFrame) -> pd.DataFrame:
    return meta[meta["type"].isin(["Indicator", "Aggregate"])]


def _check_tree(meta: pd.DataFrame, problems: Problems) -> None:
    nodes = _nodes(meta)
    level = {str(code): node for code, node in nodes["level"].items()}
    top = nodes["level"].max()
    for code, row in nodes.iterrows():
        parent = row["parent"]
        if pd.isna(row["level"]):
            problems.add(f"`{code}`: `Level` is missing")
        elif not parent and row["level"] != top:
            problems.add(f"`{code}`: no `Parent`, and level {row['level']:g} is not the top")
        elif parent and parent not in level:
            problems.add(
                f"`{code}`: parent `{parent}` does not exist; {did_you_mean(parent, level)}"
            )
        elif parent and level[parent] != row["level"] + 1:
            problems.add(
                f"`{code}`: level {row['level']:g}, but its parent `{parent}` has level "
                f"{level[parent]:g}, expected {row['level'] + 1:g}"
            )
        allowed = (1, -1) if row["type"] == "Indicator" else (1,)
        if row["direction"] not in allowed:
            choices = " or ".join(str(name) for name in allowed)
            problems.add(f"`{code}`: `Direction` must be {choices}, received {row['direction']:g}")
        if not row["weight"] >= 0:
            problems.add(f"`{code}`: `Weight` must be 0 or more, received {row['weight']:g}")
        if row["denominator"] and row["denominator"] not in meta.index:
            problems.add(f"`{code}`: denominator `{row['denominator']}` has no row of its own")
    odd = sorted(set(meta["type"]) - set(TYPES))
    problems.extend(f"unknown `Type` {kind!r}; known: {', '.join(TYPES)}" for kind in odd)


def _numeric(meta: pd.DataFrame, body: pd.DataFrame, problems: Problems) -> pd.DataFrame:
    wanted = meta.index[meta["type"].isin(["Indicator", "Denominator"])]
    columns: dict[str, Any] = {}
    for code in wanted:
        if code not in body:
            problems.add(f"`{code}` has no column in iData; {did_you_mean(code, body.columns)}")
            continue
        values, wrong = numbers(body[code])
        for row, given in body.loc[wrong, code].head(3).items():
            problems.add(f"row {row}, column `{code}`: {given!r} is not a number")
        columns[code] = values
    return pd.DataFrame(columns)


def _units(body: pd.DataFrame, problems: Problems) -> pd.Index:
    codes = to_iso3(body["ucode"])
    for row, given, code in zip(body.index, body["ucode"], codes, strict=True):
        if code is None:
            problems.add(f"row {row}: `uCode` {given!r} is not a country of ISO 3166")
    index = pd.Index(codes, name="iso3")
    if "time" in body and len(set(body["time"])) > 1:
        years, wrong = numbers(body["time"])
        if wrong.any():
            problems.add(f"`Time` must be years, received {body.loc[wrong, 'time'].iloc[0]!r}")
            return index
        index = pd.MultiIndex.from_arrays([codes, years.astype("int64")], names=["iso3", "year"])
    for unit in index[index.duplicated() & ~pd.isna(codes)]:
        problems.add(f"unit {unit} is there twice")
    return index


def _denominators(meta: pd.DataFrame) -> dict[str, str]:
    used = meta.loc[meta["type"].eq("Indicator"), "denominator"]
    return {str(code): str(value) for code, value in used.items() if value}


def _framework(meta: pd.DataFrame, name: str) -> dict[str, Any]:
    nodes = _nodes(meta)
    children: dict[str, list[str]] = {}
    for code, parent in nodes["parent"].items():
        children.setdefault(str(parent), []).append(str(code))
    rows = {
        str(code): {str(name): value for name, value in row.items()}
        for code, row in nodes.iterrows()
    }
    scores = [_group(rows, children, code, top=True) for code in children.get("", [])]
    return {
        "name": re.sub(r"\W+", "_", name).strip("_").casefold() or "coinr",
        "title": f"Composite indicator of COINr: {', '.join(score['label'] for score in scores)}",
        "version": "1.0.0",
        "scale": [0, 100],
        "defaults": {
            "normalisation": "minmax",
            "weighting": "given",
            "aggregation": "arithmetic",
            "min_coverage": 0.0,
        },
        "scores": scores,
    }


def _group(
    rows: dict[str, dict[str, Any]], children: dict[str, list[str]], code: str, *, top: bool = False
) -> dict[str, Any]:
    row = rows[code]
    node = {"name": code, "label": row["label"] or code}
    if not top:
        node["weight"] = float(row["weight"])
    node["children"] = [
        _group(rows, children, child)
        if rows[child]["type"] == "Aggregate"
        else _indicator(rows[child], child)
        for child in children.get(code, [])
    ]
    return node


def _indicator(row: dict[str, Any], code: str) -> dict[str, Any]:
    node: dict[str, Any] = {
        "name": code,
        "label": row["label"] or code,
        "unit": row["unit"],
        "higher_is": "riskier" if row["direction"] == 1 else "safer",
        "weight": float(row["weight"]),
    }
    if row["denominator"]:
        node["denominator"] = row["denominator"]
    low, high = row.get("low"), row.get("high")
    if low is not None and high is not None and pd.notna(low) and pd.notna(high):
        node["normalisation"] = {"method": "goalposts", "low": float(low), "high": float(high)}
    return node
