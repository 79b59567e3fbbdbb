"""``python -m dsr_risk`` is ``dsr-risk``."""

from .cli import main

main(prog_name="dsr-risk")
