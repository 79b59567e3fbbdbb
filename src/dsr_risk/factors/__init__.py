"""Factors: what is uncertain in a framework and how it varies; numpy and scipy only.

A framework's ``factors`` maps a name to a factor. The name is the target, written like the paths of
``Framework.replace``; a factor with another name states its target in ``at``::

    factors:
      dependency.weights: {method: spread, share: 0.25}
      "*.aggregation": {method: choice, options: [as_written, geometric]}
      imports_focal_share.normalisation.high: {method: uniform, share: 0.2}
      "*.goalposts": {method: uniform, share: 0.1}
      incident_rate.data: {method: under_reported, low: 0.5, high: 1}
      register: {method: standard_error, at: focal_digital_projects.data, relative: 0.1}
      "*.missing": {method: peers, by: income}

Targets: ``<group>.weights`` (its children's weights), ``<node>.goalposts``, ``<node>.data``,
``<node>.missing`` (every indicator at or below the node), any number in a method
(``<node>.aggregation.p``), and for choices any path that ``replace`` takes, a group standing for every
indicator below it. ``*`` stands for the whole framework. A new factor is a subclass with a name.
"""

from .._util.renamed import old_names
from ._base import Factor, Target, target_of
from .bounded_errors import Interval, Misclassified, UnderReported
from .choices import Choice
from .errors_in_data import (
    Cells,
    Confidence,
    DataFactor,
    Noise,
    Revision,
    StandardError,
)
from .missing import Imputed, MissingFactor, Peers
from .parameters import ParameterFactor, Triangular, Uniform
from .weights import Dirichlet, Intervals, Order, Spread, Stakeholders, WeightFactor

__all__ = [
    "Cells",
    "Choice",
    "Confidence",
    "DataFactor",
    "Dirichlet",
    "Factor",
    "Imputed",
    "Interval",
    "Intervals",
    "Misclassified",
    "MissingFactor",
    "Noise",
    "Order",
    "ParameterFactor",
    "Peers",
    "Revision",
    "Spread",
    "Stakeholders",
    "StandardError",
    "Target",
    "Triangular",
    "UnderReported",
    "Uniform",
    "WeightFactor",
    "target_of",
]

RENAMED = {
    "Place": "Target",
    "place_of": "target_of",
    **dict.fromkeys(("factor_problems", "following", "leaves_below", "methods_at")),
}
__getattr__ = old_names(__name__, RENAMED)
