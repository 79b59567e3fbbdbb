"""Output: files of tables, and the manifest of a run."""

from .citation import citation
from .manifest import manifest
from .tables import write_table

__all__ = ["citation", "manifest", "write_table"]
