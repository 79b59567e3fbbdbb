"""Country names and codes, in any common form, to ISO 3166 alpha-3."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache, lru_cache

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..errors import UnknownNameError, did_you_mean
from .country_list import DISSOLVED, country_source, country_table, packaged_table
from .names import (
    after_negation,
    countries_in,
    name_codes,
    name_words,
    named_codes,
    translated_code,
)

__all__ = [
    "country_iso3",
    "country_source",
    "country_table",
    "dissolved",
    "in_other_language",
    "is_aggregate",
    "numbered",
    "to_iso3",
    "without_missing_marks",
]

# Codes that publishers print and ISO 3166 does not know: the World Bank before 2018, the IMF,
# Freedom House and the UN spell Kosovo, Palestine, Romania and others in their own way.
OTHER_CODES = {
    "ADO": "AND",
    "IMY": "IMN",
    "KOS": "XKX",
    "KSV": "XKX",
    "RKS": "XKX",
    "ROM": "ROU",
    "TMP": "TLS",
    "UVK": "XKX",
    "WBG": "PSE",
    "XKS": "XKX",
    "XKV": "XKX",
    "ZAR": "COD",
    "EL": "GRC",
    "UK": "GBR",
    "XK": "XKX",
    "OWID_KOS": "XKX",
}

# Territories whose statistics no state of the list holds: they have no code on purpose.
NEAR = 0.8
"""How alike a name and a country's must be to suggest the country: one letter in five may differ."""
SHORT = 4
"""Letters of a text of which one that differs is already more than one in five."""
NOT_COUNTRIES = frozenset(
    {
        "somaliland",
        "northern cyprus",
        "turkish republic of northern cyprus",
        "west bank",
        "indian kashmir",
        "pakistani kashmir",
        "gaza strip",
        "channel islands",
        "england",
    }
)

_AGGREGATE_CODES = """
AFE AFR AFW ARB CEB CSS DEA DEC DFS DLA DMN DNF DNS DSA DSF DXS EAP EAR EAS ECA ECS EMU EUU
FCS HIC HPC IBB IBD IBT IDA IDB IDX INX LAC LCN LDC LIC LMC LMY LTE MDE MEA MIC MNA NAC NOC NXS
OEC OED OSS PRE PSS PST SAS SSA SSF SST TEA TEC TLA TMN TSA TSS UMC WLD XZN EUN
"""
AGGREGATE_CODES = frozenset(_AGGREGATE_CODES.split())
_REGION = (
    r"(?:(?:south|north|east|west|central|middle|sub-saharan|southern|northern|eastern|western|"
    r"south-?eastern|southeast|latin|emerging|developing|rest of|other|and|&|the|,|of)[ -]*)*"
    r"(?:asia|europe|americas?|oceania|caribbean|baltics|pacific|middle east|australasia|"
    r"polynesia|melanesia|sub-saharan africa|(?:north|east|west|central|southern|northern|eastern|"
    r"western|middle) africa|(?<![a-z] )africa(?: (?:eastern|western)(?: and (?:southern|central))?)?)"
)
_AGGREGATE = (
    r"(?:the )?(?:world|global|earth)(?: total| average)?"
    r"|.*\bincome\b.*|.*\bincome:.*"
    r"|(?:ida|ibrd)\b.*|.*\((?:ida|ibrd|hipc|ida & ibrd)\b.*"
    r"|(?:the )?(?:euro ?(?:area|zone)|european union|eu|g7|g20|oecd|asean|brics?)\b(?!.*\bsovereign)"
    r".*|arab (?:world|league|states)|.*\bsmall (?:island )?(?:states|developing).*"
    r"|.*\b(?:least|less|more|land-?locked) developed\b.*|land-?locked developing.*"
    r"|middle east, north africa.*|(?:heavily indebted|fragile and conflict|conflict-affected|pre-demographic|"
    r"post-demographic|early-demographic|late-demographic).*"
    r"|.*\b(?:advanced|developed|developing|emerging(?: market)?|transition)\b.*"
    r"\b(?:economies|countries|regions|asia|europe)\b.*"
    r"|(?:eu|ea|eea|efta)(?:\d{1,2}(?:[-_]\d{4})?|_v|_\d{4})?"
    r"|.*\bhuman development\b.*"
    r"|.*\bregional\b|(?:multi-?region|unspecified|not classified|unknown|bunkers|free zones|"
    r"special categories|areas, nes|areas, n\.e\.s\.)"
    r"|.*[, ]nes$"
    r"|" + _REGION + r"(?:(?:[ ,]|and|&|the)+" + _REGION + r")*(?: \(.*\))?"
)
_FOOTNOTE = re.compile(r"(?:\s*(?:\[[^\]]*\]|\((?:\d{1,2}|[a-z])\)|[*†‡§¹²³⁴⁵]+))+$")
_FORMER = re.compile(r"^(?:the )?(?:former|fmr\.?|ex)[- ](?:the )?|,? \(?(?:former|fmr\.?)\)?$")
_EXCLUDING = re.compile(r"[\s,]*\(?\b(?:excl\w*|without|w/o)\b\.?\s*\w.*", re.IGNORECASE)
"""A part that a state is counted without: `China, excl. Hong Kong`. `China excluded` is all but China."""
_NAME_AND_CODE = re.compile(r"([^()\[\]]{2,80}) [(\[]([a-z]{2,3})[)\]]")
"""A name and the code of the same state: `Kenya (KEN)`."""
_LONGEST_NAME = 80
_LONGEST_AGGREGATE = 120

