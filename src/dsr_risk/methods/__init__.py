"""The methods of the handbook, family by family; numpy and scipy only."""

from .aggregation import Aggregator, Arithmetic, Geometric, Harmonic, Mean, Power
from .correlation_weights import CorrelationBalanced, Factor, InformationMaximising, Pca
from .curves import Logistic, Piecewise
from .dea import BenefitOfTheDoubt, BestCase
from .dispersion import Critic, Entropy, Merec, StandardDeviation
from .distances import DistanceToMaximum, DistanceToReference, DistanceToTarget, FractionOfMaximum
from .expert import AnalyticHierarchy, BudgetAllocation
from .gate import Gate
from .imputation import Context, Imputer, NoImputation
from .mazziotta import AdjustedMazziottaPareto, MazziottaPareto
from .noncompensatory import Maximum, MeanMin, Median, Minimum, OrderedWeights
from .normalisation import Bound, Goalposts, MinMax, Normaliser
from .ranks import Borda, PercentileRank, Rank
from .standardisation import Robust, Scaled, ZScore
from .transforms import BoxCox, Log, Log1p, LogGii, SignedLog, YeoJohnson
from .treatment import NoTreatment, Treatment
from .weighting import DataQuality, Equal, Given, Learner, Weighter
from .winsorising import Winsorise

__all__ = [
    "AdjustedMazziottaPareto",
    "Aggregator",
    "AnalyticHierarchy",
    "Arithmetic",
    "BenefitOfTheDoubt",
    "BestCase",
    "Borda",
    "Bound",
    "BoxCox",
    "BudgetAllocation",
    "Context",
    "CorrelationBalanced",
    "Critic",
    "DataQuality",
    "DistanceToMaximum",
    "DistanceToReference",
    "DistanceToTarget",
    "Entropy",
    "Equal",
    "Factor",
    "FractionOfMaximum",
    "Gate",
    "Geometric",
    "Given",
    "Goalposts",
    "Harmonic",
    "Imputer",
    "InformationMaximising",
    "Learner",
    "Log",
    "Log1p",
    "LogGii",
    "Logistic",
    "Maximum",
    "MazziottaPareto",
    "Mean",
    "MeanMin",
    "Median",
    "Merec",
    "MinMax",
    "Minimum",
    "NoImputation",
    "NoTreatment",
    "Normaliser",
    "OrderedWeights",
    "Pca",
    "PercentileRank",
    "Piecewise",
    "Power",
    "Rank",
    "Robust",
    "Scaled",
    "SignedLog",
    "StandardDeviation",
    "Treatment",
    "Weighter",
    "Winsorise",
    "YeoJohnson",
    "ZScore",
]
