"""``dsr-risk leave-one-out``."""

from __future__ import annotations

from ..analysis.sensitivity import leave_one_out
from ._verbs import score_option, table_command

__all__ = ["command"]

command = table_command(
    leave_one_out,
    score_option(),
    text="Take out each indicator and group in turn: rank shifts.",
)
