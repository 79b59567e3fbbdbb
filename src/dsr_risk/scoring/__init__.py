"""Scoring: prepare data, learn a model, evaluate the tree, rank and decompose."""

from .model import Model
from .scores import Scores
from .verbs import as_scores, fit, score

__all__ = ["Model", "Scores", "as_scores", "fit", "score"]
