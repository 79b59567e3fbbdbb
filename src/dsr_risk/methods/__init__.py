"""The methods of the handbook, family by family; numpy and scipy only."""

from .aggregation import Aggregator, Arithmetic, Geometric, Harmonic, Mean, Power
from .curves import Logistic, Piecewise
from .distances import DistanceToMaximum, DistanceToReference, DistanceToTarget, FractionOfMaximum
from .gate import Gate
from .imputation import Context, Imputer, NoImputation
from .normalisation import Bound, Goalposts, MinMax, Normaliser
from .ranks import Borda, PercentileRank, Rank
from .standardisation import Robust, Scaled, ZScore
from .transforms import BoxCox, Log, Log1p, LogGii, SignedLog, YeoJohnson
from .treatment import NoTreatment, Treatment
from .weighting import DataQuality, Equal, Given, Weighter
from .winsorising import Winsorise

__all__ = [
    "Aggregator",
    "Arithmetic",
    "Borda",
    "Bound",
    "BoxCox",
    "Context",
    "DataQuality",
    "DistanceToMaximum",
    "DistanceToReference",
    "DistanceToTarget",
    "Equal",
    "FractionOfMaximum",
    "Gate",
    "Geometric",
    "Given",
    "Goalposts",
    "Harmonic",
    "Imputer",
    "Log",
    "Log1p",
    "LogGii",
    "Logistic",
    "Mean",
    "MinMax",
    "NoImputation",
    "NoTreatment",
    "Normaliser",
    "PercentileRank",
    "Piecewise",
    "Power",
    "Rank",
    "Robust",
    "Scaled",
    "SignedLog",
    "Treatment",
    "Weighter",
    "Winsorise",
    "YeoJohnson",
    "ZScore",
]
