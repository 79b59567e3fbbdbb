"""``python -m dsr_risk`` is ``dsr-risk``."""

from .cli import main

if __name__ == "__main__":
    main(prog_name="dsr-risk")