# country_converter reads "Pakstan" as Pakistan; here a mistyped name is asked back.
STRICTER = {"PAK": r"^(?!.*east).*pakistan"}


@cache
def _codes() -> frozenset[str]:
    return frozenset(packaged_table().index)


@cache
def _exact() -> dict[str, str]:
    """Return every code and short name of a country, folded."""
    source = country_source()
    return {
        **{
            name.casefold(): code for name, code in zip(source.name_short, source.ISO3, strict=True)
        },
        **{two.casefold(): code for two, code in zip(source.ISO2, source.ISO3, strict=True)},
        **{other.casefold(): code for other, code in OTHER_CODES.items()},
        **{code.casefold(): code for code in source.ISO3},
        **{code.casefold(): code for code in _codes()},
    }


@cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    source = country_source()
    return [
        (re.compile(STRICTER.get(code, pattern), re.IGNORECASE), code)
        for pattern, code in zip(source.regex, source.ISO3, strict=True)
    ]


def _mended(name: str) -> str:
    """Return a name with the bytes that a terminal of another encoding passed on read as text."""
    if name.isascii():
        return name
    try:
        raw = name.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return name
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


def _folded(name: str) -> str:
    name = _mended(name)
    text = unicodedata.normalize("NFC", name).replace("\u2019", "'").replace("\xa0", " ")
    return " ".join(_FOOTNOTE.sub("", text).split()).casefold()


def _bare(folded: str) -> str:
    """Return a folded name without the word that says it is of the past."""
    return _FORMER.sub("", folded)


# Words that any name of a state may have beside its own.
_GENERIC = frozenset({"republic", "former", "formerly", "mainland", "government"})


@cache
def _own_words() -> dict[str, frozenset[str]]:
    """Return for every country the words of all its listed names."""
    words: dict[str, set[str]] = {}
    for name, codes in name_codes().items():
        for code in codes:
            words.setdefault(code, set()).update(name)
    return {code: frozenset(own_words) for code, own_words in words.items()}


@lru_cache(maxsize=65_536)
def _iso3(name: str) -> str | None:
    """Return the one country that the whole text names, by a code, a listed name or all its words."""
    if len(name) > 4 * _LONGEST_NAME:
        return None
    folded = _folded(name)
    code = _exact().get(folded)
    if code is not None:
        return code
    both = _NAME_AND_CODE.fullmatch(folded)
    if both and (code := _exact().get(both[2])) is not None and _iso3(both[1]) == code:
        return code
    if len(folded) > _LONGEST_NAME:
        return None
    if len(folded) < 3:
        return None if folded.isascii() else translated_code(folded)
    if folded in NOT_COUNTRIES or dissolved(folded):
        return None
    text = _EXCLUDING.sub("", folded)
    states = named_codes(text)
    if states is None and is_aggregate(name):
        return None
    if states is not None:
        return states[0] if len(states) == 1 else None
    return translated_code(folded) or _searched(text)


