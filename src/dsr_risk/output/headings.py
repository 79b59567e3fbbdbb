"""Headings of columns in words: what a table to read says where data have a name for programs."""

from __future__ import annotations

from collections.abc import Mapping

from .wording import LANGUAGES

__all__ = ["heading", "short_title"]


def heading(name: str, titles: Mapping[str, str], words: Mapping[str, str]) -> str:
    """Return the heading of a column in the words of a language.

    A node has its title. A column of a node, such as its rank, has the title and the word of the column. A
    name that there is no word for is printed with spaces.

    Parameters
    ----------
    name
        The name of the column.
    titles
        Titles of nodes, by name.
    words
        Words of a language, as ``words_of`` returns them: ``column_NAME`` or ``NAME`` for a column,
        ``score_PART`` or ``PART`` for a column of a node, printed as it is written.

    Examples
    --------
    >>> from dsr_risk.output.wording import words_of
    >>> words = words_of("en")
    >>> heading("risk_rank", {"risk": "Risk"}, words), heading("own_column", {}, words)
    ('Risk: rank', 'Own column')
    """
    if name in titles:
        return titles[name]
    for node in sorted(titles, key=len, reverse=True):
        part = name.removeprefix(f"{node}_")
        word = _part(part, words) if part != name else None
        if word is not None:
            return f"{titles[node]}{words['colon']} {word}"
    word = words.get(f"column_{name}", words.get(name))
    return word if word is not None else _spaced(name)


def _part(part: str, words: Mapping[str, str]) -> str | None:
    """Return the word for a column of a node; one of ours that begins a heading elsewhere is in small letters."""
    if f"score_{part}" in words:
        return words[f"score_{part}"]
    word = words.get(part)
    ours = LANGUAGES.get(words["lang"], LANGUAGES["en"]).get(part)
    return word.lower() if word is not None and word == ours else word


def short_title(title: str) -> str:
    """Return a title without what it says in brackets at its end.

    Examples
    --------
    >>> short_title("Digital supply (supplier concentration)")
    'Digital supply'
    """
    return title.rpartition(" (")[0] if title.endswith(")") and " (" in title else title


def _spaced(name: str) -> str:
    text = name.replace("_", " ").strip() or name
    return text[:1].upper() + text[1:]
