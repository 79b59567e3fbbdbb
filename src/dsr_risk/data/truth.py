"""Words for yes and no in columns of a table, as 1 and 0."""

from __future__ import annotations

from collections.abc import Collection, Iterable

__all__ = ["TRUTH", "truth_of"]

PAIRS = (
    ("true", "false"),
    ("yes", "no"),
    ("ja", "nein"),
    ("ja", "nee"),
    ("ja", "nej"),
    ("oui", "non"),
    ("vrai", "faux"),
    ("wahr", "falsch"),
    ("s\u00ed", "no"),
    ("si", "no"),
    ("verdadero", "falso"),
    ("sim", "n\u00e3o"),
    ("verdadeiro", "falso"),
    ("vero", "falso"),
    ("tak", "nie"),
    ("prawda", "fa\u0142sz"),
    ("\u0434\u0430", "\u043d\u0435\u0442"),
    ("\u662f", "\u5426"),
    ("\u0646\u0639\u0645", "\u0644\u0627"),
)
LETTERS = (("y", "n"), ("t", "f"), ("j", "n"), ("o", "n"))
"""Single letters, which are read only where both stand in a column."""
TRUTH = frozenset(word for pair in (*PAIRS, *LETTERS) for word in pair)
"""Every word that may mean yes or no, folded."""
DIGITS = {"1": 1.0, "0": 0.0, "1.0": 1.0, "0.0": 0.0}


def truth_of(texts: Collection[str]) -> dict[str, float] | None:
    """Return 1 or 0 for every text, if all are one pair of words for yes and no; else None.

    The digits 1 and 0 may stand among the words. A column of digits alone is one of numbers, and None.

    Examples
    --------
    >>> truth_of(["TRUE", "False", "TRUE", "0"])
    {'TRUE': 1.0, 'False': 0.0, '0': 0.0}
    >>> truth_of(["yes", "partly"]) is None, truth_of(["y", "y"]) is None
    (True, True)
    """
    folded = {text: text.casefold() for text in texts}
    words = set(folded.values()) - set(DIGITS)
    if not words or len(words) > 2:
        return None
    meant = _meant(words)
    return None if meant is None else {text: meant[word] for text, word in folded.items()}


def _meant(words: Iterable[str]) -> dict[str, float] | None:
    distinct = set(words)
    for yes, no in PAIRS:
        if distinct <= {yes, no}:
            return {yes: 1.0, no: 0.0, **DIGITS}
    for yes, no in LETTERS:
        if distinct == {yes, no}:
            return {yes: 1.0, no: 0.0, **DIGITS}
    return None
