"""The report page as a widget of a notebook (extra `notebook`): the same script, no network."""

from __future__ import annotations

import functools
from typing import Any

from .._util.documents import parse_document
from ..errors import MissingExtraError
from ..framework.definition import Framework
from ..scoring.scores import Scores
from .charts import bundle
from .options import Added
from .template import SCRIPTS, environment, parts_of, read

__all__ = ["explore"]


def explore(scores: Scores) -> Any:
    """Return a widget in which weights, goalposts and aggregation can be moved.

    Parameters
    ----------
    scores
        Scores; a panel gives its latest year.

    Returns
    -------
    anywidget.AnyWidget
        With ``framework``, the framework as moved in the widget, and ``state``, the text of the moves: it can
        be kept and set again.

    Raises
    ------
    MissingExtraError
        Without anywidget or jinja2 (extra `notebook`).

    Examples
    --------
    >>> from dsr_risk import score
    >>> widget = score().explore()
    >>> widget.framework == score().framework
    True
    """
    kind = _kind()
    environment()
    if scores.data.is_panel:
        scores = scores.select(year=scores.data.years[-1])
    parts = parts_of(scores, Added(), widget=True)
    return kind(scores, body=parts.body, sheet=parts.style, data=parts.data)


@functools.cache
def _kind() -> type[Any]:
    """Return the class of the widget, made where anywidget is there."""
    try:
        import anywidget
        import traitlets
    except ImportError:
        raise MissingExtraError.of("anywidget", extra="notebook", purpose="explore()") from None

    class Explorer(anywidget.AnyWidget):
        """The report page of some scores in a notebook."""

        _esm = widget_script()
        body = traitlets.Unicode().tag(sync=True)
        # Not `style` or `layout`: those names are models of ipywidgets, which would look this text up as one.
        sheet = traitlets.Unicode().tag(sync=True)
        data = traitlets.Unicode().tag(sync=True)
        state = traitlets.Unicode().tag(sync=True)
        moved = traitlets.Unicode().tag(sync=True)

        def __init__(self, scores: Scores, **traits: str) -> None:
            super().__init__(**traits)
            self.scores = scores

        @property
        def framework(self) -> Framework:
            """The framework as it is moved in the widget; the published one where nothing is."""
            if not self.moved:
                return self.scores.framework
            where = "framework of the widget"
            return Framework.from_dict(parse_document(self.moved, ".yaml", where), where)

    return Explorer


def widget_script() -> str:
    """Return the script of the widget: that of the page, and where the state is kept."""
    return "\n".join([bundle(), *(read(name) for name in (*SCRIPTS, "widget.js"))])
