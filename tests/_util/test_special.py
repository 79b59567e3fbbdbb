"""Functions of scipy.special are loaded without the package, and are the same."""

from __future__ import annotations

import subprocess
import sys

import pytest

from dsr_risk._util import special

ALONE = """
import sys
import dsr_risk.methods._normal_cells
from dsr_risk._util import special
assert "scipy.special" not in sys.modules
import scipy.special
from scipy.special import erf
assert erf(0) == 0 and scipy.special.logsumexp([0.0]) == 0
print(all(getattr(special, name) is getattr(scipy.special, name) for name in special.__all__))
"""

BROKEN = """
import sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name == "scipy.special._ufuncs" and not getattr(sys.modules["scipy.special"], "__file__", None):
            raise ImportError(name)
sys.meta_path.insert(0, Refuse())
from dsr_risk._util import special
import scipy.special
print(special.ndtri is scipy.special.ndtri and scipy.special.__file__ is not None)
"""


@pytest.mark.parametrize("code", [ALONE, BROKEN])
def test_functions_are_those_of_scipy(code: str) -> None:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "True"


def test_package_that_is_loaded_is_used() -> None:
    import scipy.special

    assert special.compiled_functions() is scipy.special


def test_another_thread_finds_the_whole_package() -> None:
    import scipy.special

    assert special._in_package("logsumexp") is not None
    with pytest.raises(AttributeError):
        special._in_package("__file__")
    assert sys.modules["scipy.special"].logsumexp([0.0]) == scipy.special.logsumexp([0.0])
