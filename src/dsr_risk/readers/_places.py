"""Countries named in running text, by name or by the adjective of their people."""

from __future__ import annotations

from ..data.names import ambiguous_in, countries_in

__all__ = ["ambiguous_in", "countries_in"]
