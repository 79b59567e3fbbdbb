"""Framework: indicators, groups, headline scores and their methods, as data."""

from .definition import Framework
from .files import bundled_frameworks, load_framework
from .nodes import Group, Indicator

__all__ = [
    "Framework",
    "Group",
    "Indicator",
    "bundled_frameworks",
    "load_framework",
]
