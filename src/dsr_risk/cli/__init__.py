"""The command line: ``dsr-risk``."""

from ._interrupt import uninterrupted_imports

with uninterrupted_imports():
    from .main import main

__all__ = ["main"]
