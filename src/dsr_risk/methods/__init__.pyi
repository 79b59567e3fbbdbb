from .aggregation import Aggregator, Mean
from .central import ConstantImputation, HotDeck, MeanImputation, MedianImputation
from .correlation_weights import CorrelationBalanced, Factor, InformationMaximising, Pca
from .curves import Logistic, Piecewise
from .dea import BenefitOfTheDoubt, BestCase
from .derived import Derived
from .dispersion import Critic, Entropy, Merec, StandardDeviation
from .distances import DistanceToMaximum, DistanceToReference, DistanceToTarget, FractionOfMaximum
from .expert import AnalyticHierarchy, BudgetAllocation
from .gate import Gate
from .imputation import Context, Delta, Imputer, ShareWeight
from .matching import MatchingImputation
from .mazziotta import AdjustedMazziottaPareto, MazziottaPareto
from .means import Arithmetic, Geometric, Harmonic, Power
from .mirrored import Mirrored, ProductOfChildren
from .neighbours import NearestNeighbours, Siblings
from .noncompensatory import Maximum, MeanMin, Median, Minimum, OrderedWeights
from .normalisation import Bound, Goalposts, MinMax, Normaliser
from .panel import LastObservation, LinearInterpolation
from .power_transforms import BoxCox, YeoJohnson
from .ranks import Borda, PercentileRank, Rank
from .regression import RegressionImputation
from .standardisation import Robust, Scaled, ZScore
from .transforms import Log, Log1p, LogGii, SignedLog
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
    "ConstantImputation",
    "Context",
    "CorrelationBalanced",
    "Critic",
    "DataQuality",
    "Delta",
    "Derived",
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
    "HotDeck",
    "Imputer",
    "InformationMaximising",
    "LastObservation",
    "Learner",
    "LinearInterpolation",
    "Log",
    "Log1p",
    "LogGii",
    "Logistic",
    "MatchingImputation",
    "Maximum",
    "MazziottaPareto",
    "Mean",
    "MeanImputation",
    "MeanMin",
    "Median",
    "MedianImputation",
    "Merec",
    "MinMax",
    "Minimum",
    "Mirrored",
    "NearestNeighbours",
    "NoTreatment",
    "Normaliser",
    "OrderedWeights",
    "Pca",
    "PercentileRank",
    "Piecewise",
    "Power",
    "ProductOfChildren",
    "Rank",
    "RegressionImputation",
    "Robust",
    "Scaled",
    "ShareWeight",
    "Siblings",
    "SignedLog",
    "StandardDeviation",
    "Treatment",
    "Weighter",
    "Winsorise",
    "YeoJohnson",
    "ZScore",
]
