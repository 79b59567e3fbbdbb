"""Build the documentation site: `python -m sphinx -W -b html docs docs/_build/html`."""

from __future__ import annotations

import shutil
from importlib.metadata import version as installed
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx

HERE = Path(__file__).parent
EXAMPLES = HERE.parent / "examples"
NOTEBOOKS = HERE / "notebooks"

project = "dsr-risk"
author = "The dsr-risk developers"
copyright = "The dsr-risk developers, MIT licence"  # noqa: A001 - Sphinx's name
release = version = installed("dsr-risk")

extensions = [
    "myst_nb",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.viewcode",
]
exclude_patterns = ["_build"]
html_theme = "pydata_sphinx_theme"  # the theme of numpy, pandas and scipy: search works offline
html_title = "dsr-risk"
html_show_sourcelink = False
html_theme_options = {"navigation_with_keys": False, "secondary_sidebar_items": ["page-toc"]}

autosummary_generate = True
autosummary_imported_members = False
autodoc_typehints = "none"  # numpydoc pages state the types in their own words
autodoc_member_order = "bysource"
numpydoc_show_class_members = False
default_role = "code"

myst_enable_extensions = ["colon_fence", "dollarmath"]
myst_heading_anchors = 3
nb_execution_mode = "force"
nb_execution_timeout = 240
nb_execution_raise_on_error = True
nb_merge_streams = True
suppress_warnings = ["mystnb.unknown_mime_type"]


def setup(app: Sphinx) -> None:
    """Copy the notebooks of examples/ at each build: Sphinx reads sources below docs/ only."""
    shutil.rmtree(NOTEBOOKS, ignore_errors=True)
    NOTEBOOKS.mkdir()
    for notebook in sorted(EXAMPLES.glob("*.ipynb")):
        shutil.copy(notebook, NOTEBOOKS / notebook.name)
