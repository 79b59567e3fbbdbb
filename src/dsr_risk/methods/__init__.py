"""The methods of the handbook, family by family; numpy and scipy only."""

from .aggregation import Aggregator, Arithmetic, Geometric, Harmonic, Mean, Power
from .imputation import Context, Imputer, NoImputation
from .normalisation import Goalposts, MinMax, Normaliser
from .treatment import NoTreatment, Treatment
from .weighting import DataQuality, Equal, Given, Weighter

__all__ = [
    "Aggregator",
    "Arithmetic",
    "Context",
    "DataQuality",
    "Equal",
    "Geometric",
    "Given",
    "Goalposts",
    "Harmonic",
    "Imputer",
    "Mean",
    "MinMax",
    "NoImputation",
    "NoTreatment",
    "Normaliser",
    "Power",
    "Treatment",
    "Weighter",
]
