"""The citation of scores: framework, data and library with their versions and fingerprints."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from .._util.arguments import typed
from ..errors import UnknownNameError, did_you_mean
from ..scoring.scores import Scores
from ..scoring.verbs import Source, Spec, as_scores
from .manifest import manifest

__all__ = ["citation"]


@typed
def citation(
    framework: Scores | Spec | None = None, data: Source | None = None, *, form: str = "text"
) -> str:
    """Return a citation of scores: title, version, data with fingerprints, and the library's version.

    Parameters
    ----------
    framework, data
        Scores, or a framework and data as ``score`` takes them.
    form
        ``text``, ``bibtex`` or ``sources``: the sources with publisher and licence, one a line.

    Returns
    -------
    str
        The citation, one line, or one line a source.

    Raises
    ------
    UnknownNameError
        For another form.

    Examples
    --------
    >>> from dsr_risk import citation, score
    >>> citation(score()).startswith("Digital Silk Road: ")
    True
    """
    forms: dict[str, Callable[[dict[str, Any]], str]] = {
        "text": _text,
        "bibtex": _bibtex,
        "sources": _sources,
    }
    if form not in forms:
        raise UnknownNameError(f"unknown form `{form}`; {did_you_mean(str(form), forms)}")
    return forms[form](manifest(as_scores(framework, data)))


def _parts(facts: dict[str, Any]) -> tuple[str, str, str]:
    framework, data = facts["framework"], facts["data"]
    title = framework["title"] or framework["name"]
    years = data["years"]
    when = f", {years[-1]}" if years else ""
    version = f" {framework['version']}" if framework["version"] else ""
    made = f"framework {framework['name']}{version} ({framework['fingerprint']})"
    return title, made, f"data: {data['origin']}{when} ({data['fingerprint']})"


def _text(facts: dict[str, Any]) -> str:
    title, made, data = _parts(facts)
    return f"{title}. {made[0].upper()}{made[1:]}; {data}; dsr-risk {facts['dsr_risk']}."


def _bibtex(facts: dict[str, Any]) -> str:
    title, made, data = _parts(facts)
    years = facts["data"]["years"]
    key = re.sub(r"\W", "", f"{facts['framework']['name']}{facts['framework']['version']}")

    def tex(text: str) -> str:
        return re.sub(r"([&%$#_{}])", r"\\\1", text.replace("\\", "/"))

    lines = [
        f"@misc{{{key},",
        "  author = {{The dsr-risk developers}},",
        f"  title = {{{{{tex(title)}}}}},",
        *([f"  year = {{{years[-1]}}},"] if years else []),
        f"  note = {{{tex(made)}; {tex(data)}}},",
        f"  howpublished = {{dsr-risk {facts['dsr_risk']}}},",
        "}",
    ]
    return "\n".join(lines)


def _sources(facts: dict[str, Any]) -> str:
    lines = ["; ".join(str(fact) for fact in source.values()) for source in facts["sources"]]
    return "\n".join(dict.fromkeys(lines))
