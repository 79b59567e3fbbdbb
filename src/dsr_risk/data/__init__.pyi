from .assemble import as_data
from .dataset import Data
from .files import read_data
from .snapshot import load_data
from .starter import starter_table

__all__ = ["Data", "as_data", "load_data", "read_data", "starter_table"]
