"""The bundled snapshot built from publishers' files: `dsr-risk snapshot build`."""

from .folder import Folder
from .output import build, changes

__all__ = ["Folder", "build", "changes"]
