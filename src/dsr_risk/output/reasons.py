"""The reason why a country has no score, in the words of a language."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pandas as pd

from ..scoring.scores import Scores

__all__ = ["why"]

COVERAGE = re.compile(
    r"coverage (?P<share>[\d.]+) below (?P<least>[\d.]+)"
    r"(?:, and hard bounds (?P<width>[\d.e+]+) points apart, above (?P<most>[\d.e+]+))?(?:, (?P<rest>.*))?"
)
STARTS = {
    "focal": "is_focal",
    "not applicable": "nothing",
    "no indicator observed": "unobserved",
    "too few children": "few_children",
    "undefined": "undefined",
}


def why(
    scores: Scores, words: Mapping[str, str], titles: Mapping[str, str]
) -> dict[str, pd.Series[str]]:
    """Return for every headline score the reason of every country in words; "" where there is a score.

    `titles` are the headlines to report on.
    """
    return {
        name: scores.reason[name].map(
            lambda reason: _translated(str(reason), words) if reason else ""
        )
        for name in titles
    }


def _translated(reason: str, words: Mapping[str, str]) -> str:
    fits = COVERAGE.fullmatch(reason)
    if fits:
        parts = [words["coverage_below"].format(share=fits["share"], least=fits["least"])]
        if fits["width"]:
            parts.append(words["bounds_apart"].format(width=fits["width"], most=fits["most"]))
        if fits["rest"]:
            parts.append(fits["rest"])
        return f"{words['too_little']} ({', '.join(parts)})"
    key = next((key for start, key in STARTS.items() if reason.startswith(start)), None)
    if key is None:
        return reason
    code = reason.partition(": ")[2] or reason.partition(", ")[2]
    return f"{words[key]} ({words.get(code, code)})" if code else words[key]
