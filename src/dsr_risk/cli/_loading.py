"""The inputs of a command: framework, data, a saved model, and the scores of them."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from ..data.countries import country_iso3
from ..data.dataset import Data
from ..data.reading import cut
from ..data.snapshot import load_data
from ..errors import DataError, UnknownNameError, did_you_mean
from ..framework.definition import Framework
from ..framework.files import load_framework
from ..scoring.fitting import fit_and_score
from ..scoring.model import Model
from ..scoring.prepare import bundled_for, columns_of, data_for
from ..scoring.scores import Scores
from ._plots import remember_source
from ._shared import show_notes

__all__ = [
    "asked_framework",
    "laid_over",
    "load_inputs",
    "load_scores",
    "no_model",
    "one_year",
    "read_asked",
]


READING = (
    "sheet",
    "edition",
    "panel",
    "units",
    "decimal",
    "thousands",
    "missing",
    "encoding",
    "only",
)


def read_asked(path: str | Path, reading: Mapping[str, Any]) -> Data:
    """Read a data file as the reading options ask."""
    # Imported here: the readers of tables take longer to import than the bundled data take to score.
    from ..data.files import read_data

    asked = dict(reading)
    codes = tuple(asked.pop("missing", None) or ())
    if codes:
        asked["missing"] = () if codes == ("none",) else codes
    if only := asked.pop("only", None):
        asked["only"] = _pairs(only)
    return read_data(path, **asked)


def _pairs(texts: Sequence[str]) -> dict[str, str]:
    """Return `column=value` texts as a mapping."""
    pairs = [text.partition("=") for text in texts]
    if wrong := [column for column, mark, _ in pairs if not mark or not column]:
        raise DataError(f"--only must be COLUMN=VALUE, such as sex=T, received {cut(wrong[0])}")
    counts = Counter(column for column, _, _ in pairs)
    if twice := [column for column, count in counts.items() if count > 1]:
        raise DataError(f"--only takes one value of a column, received several of {cut(twice[0])}")
    return {column: value for column, _, value in pairs}


def load_inputs(
    *,
    framework: str | None,
    preset: str | None,
    focal: str | None,
    data: str | None,
    model: str | None,
    update: tuple[str, ...] = (),
    **reading: Any,
) -> tuple[Model | None, Framework, Data]:
    """Return the saved model if any, the framework and the data of the shared options."""
    if model is not None and (framework or preset or focal):
        raise UnknownNameError(
            "--model brings its framework: leave out --framework, --preset, --focal"
        )
    asked = [name for name in READING if reading.get(name) not in (None, ())]
    if data is None and not update and asked:
        options = ", ".join(f"--{name}" for name in asked)
        raise UnknownNameError(f"{options} says how your file is read: name it with --data")

    fitted = None if model is None else Model.load(model)
    wanted = fitted.framework if fitted else asked_framework(framework, preset or None, focal)
    if reading.get("units") not in (None, wanted.units):
        wanted = wanted.replace({"units": reading["units"]})
        fitted = None if fitted is None else dataclasses.replace(fitted, framework=wanted)
    reading |= {"units": wanted.units, "indicators": columns_of(wanted)}
    cables: str | None = reading.pop("cables", None)
    if data is not None:
        table = data_for(wanted, lambda: read_asked(data, reading), strict=True)
    else:
        table = load_data() if update else bundled_for(wanted)
    for path in update:
        table = laid_over(table, read_asked(path, reading), wanted, path)
    if cables is not None:
        # Imported here: records and their readers take longer to import than the bundled scores take.
        from ..data.assemble import as_data
        from ..readers.telegeography import telegeography
        from ..records.cables import cable_columns

        columns = cable_columns(telegeography(cables).records, focal=wanted.focal)
        table = laid_over(table, as_data(columns), wanted, "--cables", needed=True)
    remember_source(wanted, table)
    return fitted, wanted, table


def load_scores(*, year: int | None = None, **given: Any) -> Scores:
    """Return the scores of the shared options; a user's file is checked strictly."""
    fitted, framework, data = load_inputs(**given)
    strict = given["data"] is not None
    scores = (
        fit_and_score(framework, data, strict=strict)
        if fitted is None
        else fitted.score(data, strict=strict)
    )
    if year is not None:
        scores = scores.select(year=year)
    show_notes([*scores.data.reading.lines(), *scores.notes])
    return scores


def laid_over(
    data: Data, over: Data, framework: Framework, origin: str, *, needed: bool = False
) -> Data:
    """Lay a table over data; a column that neither the data nor the framework has is an error."""
    inputs = [indicator.data_column for indicator in framework.inputs]
    columns = inputs if needed else [*inputs, *data.columns]
    unknown = [name for name in over.columns if name not in columns]
    if unknown and needed:
        raise UnknownNameError(
            f"{origin}: framework `{framework.name}` has no column {', '.join(f'`{n}`' for n in unknown)}; "
            "ask for --preset with_cables"
        )
    if unknown:
        near = did_you_mean(unknown[0], columns)
        raise UnknownNameError(
            f"{origin}: column `{unknown[0]}` is neither in the framework nor in the data; {near}"
        )
    return data.update(over)


def one_year(frame: pd.DataFrame, year: int | None) -> pd.DataFrame:
    """Return the rows of one year of a panel by country, and the columns where those are units as well."""
    if year is None or frame.index.nlevels < 2:
        return frame
    kept = frame[frame.index.get_level_values(1) == year].droplevel(1)
    if kept.columns.nlevels > 1:
        kept = kept.loc[:, kept.columns.get_level_values(1) == year].droplevel(1, axis=1)
    return kept


def asked_framework(framework: str | None, preset: str | None, focal: str | None) -> Framework:
    """Return the framework that the options name."""
    loaded = load_framework("dsr" if framework is None else framework, preset=preset)
    if focal is None:
        return loaded
    return loaded.replace({"focal": None if focal.casefold() == "none" else country_iso3(focal)})


def no_model(given: Mapping[str, Any]) -> None:
    """Refuse a saved model where methods must be learned again: it holds no reference data."""
    if given.get("model") is not None:
        raise UnknownNameError(
            "--model cannot be used here: each draw refits the framework and needs data. Use --framework "
            "and --data"
        )
