"""Colours of risk bands and of text on them."""

from __future__ import annotations

import numpy as np

from .._util.types import Array
from ..framework.definition import Framework

__all__ = ["band_colours", "readable_ink"]


def band_colours(framework: Framework) -> dict[str, str]:
    """Return a colour for every band as #rrggbb, darker for more risk."""
    bands = sorted(framework.bands, key=lambda label: framework.bands[label])
    anchors: Array = np.array([[255, 247, 205], [253, 190, 100], [240, 100, 60], [150, 10, 40]])
    at = np.linspace(0, 3, max(2, len(bands)))
    mixed = np.column_stack([np.interp(at, range(4), anchors[:, part]) for part in range(3)])
    return {
        label: "#{:02x}{:02x}{:02x}".format(*(round(float(part)) for part in colour))
        for label, colour in zip(bands, mixed, strict=False)
    }


def readable_ink(colour: str) -> str:
    """Return black or white, whichever has more contrast on a colour #rrggbb (WCAG 2.1, relative luminance).

    Examples
    --------
    >>> readable_ink("#ffffff"), readable_ink("#960a28")
    ('#000000', '#ffffff')
    """
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return "#000000" if 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 else "#ffffff"
