"""Framework: indicators, groups, headline scores and their methods, as data."""

from .definition import Framework, Group, Indicator
from .files import bundled_frameworks, load_framework

__all__ = [
    "Framework",
    "Group",
    "Indicator",
    "bundled_frameworks",
    "load_framework",
]
