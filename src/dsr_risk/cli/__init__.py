"""The command line: ``dsr-risk``."""

from .main import main

__all__ = ["main"]
