"""The first edition of the bundled framework and its data: tests whose numbers must not move use them."""

from __future__ import annotations

from functools import cache

import pandas as pd

import dsr_risk as dr
from tests.folders import ROOT

FOLDER = ROOT / "tests" / "data" / "first_edition"
FRAMEWORK = FOLDER / "dsr.yaml"
DATA = FOLDER / "snapshot.csv"


@cache
def first_framework() -> dr.Framework:
    """The framework `dsr` of version 1.0.0."""
    return dr.load_framework(FRAMEWORK)


@cache
def first_data() -> dr.Data:
    """Its snapshot, every cell with its evidence."""
    frame = pd.read_csv(DATA, keep_default_na=False, dtype=str)
    return dr.as_data(frame, edition=2023)


@cache
def first_scores() -> dr.Scores:
    """Its scores."""
    return dr.score(first_framework(), first_data())
