"""``dsr-risk leave-one-out``."""

from __future__ import annotations

from .._util.faces import plots
from ..analysis.sensitivity import leave_one_out
from ._verbs import score_parameter, table_command

__all__ = ["command"]

command = table_command(
    leave_one_out,
    score_parameter(),
    selection=True,
    picture=lambda result, subject: plots().ranks_without(
        result, title=f"{subject}: ranks without each node"
    ),
    text="Take out each indicator and group in turn: rank shifts.",
)
