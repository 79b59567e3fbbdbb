"""Words of published tables in English, French and Polish; a mapping given instead adds a language."""

from __future__ import annotations

from collections.abc import Mapping

from ..errors import DataError, UnknownNameError, did_you_mean

__all__ = ["LANGUAGES", "words_of"]

ENGLISH = {
    "lang": "en",
    "country": "Country", "rank": "Rank", "band": "Band", "grade": "Grade", "coverage": "Coverage",
    "min": "lowest possible", "max": "highest possible", "region": "Region", "income": "Income group",
    "basis": "Basis", "estimated_share": "Estimated share", "reason": "No score because", "year": "Year",
    "scale": "Scores {scale}, higher is more risk; rank 1 is most risk.",
    "focal": "Focal state: {name}.",
    "partial": "★ partial basis: some indicators do not apply; ranked among such countries.",
    "large": "◊ more than {share} % of the weight behind a score is estimated.",
    "grade_note": "Grade: share of the weight that is observed, from A.",
    "sources": "Sources", "not_scored": "Not scored", "framework": "Framework {name}, version {version}.",
    "too_little": "too little is observed", "is_focal": "the focal state itself",
    "nothing": "no indicator applies", "undefined": "the aggregation has no value there",
    "full": "full", "partial_basis": "partial",
}  # fmt: skip
FRENCH = {
    "lang": "fr",
    "country": "Pays", "rank": "Rang", "band": "Classe", "grade": "Note", "coverage": "Couverture",
    "min": "minimum possible", "max": "maximum possible", "region": "Région",
    "income": "Groupe de revenu", "basis": "Base", "estimated_share": "Part estimée",
    "reason": "Sans score parce que", "year": "Année",
    "scale": "Scores {scale}, plus haut = plus de risque ; le rang 1 est le plus risqué.",
    "focal": "État étudié : {name}.",
    "partial": "★ base partielle : certains indicateurs ne s'appliquent pas ; classé parmi ces pays.",
    "large": "◊ plus de {share} % du poids derrière un score est estimé.",
    "grade_note": "Note : part du poids qui est observée, à partir de A.",
    "sources": "Sources", "not_scored": "Sans score", "framework": "Cadre {name}, version {version}.",
    "too_little": "trop peu de données observées", "is_focal": "l'État étudié lui-même",
    "nothing": "aucun indicateur ne s'applique", "undefined": "l'agrégation n'y a pas de valeur",
    "full": "complète", "partial_basis": "partielle",
}  # fmt: skip
POLISH = {
    "lang": "pl",
    "country": "Kraj", "rank": "Miejsce", "band": "Klasa", "grade": "Ocena", "coverage": "Pokrycie",
    "min": "najniższy możliwy", "max": "najwyższy możliwy", "region": "Region",
    "income": "Grupa dochodowa", "basis": "Podstawa", "estimated_share": "Udział szacowany",
    "reason": "Brak wyniku, ponieważ", "year": "Rok",
    "scale": "Wyniki {scale}, wyższy oznacza większe ryzyko; miejsce 1 to największe ryzyko.",
    "focal": "Badane państwo: {name}.",
    "partial": "★ podstawa częściowa: niektóre wskaźniki nie mają zastosowania; miejsce wśród takich krajów.",
    "large": "◊ ponad {share} % wagi wyniku jest szacowane.",
    "grade_note": "Ocena: udział wagi, który jest zaobserwowany, od A.",
    "sources": "Źródła", "not_scored": "Bez wyniku", "framework": "Schemat {name}, wersja {version}.",
    "too_little": "zbyt mało obserwacji", "is_focal": "samo badane państwo",
    "nothing": "żaden wskaźnik nie ma zastosowania", "undefined": "agregacja nie ma tam wartości",
    "full": "pełna", "partial_basis": "częściowa",
}  # fmt: skip
LANGUAGES: Mapping[str, Mapping[str, str]] = {"en": ENGLISH, "fr": FRENCH, "pl": POLISH}


def words_of(language: str | Mapping[str, str]) -> dict[str, str]:
    """Return the words of a language; words that a mapping lacks are English.

    Raises
    ------
    UnknownNameError
        For a language there is no table of, or a word that no table uses.

    Examples
    --------
    >>> words_of("fr")["country"], words_of({"country": "Land"})["rank"]
    ('Pays', 'Rank')
    """
    if isinstance(language, str):
        if language not in LANGUAGES:
            raise UnknownNameError(
                f"unknown `language` {language!r}; {did_you_mean(language, LANGUAGES)}. "
                "A mapping of words adds another"
            )
        return dict(ENGLISH) | dict(LANGUAGES[language])
    if not isinstance(language, Mapping):
        raise DataError(
            f"`language` must be a code or a mapping of words, received {type(language).__name__}"
        )
    for key in language:
        if key not in ENGLISH:
            raise UnknownNameError(f"unknown word `{key}`; {did_you_mean(str(key), ENGLISH)}")
    return dict(ENGLISH) | dict(language)
