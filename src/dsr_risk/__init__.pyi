from . import factors, methods, plots, readers, records
from .analysis.audit import Audit, audit
from .analysis.best_case import best_case
from .analysis.compare import Comparison, compare
from .analysis.explain import explain
from .analysis.explanation import Explanation
from .analysis.outranking import Outranking, outranking
from .analysis.panel import Replay, data_as_of, replay, trends
from .analysis.robustness import Robustness, WeightSet, robustness
from .analysis.scenario import (
    Scenario,
    ScenarioResult,
    StressTest,
    levers,
    scenario,
    scenarios,
    stress_test,
)
from .analysis.screening import denomination_hints, screen_data
from .analysis.sensitivity import (
    Sensitivity,
    leave_one_out,
    sensitivity,
    sensitivity_from_draws,
    tornado,
    weight_swings,
)
from .analysis.uncertainty import Uncertainty, uncertainty
from .analysis.value_of_information import ValueOfInformation, value_of_information
from .analysis.what_if import (
    Actions,
    Fragility,
    Pathway,
    Reversal,
    Stakeholders,
    elasticities,
    fragility,
    pathway,
    reversal,
    reversals,
    stakeholders,
)
from .data.assemble import as_data
from .data.dataset import Data
from .data.files import read_data
from .data.snapshot import load_data
from .data.starter import starter_table
from .errors import (
    ArgumentError,
    DataError,
    DsrRiskError,
    FrameworkError,
    MissingExtraError,
    NotScorableError,
    UnknownNameError,
)
from .framework.definition import Framework
from .framework.files import bundled_frameworks, load_framework
from .framework.nodes import Group, Indicator
from .output.citation import citation
from .output.correlations import correlations
from .output.crosswalk import crosswalk
from .output.live.write import workbook
from .output.manifest import manifest
from .output.publication import Publication
from .output.publish import publish
from .output.tables import write_table
from .pages.country_profile import Profile, profile
from .pages.report import report
from .scoring.compiled import Compiled
from .scoring.model import Model
from .scoring.scores import Scores
from .scoring.verbs import fit, score

__version__: str

__all__ = [
    "Actions",
    "ArgumentError",
    "Audit",
    "Comparison",
    "Compiled",
    "Data",
    "DataError",
    "DsrRiskError",
    "Explanation",
    "Fragility",
    "Framework",
    "FrameworkError",
    "Group",
    "Indicator",
    "MissingExtraError",
    "Model",
    "NotScorableError",
    "Outranking",
    "Profile",
    "Pathway",
    "Publication",
    "Replay",
    "Reversal",
    "Robustness",
    "Scenario",
    "ScenarioResult",
    "Scores",
    "Sensitivity",
    "Stakeholders",
    "StressTest",
    "Uncertainty",
    "UnknownNameError",
    "ValueOfInformation",
    "WeightSet",
    "__version__",
    "as_data",
    "audit",
    "best_case",
    "bundled_frameworks",
    "citation",
    "compare",
    "correlations",
    "crosswalk",
    "data_as_of",
    "denomination_hints",
    "elasticities",
    "explain",
    "factors",
    "fit",
    "fragility",
    "leave_one_out",
    "levers",
    "load_data",
    "load_framework",
    "manifest",
    "methods",
    "outranking",
    "pathway",
    "plots",
    "profile",
    "publish",
    "read_data",
    "readers",
    "records",
    "report",
    "replay",
    "reversal",
    "reversals",
    "robustness",
    "scenario",
    "scenarios",
    "score",
    "screen_data",
    "sensitivity",
    "sensitivity_from_draws",
    "stakeholders",
    "starter_table",
    "stress_test",
    "tornado",
    "trends",
    "uncertainty",
    "value_of_information",
    "weight_swings",
    "workbook",
    "write_table",
]
