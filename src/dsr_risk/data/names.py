"""Names of countries and of their people: one list for cells of a table and for running text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import NamedTuple

from .country_list import DISSOLVED, country_source, country_table

__all__ = [
    "Name",
    "after_negation",
    "ambiguous_in",
    "countries_in",
    "folded",
    "name_codes",
    "name_words",
    "named_codes",
    "translated_code",
]

LONGEST_TEXT = 200_000
"""Characters of a running text that are searched: far more than a register prints."""

_WORD = re.compile(r"[^\W_]+(?:['\u2019`][^\W_]+)*")
_SMALL = frozenset({"the", "of", "and", "a", "an", "da", "du"})
_SAME = {
    "rep": "republic",
    "dem": "democratic",
    "fed": "federated",
    "st": "saint",
    "sts": "states",
    "is": "islands",
    "isl": "islands",
    "island": "islands",
    "peoples": "people",
    "people's": "people",
    "n": "north",
    "s": "south",
    "utd": "united",
    "govt": "government",
}
_CONNECTED = re.compile(r"[ \t\r\n\u00a0\u2010-\u2012-]{0,3}|\.[ \t]?|[ \t]?&[ \t]?")
_TURNED = re.compile(_CONNECTED.pattern + r"|\.?, ?")

_ARTICLE = re.compile(r" \((?:l[ae']|les|el|l[ao]s|il|os?|as?)\)$", re.IGNORECASE)
_PART = re.compile(
    r" ?\((?:region|us state|u\.s\. state|state|city|province|island)\)", re.IGNORECASE
)
_STATE_OF_USA = re.compile(r",? \(?(?:USA|US|U\.S\.|United States)\b")
# A town of that name: `Lebanon, NH`.
_TOWN_OF_USA = re.compile(
    r", (?:Alabama|Alaska|Arizona|Arkansas|California|Colorado|Connecticut|Delaware|Florida|Hawaii|Idaho|Illinois|"
    r"Indiana|Iowa|Kansas|Kentucky|Louisiana|Maine|Maryland|Massachusetts|Michigan|Minnesota|Mississippi|Missouri|"
    r"Montana|Nebraska|Nevada|New Hampshire|Ohio|Oklahoma|Oregon|Pennsylvania|Tennessee|Texas|Utah|Vermont|"
    r"Wisconsin|Wyoming|A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|"
    r"T[NX]|UT|V[AT]|W[AIVY])\b"
)

# A country after these words is not named: `Non-China`, `Rest of China`, `other than China`.
_NOT = {
    "non",
    "anti",
    "other than",
    "rest of",
    "rest of the",
    "except",
    "except for",
    "excluding",
    "excl",
    "without",
    "outside",
    "outside of",
    "apart from",
    "aside from",
    "besides",
    "but",
    "all but",
    "not",
    "inner",
    "indo",
    "ex",
    "neither",
    "nor",
}
_NOT_ALONE = frozenset(
    {
        "other than", "rest of", "rest of the", "except", "except for", "excluding", "excl", "without", "outside",
        "outside of", "apart from", "aside from", "besides", "all but", "neither",
    }
)  # fmt: skip
"""Of these, those that hold for every name of a list: `excluding China and Russia`."""
_NOT_AFTER = frozenset({"excluded", "excepted", "exempted", "excl"})
_LISTED = re.compile(r"[ \t]?,[ \t]{1,2}")
_JOINED = re.compile(r",?[ \t]{1,2}(?:and|or|nor|as well as)[ \t](?:the[ \t])?|[ \t]?&[ \t]?")

# Before these words the name of a people or a state names a language, a sea or a currency.
_NOT_BEFORE = {
    "language",
    "languages",
    "speaking",
    "speaker",
    "speakers",
    "sea",
    "ocean",
    "channel",
    "strait",
    "straits",
    "gulf",
    "subcontinent",
    "dollar",
    "dollars",
}


class Name(NamedTuple):
    """A name and the states it may mean: one, several (ambiguous), or none (a region)."""

    text: str
    codes: tuple[str, ...]


def folded(text: str) -> str:
    """Fold case, accents and typographic apostrophes."""
    text = unicodedata.normalize("NFKD", text).replace("\u2019", "'").replace("`", "'")
    return "".join(mark for mark in text if not unicodedata.combining(mark)).casefold()


def name_words(text: str) -> tuple[str, ...]:
    """Return the words that tell a name apart, sorted: `Korea, Rep.` has those of `Republic of Korea`.

    Examples
    --------
    >>> name_words("Congo, Dem. Rep. of the") == name_words("Democratic Republic of Congo")
    True
    """
    words = [_SAME.get(word, word) for word in _WORD.findall(folded(text))]
    return tuple(sorted(word for word in words if word not in _SMALL))


@cache
def _listed() -> tuple[tuple[Name, ...], tuple[Name, ...]]:
    """Read the bundled list: names of states, and names of people."""
    path = resources.files(__package__) / "bundled" / "country_names.txt"
    names: list[Name] = []
    people: list[Name] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            codes, *parts = line.split("|")
            states = () if codes == "-" else tuple(codes.split(" "))
            for target, part in zip((names, people), parts, strict=False):
                target.extend(Name(text, states) for text in part.split(";") if text)
    return tuple(names), tuple(people)


@cache
def name_codes() -> dict[tuple[str, ...], tuple[str, ...]]:
    """Return the states of every listed name by its words; an empty tuple for what is no state."""
    source, table = country_source(), country_table()["name"].dropna()
    official = [
        Name(str(text), (str(code),))
        for column in ("name_short", "name_official")
        for text, code in zip(source[column], source["ISO3"], strict=True)
    ]
    packaged = [Name(str(text), (str(code),)) for code, text in table.items()]
    names, people = _listed()
    # The bundled list comes last: it decides where two lists differ.
    every = [*official, *packaged, *people, *names]
    return {name_words(name.text): name.codes for name in every if name_words(name.text)}


def named_codes(text: str) -> tuple[str, ...] | None:
    """Return the states that the whole text is a name of; None for a text that is no listed name."""
    return name_codes().get(name_words(text))


@cache
def _translated() -> tuple[dict[str, str], dict[str, str]]:
    """Read the names of states in other languages, folded: all but those near an English name, and those."""
    path = resources.files(__package__) / "bundled" / "country_names_translated.txt"
    plain: dict[str, str] = {}
    near: dict[str, str] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        code, _, names = line.partition("|")
        for name in () if line.startswith("#") else names.split(";"):
            target = near if name.startswith("~") else plain
            target[folded(name.removeprefix("~"))] = code
    return plain, near


def translated_code(text: str, *, near: bool = False) -> str | None:
    """Return the state whose name in another language the whole text is, or None.

    Languages are those of the European Union, Arabic, Chinese, Japanese, Russian, Turkish and twenty
    others of the Unicode CLDR. Names one letter from an English one (`Kenia`, `Chine`) may be mistyped:
    they are looked up by `near` alone.

    Examples
    --------
    >>> translated_code("Elfenbeink\u00fcste"), translated_code("Rest von Kenia"), translated_code("Kenia")
    ('CIV', None, None)
    >>> translated_code("Kenia", near=True)
    'KEN'
    """
    bare = _ARTICLE.sub("", " ".join(text.split()))
    return _translated()[near].get(folded(bare))


class _Dictionary(NamedTuple):
    """Names as sequences of words, for running text: the longest match wins."""

    entries: dict[tuple[str, ...], Name]
    longest: int


def _tokens(text: str) -> list[tuple[str, int, int]]:
    return [(match.group(), match.start(), match.end()) for match in _WORD.finditer(text)]


@cache
def _dictionary() -> _Dictionary:
    source, table = country_source(), country_table()["name"].dropna()
    names, people = _listed()
    every = [
        *(
            Name(str(text), (str(code),))
            for column in ("name_official", "name_short")
            for text, code in zip(source[column], source["ISO3"], strict=True)
        ),
        *(Name(str(text), (str(code),)) for code, text in table.items()),
        *(Name(text, ()) for text in DISSOLVED if len(text) > 4),
        *people,
        *names,
    ]
    entries: dict[tuple[str, ...], Name] = {}
    for name in every:
        if "," not in name.text and "(" not in name.text:
            entries[_spelled(name.text)] = name
    # A comma turns a name round for a list of countries. Running text is read so where the words before
    # the comma alone are another state: `Korea, Dem. People's Rep.`, not `Korea, North`.
    for name in every:
        name_before, comma, tail = name.text.partition(", ")
        alone = entries.get(_spelled(name_before))
        turned = comma and "(" not in name.text and (" " in tail or tail in ("DPR", "DR"))
        if turned and alone is not None and alone.codes != name.codes:
            entries[_spelled(name.text)] = name
    return _Dictionary(entries, max(len(words) for words in entries))


def _spelled(text: str) -> tuple[str, ...]:
    """Return the words of a name as running text is compared with, commas in their places."""
    tokens = _tokens(text)
    words = [folded(word).removesuffix("'s") for word, _, _ in tokens]
    for index in range(len(tokens) - 1, 0, -1):
        if "," in text[tokens[index - 1][2] : tokens[index][1]]:
            words.insert(index, ",")
    return tuple(words)


def _matches(text: str) -> Iterator[tuple[str, Name]]:
    """Find the names in a text from left to right, the longest at each place, in linear time."""
    dictionary = _dictionary()
    text = unicodedata.normalize("NFC", text[:LONGEST_TEXT])
    tokens = _tokens(text)
    plain = [folded(word).removesuffix("'s") for word, _, _ in tokens]
    at = 0
    listed: list[_Mention] = []
    while at < len(tokens):
        size = _match_at(dictionary, text, tokens, plain, at)
        if size:
            name = dictionary.entries[_between(text, tokens, plain, at, size)]
            span = tokens[at][1], tokens[at + size - 1][2]
            mention = _Mention(
                name,
                span,
                _negation(text, tokens, plain, at),
                _of_another(text, tokens, plain, at + size),
            )
            if listed and not _goes_on(text, listed[-1].span[1], span[0]):
                yield from _named_in(text, listed)
                listed = []
            listed.append(mention)
        at += max(size, 1)
    yield from _named_in(text, listed)


class _Mention(NamedTuple):
    """A name in a text: where it is, the words before it that exclude it, and whether another thing is meant."""

    name: Name
    span: tuple[int, int]
    negation: str
    of_another: bool


def _goes_on(text: str, end: int, begin: int) -> bool:
    """Tell whether two names stand in one list."""
    between = text[end:begin] if begin - end < 20 else "."
    return (_LISTED.fullmatch(between) or _JOINED.fullmatch(between)) is not None


def _named_in(text: str, listed: list[_Mention]) -> Iterator[tuple[str, Name]]:
    """Return the names of a list that are meant; a negation before the first holds as far as `and` or `or`."""
    last = -1
    if listed and listed[0].negation in _NOT_ALONE:
        ends = [pair[0].span[1] for pair in pairwise(listed)]
        begins = [pair[1].span[0] for pair in pairwise(listed)]
        joined = [
            at
            for at, (end, begin) in enumerate(zip(ends, begins, strict=True), start=1)
            if _JOINED.fullmatch(text[end:begin])
        ]
        last = max(joined, default=0)
    for at, mention in enumerate(listed):
        if at > last and not mention.negation and not mention.of_another:
            yield text[slice(*mention.span)], mention.name


def _match_at(
    dictionary: _Dictionary,
    text: str,
    tokens: list[tuple[str, int, int]],
    plain: list[str],
    at: int,
) -> int:
    """Return how many words the longest name that starts here has; 0 for none."""
    if not tokens[at][0][0].isupper():
        return 0
    reach = 1
    while (
        reach < dictionary.longest
        and at + reach < len(tokens)
        and _TURNED.fullmatch(text, tokens[at + reach - 1][2], tokens[at + reach][1])
    ):
        reach += 1
    for size in range(reach, 0, -1):
        name = dictionary.entries.get(_between(text, tokens, plain, at, size))
        if name is not None and _written_alike(name.text, tokens[at : at + size]):
            return size
    return 0


def _between(
    text: str, tokens: list[tuple[str, int, int]], plain: list[str], at: int, size: int
) -> tuple[str, ...]:
    """Return the words of a part of a text, with the commas between them."""
    words = [plain[at]]
    for index in range(at + 1, at + size):
        if "," in text[tokens[index - 1][2] : tokens[index][1]]:
            words.append(",")
        words.append(plain[index])
    return tuple(words)


def _written_alike(name: str, tokens: list[tuple[str, int, int]]) -> bool:
    """Tell whether the words have the capitals of the name: `US` is a state, `us` and `Us` are not."""
    for (word, _, _), (name_word, _, _) in zip(tokens, _tokens(name), strict=True):
        if name_word.isupper():
            if not word.isupper():
                return False
        elif name_word[0].isupper() and not word[0].isupper():
            return False
    return True


def _negation(text: str, tokens: list[tuple[str, int, int]], plain: list[str], at: int) -> str:
    """Return the words before that say that the country is not meant; "" where there are none."""
    before: list[str] = []
    for index in range(at - 1, max(at - 4, -1), -1):
        if not _CONNECTED.fullmatch(text, tokens[index][2], tokens[index + 1][1]):
            break
        before.insert(0, plain[index])
    parts = (" ".join(before[start:]) for start in range(len(before)))
    return next((part for part in parts if part in _NOT), "")


def _of_another(
    text: str, tokens: list[tuple[str, int, int]], plain: list[str], after: int
) -> bool:
    """Tell whether the word after says that a language, a sea or a currency is meant."""
    end = tokens[after - 1][2]
    if text[end : end + 1] == "$" or _PART.match(text, end) or _TOWN_OF_USA.match(text, end):
        return True
    if plain[after - 1] == "georgia" and _STATE_OF_USA.match(text, end):
        return True
    if after == len(tokens) or not _CONNECTED.fullmatch(text, end, tokens[after][1]):
        return False
    if plain[after] in _NOT_AFTER or text[end : tokens[after][2]].casefold() == "-free":
        return True
    return text[end : end + 1] != "." and plain[after] in _NOT_BEFORE


def countries_in(text: object) -> tuple[str, ...]:
    """Return the ISO 3166 alpha-3 codes of the countries a running text names, each once, in order.

    A country is named by a name of the state or of its people. Names of regions, of dissolved states
    and of several states (`Dominican`) name none; nor do negations (`Non-China`, `rest of China`).

    Examples
    --------
    >>> countries_in("U.S. and South Korean banks, the Austrian Foreign Ministry")
    ('USA', 'KOR', 'AUT')
    >>> countries_in("Northern Ireland, Inner Mongolia, Non-Chinese vendors")
    ()
    """
    if not isinstance(text, str):
        return ()
    codes = [name.codes[0] for _, name in _matches(text) if len(name.codes) == 1]
    return tuple(dict.fromkeys(codes))


def after_negation(text: str) -> str | None:
    """Return the words that `non`, `rest of`, `excluded` and the like leave out, or None where there are none.

    Examples
    --------
    >>> after_negation("Non-China"), after_negation("China (excluded)"), after_negation("China")
    ('china', 'china', None)
    """
    words = _WORD.findall(folded(text))
    for count in (3, 2, 1):
        if len(words) > count and " ".join(words[:count]) in _NOT - {"inner", "indo"}:
            return " ".join(words[count:])
    if len(words) > 1 and (words[-1] in _NOT_AFTER or text.casefold().endswith("-free")):
        return " ".join(words[:-1])
    return None


def ambiguous_in(text: object) -> tuple[str, ...]:
    """Return a remark for every word of a text that may mean several states.

    Examples
    --------
    >>> ambiguous_in("the Dominican government")
    ('`Dominican` may be DMA or DOM',)
    """
    if not isinstance(text, str):
        return ()
    words = {
        word: f"`{word}` may be {' or '.join(name.codes)}"
        for word, name in _matches(text)
        if len(name.codes) > 1
    }
    return tuple(words.values())