def _searched(text: str) -> str | None:
    """Return the one country whose pattern is found in a text with no other words than its own."""
    hits = [code for pattern, code in _patterns() if pattern.search(text)]
    if len(hits) != 1:
        return None
    # A search hit is not a match: every word must belong to the country or to any state.
    if len(countries_in(text)) > 1:
        return None
    expected = _own_words().get(hits[0], frozenset()) | _GENERIC
    return hits[0] if all(word in expected for word in name_words(text)) else None


def to_iso3(values: Iterable[object]) -> npt.NDArray[np.object_]:
    """Convert names or codes to ISO 3166 alpha-3, each unique value looked up once.

    Parameters
    ----------
    values : iterable
        Names or codes in any common form; case, surrounding spaces and footnote marks do not
        matter. What is not text (a number, NaN) is not a country.

    Returns
    -------
    ndarray of object, shape (n,)
        The code, or None where the value is not exactly one country of today: aggregates
        ("World"), dissolved states ("USSR"), several countries at once, a country inside a longer
        text ("Rest of China", "Nigeria - Lagos"), unknown names.
        Kosovo is XKX. Codes already in order are passed through without loading the list of names.

    Notes
    -----
    Names are those of ``data/names.py``, in English and 46 other languages, and of country_converter
    (Stadler, K., 2017, The country converter coco, Journal of Open Source Software 2(16), 332); its
    regular expressions find further spellings, where all words of the text belong to the country found.
    A name one letter from an English one (`Chine`) is read where another cell is in another language.

    Examples
    --------
    >>> to_iso3(["Korea, South", "KR", "pak", "World", None]).tolist()
    ['KOR', 'KOR', 'PAK', None, None]
    """
    texts = np.array([value if isinstance(value, str) else "" for value in values], dtype=object)
    if not len(texts):
        return texts
    positions, unique = pd.factorize(texts)
    iso_codes = _codes()
    if all(text in iso_codes for text in unique):
        return texts
    # An empty cell needs no list of names: columns of codes often have some.
    codes = np.array(
        [text if text in iso_codes else _iso3(str(text)) if text else None for text in unique],
        dtype=object,
    )
    if any(codes == None) and any(_translated_name(text) for text in unique):  # noqa: E711
        # A column in another language: names near English ones are no typing errors there.
        for row in np.flatnonzero(codes == None):  # noqa: E711
            codes[row] = translated_code(_folded(str(unique[row])), near=True)
    return codes[positions]


@lru_cache(maxsize=65_536)
def _translated_name(text: str) -> bool:
    return len(text) <= _LONGEST_NAME and translated_code(_folded(text)) == _iso3(text) is not None


@cache
def _of_numbers() -> dict[int, str]:
    source = country_source()
    pairs = zip(source["ISOnumeric"], source["ISO3"], strict=True)
    return {int(number): str(code) for number, code in pairs if str(number).isdigit()}


def numbered(values: Iterable[object]) -> npt.NDArray[np.object_]:
    """Convert the numbers of ISO 3166, which are those of M49, to alpha-3; None for any other value.

    Examples
    --------
    >>> numbered(["404", "004", "8.0", "1"]).tolist()
    ['KEN', 'AFG', 'ALB', None]
    """
    texts = [str(value).strip().removesuffix(".0") for value in values]
    numbers = [int(text) if text.isdigit() and len(text) <= 3 else 0 for text in texts]
    return np.array([_of_numbers().get(number) for number in numbers], dtype=object)


def in_other_language(values: Iterable[object]) -> npt.NDArray[np.object_]:
    """Convert names in another language to alpha-3, those near an English name among them.

    Examples
    --------
    >>> in_other_language(["Kenia", "Kenya"]).tolist()
    ['KEN', None]
    """
    return np.array(
        [
            translated_code(_folded(text), near=True) if len(text) <= _LONGEST_NAME else None
            for text in map(str, values)
        ],
        dtype=object,
    )


def without_missing_marks(values: Iterable[object]) -> npt.NDArray[np.object_]:
    """Return country cells with ``NA`` as nothing where it marks a missing value, not Namibia.

    R writes NA for a missing value. NA is the code of Namibia only beside other codes of two
    letters.

    Examples
    --------
    >>> without_missing_marks(["KEN", "NA"]).tolist(), without_missing_marks(["KE", "NA"]).tolist()
    (['KEN', ''], ['KE', 'NA'])
    """
    cells = np.array([value if isinstance(value, str) else "" for value in values], dtype=object)
    stripped = np.array([str(cell).strip() for cell in cells], dtype=object)
    marks = stripped == "NA"
    if not marks.any():
        return cells
    others = {cell for cell in stripped[~marks] if cell}
    two_letters = any(len(cell) == 2 and cell.isalpha() for cell in others)
    return np.where(marks & (bool(others) and not two_letters), "", cells)


