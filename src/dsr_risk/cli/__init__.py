"""The command line: ``dsr-risk``."""

import sys

try:
    from .main import main
except KeyboardInterrupt:
    # Ctrl-C while modules are imported, before the command has begun.
    sys.stderr.write("interrupted: no table was written\n")
    raise SystemExit(130) from None

__all__ = ["main"]
