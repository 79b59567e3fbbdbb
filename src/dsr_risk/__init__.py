"""Country risk scores: transparent, decomposable, with their uncertainty.

Higher is more risk, scores are on 0-100, rank 1 is most risk.

Examples
--------
>>> import dsr_risk as dr
>>> scores = dr.score()                       # the bundled framework on the bundled data
>>> explanation = dr.explain(scores, "Pakistan")
"""

from typing import Any

import lazy_loader

__version__ = "0.2.0.dev0"

# Public names and their modules are listed in `__init__.pyi`, for type checkers and for this loader. They
# are imported on first use: `import dsr_risk` and `dsr-risk --help` stay fast (Scientific Python SPEC 1).
_load, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

RENAMED = {
    "as_of": "data_as_of",
    "given_data": "sensitivity_from_draws",
    "save_framework": "Framework.save(path)",
    "screen": "screen_data",
}
"""Names of version 0.1 and what replaces each; the error for an old name gives the new one."""


def __getattr__(name: str) -> Any:
    if name in RENAMED:
        raise AttributeError(f"`dsr_risk.{name}` was renamed in version 0.2: use `{RENAMED[name]}`")
    return _load(name)