def country_iso3(value: str) -> str:
    """Return one country as ISO 3166 alpha-3.

    Raises
    ------
    UnknownNameError
        If the value is not exactly one country of today; the nearest names are given.

    Examples
    --------
    >>> country_iso3("Viet Nam")
    'VNM'
    """
    code = to_iso3([value])[0]
    if code is not None:
        return str(code)
    text = str(value) if len(str(value)) <= _LONGEST_NAME else str(value)[:_LONGEST_NAME] + "..."
    if reason := dissolved(text):
        raise UnknownNameError(f"country {text!r}: {reason}")
    if is_aggregate(text):
        raise UnknownNameError(f"country {text!r}: a group of countries, not a country")
    if len(text) <= _LONGEST_NAME and (reason := _no_state(text)):
        raise UnknownNameError(f"country {text!r}: {reason}")
    table = packaged_table()
    names = [*table["name"].astype(str), *country_source()["name_short"]]
    # A short text is a mistyped code, a long one a mistyped name: each has its own neighbours.
    is_code = len(text.strip()) <= 3
    nearest = [*table.index, *names] if is_code else names
    help_ = did_you_mean(
        text.strip(), nearest, listed=0, likeness=0.6 if len(text.strip()) <= SHORT else NEAR
    )
    if text.strip().isdigit():
        help_ = (
            "a number is one country in ISO 3166 and another in other lists (710: South Africa, or China in "
            "the Correlates of War); give a name or a code of letters"
        )
    elif not help_.startswith("did"):
        help_ = "give a name or an ISO 3166 code, as in `Pakistan`, `PK` or `PAK`"
    raise UnknownNameError(f"country {text!r} is not known: {help_}")


def _no_state(text: str) -> str | None:
    """Return why a text that holds the name of a country names no country, or None."""
    left_out = after_negation(text)
    if left_out is not None and (code := to_iso3([left_out])[0]) is not None:
        return f"all but {packaged_table().loc[code, 'name']} ({code}), not a country"
    return "a region, not a country" if named_codes(text) == () else None


def is_aggregate(name: object) -> bool:
    """Tell whether a name or code is a group of countries: a region, an income group, the world.

    Covers the aggregates of the World Bank, IMF, UN and AidData, by name and by the Bank's
    3-letter codes.

    Examples
    --------
    >>> is_aggregate("Sub-Saharan Africa"), is_aggregate("WLD"), is_aggregate("South Africa")
    (True, True, False)
    """
    if not isinstance(name, str):
        return False
    folded = _folded(name)
    if len(folded) > _LONGEST_AGGREGATE:
        return False
    if named_codes(folded):
        return False
    return folded.upper() in AGGREGATE_CODES or _aggregate().fullmatch(folded) is not None


@cache
def _aggregate() -> re.Pattern[str]:
    # Compiled where it is asked for: that takes a quarter of the time that this package takes to import.
    return re.compile(_AGGREGATE)


def dissolved(name: object) -> str | None:
    """Return why a name is no longer a country, or None.

    Examples
    --------
    >>> dissolved("Czechoslovakia")
    'dissolved in 1993 into Czechia (CZE) and Slovakia (SVK)'
    >>> dissolved("Slovakia") is None
    True
    """
    if not isinstance(name, str) or len(name) > _LONGEST_AGGREGATE:
        return None
    folded = _folded(name)
    bare = _bare(folded)
    if folded in DISSOLVED or bare in DISSOLVED:
        return DISSOLVED.get(folded) or DISSOLVED[bare]
    # Of a state that has the name today ("Indonesia (former)"), the former one had other borders.
    return OTHER_BORDERS if bare != folded and bare in _present() else None


OTHER_BORDERS = "a former state of other borders than the one that has the name today"


@cache
def _present() -> frozenset[str]:
    """Return the names of states of today, folded."""
    return frozenset(name.casefold() for name in country_source()["name_short"])
