"""Output: files of tables, and the manifest of a run."""

from .manifest import manifest
from .tables import write_table

__all__ = ["manifest", "write_table"]
