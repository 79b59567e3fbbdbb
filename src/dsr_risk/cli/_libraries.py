"""Settings of libraries that the command makes before it imports them."""

from __future__ import annotations

import os

__all__ = ["prepare_libraries"]

_ONE_THREAD = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


def prepare_libraries() -> None:
    """Ask for one thread and no plug-ins, unless the environment says otherwise.

    The matrices are small: the threads of a linear algebra library take more processor time to wait for each
    other than they save, and `--workers` runs on several processors. Pydantic reads the metadata of every
    installed package to find plug-ins.
    """
    for name in _ONE_THREAD:
        os.environ.setdefault(name, "1")
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
