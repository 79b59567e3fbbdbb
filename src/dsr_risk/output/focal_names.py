"""Names of focal states in the texts of published tables, in French and Polish."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources

from ..framework.focal_texts import focal_forms

__all__ = ["local_names", "translated_forms"]

FRENCH = {
    "CHN": "la Chine",
    "USA": "les États-Unis",
    "RUS": "la Russie",
    "GBR": "le Royaume-Uni",
    "FRA": "la France",
    "DEU": "l'Allemagne",
    "JPN": "le Japon",
    "KOR": "la Corée du Sud",
    "IND": "l'Inde",
    "TUR": "la Turquie",
    "SWE": "la Suède",
    "FIN": "la Finlande",
    "ISR": "Israël",
    "ARE": "les Émirats arabes unis",
    "TWN": "Taïwan",
    "BRA": "le Brésil",
    "ZAF": "l'Afrique du Sud",
    "NLD": "les Pays-Bas",
}
"""With the article that a sentence needs."""
POLISH = {
    "CHN": ("Chiny", "Chin", "chińskiej"),
    "USA": ("Stany Zjednoczone", "Stanów Zjednoczonych", "amerykańskiej"),
    "RUS": ("Rosję", "Rosji", "rosyjskiej"),
    "GBR": ("Wielką Brytanię", "Wielkiej Brytanii", "brytyjskiej"),
    "FRA": ("Francję", "Francji", "francuskiej"),
    "DEU": ("Niemcy", "Niemiec", "niemieckiej"),
    "JPN": ("Japonię", "Japonii", "japońskiej"),
    "KOR": ("Koreę Południową", "Korei Południowej", "południowokoreańskiej"),
    "IND": ("Indie", "Indii", "indyjskiej"),
    "TUR": ("Turcję", "Turcji", "tureckiej"),
    "SWE": ("Szwecję", "Szwecji", "szwedzkiej"),
    "FIN": ("Finlandię", "Finlandii", "fińskiej"),
    "ISR": ("Izrael", "Izraela", "izraelskiej"),
    "ARE": (
        "Zjednoczone Emiraty Arabskie",
        "Zjednoczonych Emiratów Arabskich",
        "emirackiej",
    ),
    "TWN": ("Tajwan", "Tajwanu", "tajwańskiej"),
    "BRA": ("Brazylię", "Brazylii", "brazylijskiej"),
    "ZAF": (
        "Republikę Południowej Afryki",
        "Republiki Południowej Afryki",
        "południowoafrykańskiej",
    ),
    "NLD": ("Holandię", "Holandii", "holenderskiej"),
}
"""Accusative and genitive of the name, and the adjective in the genitive of the feminine."""
CONTRACTED = (("les ", "des "), ("le ", "du "), ("la ", "de la "), ("l'", "de l'"))


@cache
def local_names(language: str) -> Mapping[str, str]:
    """Return names of countries in a language by code, from Unicode CLDR; empty for another language."""
    text = (resources.files(__package__) / "country_names.json").read_text(encoding="utf-8")
    return dict(json.loads(text).get(language, {}))


def translated_forms(language: str, focal: str | None) -> dict[str, str]:
    """Return what each placeholder of a translated text stands for.

    A state that the tables lack is named in brackets, for its name has no known article and no cases.

    Examples
    --------
    >>> translated_forms("fr", "USA")["focal_of"], translated_forms("fr", "KEN")["focal"]
    ('des États-Unis', "l'État étudié (Kenya)")
    >>> translated_forms("pl", "USA")["focal_genitive"], translated_forms("pl", None)["focal"]
    ('Stanów Zjednoczonych', 'badane państwo')
    """
    if language == "fr":
        return _french(focal)
    if language == "pl":
        return _polish(focal)
    return focal_forms(focal)


def _bracketed(language: str, focal: str | None) -> str:
    return f" ({local_names(language).get(focal, focal)})" if focal else ""


def _french(focal: str | None) -> dict[str, str]:
    name = FRENCH.get(focal or "") or f"l'État étudié{_bracketed('fr', focal)}"
    for article, contracted in CONTRACTED:
        if name.startswith(article):
            return {"focal": name, "focal_of": contracted + name.removeprefix(article)}
    return {"focal": name, "focal_of": f"d'{name}" if name[0] in "AEIOU" else f"de {name}"}


def _polish(focal: str | None) -> dict[str, str]:
    if focal in POLISH:
        name, genitive, adjective = POLISH[focal]
    else:
        called = _bracketed("pl", focal)
        name, genitive = f"badane państwo{called}", f"badanego państwa{called}"
        adjective = f"zagranicznej{called}"
    return {"focal": name, "focal_genitive": genitive, "focal_adjective": adjective}
