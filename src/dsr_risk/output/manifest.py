"""The manifest: what a table was made from, so that anybody can make it again."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from importlib import metadata
from typing import Any

from .._util.arguments import typed
from .._util.display import span
from ..data.countries import country_table
from ..framework.fields import GRADES
from ..scoring.marks import ESTIMATED_MARK, LARGE_SHARE, PARTIAL_MARK, all_marks
from ..scoring.scores import Scores
from ..scoring.verbs import Source, Spec, as_scores
from .wording import words_for

__all__ = ["how_to_read", "manifest"]


@typed
def manifest(
    framework: Scores | Spec | None = None,
    data: Source | None = None,
    *,
    command: str | None = None,
) -> dict[str, Any]:
    """Return versions, fingerprints of framework and data, sources with licences, and the command if one ran.

    There is no time stamp in it: the same inputs give the same bytes.

    Parameters
    ----------
    framework, data
        Scores, or a framework and data as ``score`` takes them.
    command
        The command line as typed, if one ran.

    Returns
    -------
    dict
        Plain data, ready for JSON.

    Examples
    --------
    >>> from dsr_risk import manifest, score
    >>> manifest(score())["framework"]["name"]
    'dsr'
    """
    scores = as_scores(framework, data)
    return _made(scores, command)


def _made(scores: Scores, command: str | None) -> dict[str, Any]:
    framework, data = scores.framework, scores.data
    out: dict[str, Any] = {
        "dsr_risk": metadata.version("dsr-risk"),
        "python": platform.python_version(),
        "libraries": {
            name: metadata.version(name) for name in ("numpy", "pandas", "scipy", "pydantic")
        },
        "framework": {
            "name": framework.name,
            "title": framework.title,
            "version": framework.version,
            "fingerprint": framework.fingerprint,
            "focal": framework.focal,
        },
        "data": {
            "origin": data.origin,
            "fingerprint": data.fingerprint,
            "units": len(data),
            "years": list(data.years),
            "reading": data.reading.to_dict(),
        },
        "reference": scores.reference,
        "how_to_read": how_to_read(scores, words_for(scores), "".join(all_marks(scores))),
        "notes": list(scores.notes),
        "sources": _sources(scores),
    }
    if command is not None:
        out["command"] = command
    return out


def how_to_read(
    scores: Scores, words: Mapping[str, str], marks: str = "", *, graded: bool = True
) -> list[str]:
    """Return what every table must say: direction of the scale, focal state; where `graded`, grade and marks."""
    framework = scores.framework
    notes = [words["scale"].format(scale=span(*framework.scale))]
    if framework.focal:
        name = country_table()["name"].get(framework.focal, framework.focal)
        notes.append(words["focal"].format(name=words.get(name, name)))
    if not graded:
        return notes
    notes.append(grade_note(words))
    if PARTIAL_MARK in marks:
        notes.append(words["partial_note"])
    if ESTIMATED_MARK in marks:
        notes.append(words["large"].format(share=f"{100 * LARGE_SHARE:.0f}"))
    return notes


def grade_note(words: Mapping[str, str]) -> str:
    """Return what a grade says, in the words of a language."""
    least = ", ".join(
        words["grade_from"].format(grade=grade, share=f"{100 * share:.0f}")
        for grade, share in GRADES.items()
    )
    return words["grade_note"].format(least=least)


def _sources(scores: Scores) -> list[dict[str, Any]]:
    """Return every source behind the scored cells, once, with its licence."""
    evidence = scores.data.evidence
    columns = [name for name in ("source", "publisher", "licence", "url") if name in evidence]
    if evidence.empty or not columns:
        return [{"source": scores.data.origin}]
    used = evidence["indicator"].isin(
        [indicator.data_column for indicator in scores.framework.indicators]
    )
    sources = evidence.loc[used, columns].drop_duplicates().sort_values(columns)
    return [
        {str(key): value for key, value in row.items() if value}
        for row in sources.to_dict("records")
    ]
