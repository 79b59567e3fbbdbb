"""Scoring: prepare data, learn a model, evaluate the tree, rank and decompose."""

from .model import Model
from .scores import Scores
from .verbs import fit, score

__all__ = ["Model", "Scores", "fit", "score"]
