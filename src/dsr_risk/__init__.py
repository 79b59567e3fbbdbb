"""Country risk scores: transparent, decomposable, with their uncertainty.

Higher is more risk, scores are on 0-100, rank 1 is most risk.

Examples
--------
>>> import dsr_risk as dr
>>> scores = dr.score()                       # the bundled framework on the bundled data
>>> explanation = dr.explain(scores, "Pakistan")
"""

from ._api import fit, score
from ._assemble import as_data
from .configs import bundled_frameworks, load_framework, save_framework
from .data import Data
from .data_files import read_data
from .datasets import load_data
from .errors import (
    DataError,
    DsrRiskError,
    FrameworkError,
    MissingExtraError,
    NotScorableError,
    UnknownNameError,
)
from .explain import Explanation, explain
from .framework import Framework, Group, Indicator
from .manifest import manifest
from .model import Model
from .scores import Scores
from .tables import write_table

__version__ = "0.1.0"

__all__ = [
    "Data",
    "DataError",
    "DsrRiskError",
    "Explanation",
    "Framework",
    "FrameworkError",
    "Group",
    "Indicator",
    "MissingExtraError",
    "Model",
    "NotScorableError",
    "Scores",
    "UnknownNameError",
    "__version__",
    "as_data",
    "bundled_frameworks",
    "explain",
    "fit",
    "load_data",
    "load_framework",
    "manifest",
    "read_data",
    "save_framework",
    "score",
    "write_table",
]
