"""Words of published tables in English, French and Polish; a mapping given instead adds a language.

The word of a column is ``column_NAME`` or ``NAME``, that of a column of a score ``score_PART`` or ``PART``. A
mapping may also translate texts of the framework and the data, by the text itself: bands, titles of
scores and groups, the title, regions, income groups, names of countries.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING

from ..data.countries import country_table
from ..errors import DataError, UnknownNameError, did_you_mean
from ..framework.focal_texts import focal_forms, with_focal
from ..scoring.headline import IS_FOCAL
from .focal_names import local_names, translated_forms

if TYPE_CHECKING:
    from ..scoring.scores import Scores

__all__ = ["LANGUAGES", "country_names", "words_for", "words_of"]

ENGLISH = {
    "lang": "en",
    "colon": ":",
    "country": "Country",
    "unit_country": "Unit",
    "rank": "Rank",
    "band": "Band",
    "grade": "Grade",
    "coverage": "Coverage",
    "min": "lowest possible",
    "max": "highest possible",
    "region": "Region",
    "income": "Income group",
    "basis": "Basis",
    "estimated_share": "Estimated share",
    "reason": "No score because",
    "year": "Year",
    "scale": "Scores {scale}, higher is more risk; rank 1 is most risk.",
    "selected": "A selection: {count} of {of} rows; a rank is that among all that were scored.",
    "focal": "Focal state: {name}.",
    "partial_note": "★ partial basis: some indicators do not apply; ranked among such countries.",
    "unit_partial_note": "★ partial basis: some indicators do not apply; ranked among such units.",
    "large": "◊ more than {share} % of the weight behind a score is estimated.",
    "draws_note": "Intervals: the central 90 % of {draws} draws; {factors} factors vary together.",
    "grade_note": "Grade: share of the weight that is observed, {least}; of several scores in their order.",
    "grade_from": "{grade} from {share} %",
    "estimated_note": "◊ beside a value: estimated, not observed.",
    "sources": "Sources",
    "not_scored": "Not scored",
    "framework": "Framework {name}, version {version}.",
    "too_little": "too little is observed",
    "is_focal": IS_FOCAL,
    "nothing": "no indicator applies",
    "undefined": "the aggregation has no value there",
    "unobserved": "no indicator is observed",
    "few_children": "too few parts have a value",
    "coverage_below": "coverage {share} below {least}",
    "bounds_apart": "hard bounds {width} points apart, above {most}",
    "partly": "No score for {name}",
    "page": "Page {page} of {pages}",
    "full": "full",
    "partial": "partial",
    "microstate": "fewer than 100,000 people",
    "outside_aiddata": "not among the recipients that AidData records",
    "outside_ids": "not among the debtors that the World Bank lists",
    "landlocked": "landlocked",
    "column_iso3": "Code",
    "column_marks": "Marks",
    "column_reason": "Reason",
    "column_lacking": "Missing indicators",
    "column_away": "Indicators that do not apply",
    "column_focal": "Focal state",
    "column_sources": "Sources",
    "column_data_years": "Years of data",
    "column_observed": "Observed indicators",
    "column_estimated": "Estimated indicators",
    "column_indicators": "Indicators",
    "column_estimated_indicators": "Estimated indicators",
    "score_observed": "from observed indicators only",
    "score_reliability": "reliability",
    "score_rank_region": "rank in region",
    "score_rank_income": "rank in income group",
    "score_low": "90 % interval, from",
    "score_high": "90 % interval, to",
    "score_rank_low": "rank, from",
    "score_rank_high": "rank, to",
    "score_band_probability": "draws in this band",
}
FRENCH = {
    "lang": "fr",
    "colon": "\u00a0:",
    "country": "Pays",
    "unit_country": "Unité",
    "rank": "Rang",
    "band": "Classe",
    "grade": "Note",
    "coverage": "Couverture",
    "min": "minimum possible",
    "max": "maximum possible",
    "region": "Région",
    "income": "Groupe de revenu",
    "basis": "Base",
    "estimated_share": "Part estimée",
    "reason": "Sans score parce que",
    "year": "Année",
    "scale": "Scores {scale}, plus haut = plus de risque ; le rang 1 est le plus risqué.",
    "selected": "Une sélection : {count} lignes sur {of} ; un rang est celui parmi tous ceux qui ont un score.",
    "focal": "État étudié : {name}.",
    "partial_note": "★ base partielle : certains indicateurs ne s'appliquent pas ; classé parmi ces pays.",
    "unit_partial_note": "★ base partielle : certains indicateurs ne s'appliquent pas ; classé parmi ces unités.",
    "large": "◊ plus de {share} % du poids derrière un score est estimé.",
    "draws_note": "Intervalles : les 90 % centraux de {draws} tirages ; {factors} facteurs varient ensemble.",
    "grade_note": "Note : part du poids qui est observée, {least} ; pour plusieurs scores, dans leur ordre.",
    "grade_from": "{grade} dès {share} %",
    "estimated_note": "◊ à côté d'une valeur : estimée, non observée.",
    "sources": "Sources",
    "not_scored": "Sans score",
    "framework": "Cadre {name}, version {version}.",
    "too_little": "trop peu de données observées",
    "is_focal": "l'État étudié lui-même",
    "nothing": "aucun indicateur ne s'applique",
    "undefined": "l'agrégation n'y a pas de valeur",
    "unobserved": "aucun indicateur n'est observé",
    "few_children": "trop peu de parties ont une valeur",
    "coverage_below": "couverture {share} inférieure à {least}",
    "bounds_apart": "bornes strictes distantes de {width} points, plus de {most}",
    "partly": "Sans score pour {name}",
    "page": "Page {page} sur {pages}",
    "full": "complète",
    "partial": "partielle",
    "microstate": "moins de 100 000 habitants",
    "outside_aiddata": "hors des bénéficiaires que recense AidData",
    "outside_ids": "hors des débiteurs que liste la Banque mondiale",
    "landlocked": "sans littoral",
    "column_iso3": "Code",
    "column_marks": "Signes",
    "column_reason": "Raison",
    "column_lacking": "Indicateurs manquants",
    "column_away": "Indicateurs qui ne s'appliquent pas",
    "column_focal": "État étudié",
    "column_sources": "Sources",
    "column_data_years": "Années des données",
    "column_observed": "Indicateurs observés",
    "column_estimated": "Indicateurs estimés",
    "column_indicators": "Indicateurs",
    "column_estimated_indicators": "Indicateurs estimés",
    "score_observed": "indicateurs observés seuls",
    "score_reliability": "fiabilité",
    "score_rank_region": "rang dans la région",
    "score_rank_income": "rang dans le groupe de revenu",
    "score_low": "intervalle de 90 %, de",
    "score_high": "intervalle de 90 %, à",
    "score_rank_low": "rang, de",
    "score_rank_high": "rang, à",
    "score_band_probability": "tirages dans cette classe",
    "low": "faible",
    "guarded": "modéré",
    "elevated": "accru",
    "high": "élevé",
    "severe": "grave",
    "Dependency on {focal}": "Dépendance envers {focal}",
    "Security": "Sécurité",
    "Digital supply": "Offre numérique",
    "Networks": "Réseaux",
    "Digital projects and finance": "Projets et financements numériques",
    "Surveillance suppliers": "Fournisseurs de surveillance",
    "Technology imports": "Importations de technologie",
    "Debt exposure": "Exposition à la dette",
    "Lack of alternatives": "Manque d'autres offres",
    "Data-security incidents": "Incidents de sécurité des données",
    "Surveillance adoption and safeguards": "Surveillance et garanties",
    "Network exposure": "Exposition des réseaux",
    "Lack of cyber capacity": "Manque de capacité cyber",
    "Concentration of network operators": "Concentration des opérateurs de réseau",
    "Communications projects financed by {focal}": "Projets de communication financés par {focal}",
    "Communications finance from {focal}": "Financement des communications par {focal}",
    "Share of {focal} among named surveillance suppliers": "Part {focal_of} parmi les fournisseurs connus de "
    "surveillance",
    "{focal_possessive} share in imports of machinery and electronics": "Part {focal_of} dans les importations de "
    "machines et d'électronique",
    "{focal_possessive} share in goods imports": "Part {focal_of} dans les importations de biens",
    "Concentration of import partners": "Concentration des partenaires d'importation",
    "{focal_possessive} share in external debt service, 2018-2022": "Part {focal_of} dans le service de la dette "
    "extérieure, 2018-2022",
    "Cumulative official commitments of {focal}": "Engagements officiels cumulés {focal_of}",
    "External debt": "Dette extérieure",
    "Debt service": "Service de la dette",
    "Online service index": "Indice des services en ligne",
    "Telecommunication infrastructure index": "Indice des infrastructures de télécommunication",
    "Public cyber incidents received": "Incidents cyber publics subis",
    "Adoption of AI surveillance times gap in safeguards": "Surveillance par IA multipliée par le manque "
    "de garanties",
    "Gap in safeguards": "Manque de garanties",
    "Level of data protection": "Niveau de protection des données",
    "Share of the largest network operator": "Part du plus grand opérateur de réseau",
    "Global Cybersecurity Index 2024": "Indice mondial de cybersécurité 2024",
    "National Cyber Security Index 2026": "Indice national de cybersécurité 2026",
    "Cybercrime law": "Loi sur la cybercriminalité",
    "Digital Silk Road: dependency on {focal_possessive} digital supply and credit, and security": "Route de la "
    "soie numérique : dépendance envers l'offre numérique et le crédit {focal_of}, et sécurité",
    "China": "Chine",
    "Africa": "Afrique",
    "Americas": "Amériques",
    "Asia": "Asie",
    "Europe": "Europe",
    "Oceania": "Océanie",
    "Low income": "Revenu faible",
    "Lower middle income": "Revenu intermédiaire, tranche inférieure",
    "Upper middle income": "Revenu intermédiaire, tranche supérieure",
    "High income": "Revenu élevé",
}
POLISH = {
    "lang": "pl",
    "colon": ":",
    "country": "Kraj",
    "unit_country": "Jednostka",
    "rank": "Miejsce",
    "band": "Klasa",
    "grade": "Ocena",
    "coverage": "Pokrycie",
    "min": "najniższy możliwy",
    "max": "najwyższy możliwy",
    "region": "Region",
    "income": "Grupa dochodowa",
    "basis": "Podstawa",
    "estimated_share": "Udział szacowany",
    "reason": "Brak wyniku, ponieważ",
    "year": "Rok",
    "scale": "Wyniki {scale}, wyższy oznacza większe ryzyko; miejsce 1 to największe ryzyko.",
    "selected": "Wybór: {count} z {of} wierszy; miejsce jest miejscem wśród wszystkich ocenionych.",
    "focal": "Badane państwo: {name}.",
    "partial_note": "★ podstawa częściowa: niektóre wskaźniki nie mają zastosowania; miejsce wśród takich krajów.",
    "unit_partial_note": "★ podstawa częściowa: niektóre wskaźniki nie mają zastosowania; miejsce wśród takich "
    "jednostek.",
    "large": "◊ ponad {share} % wagi wyniku jest szacowane.",
    "draws_note": "Przedziały: środkowe 90 % z {draws} losowań; {factors} czynników zmienia się razem.",
    "grade_note": "Ocena: udział wagi, który jest zaobserwowany, {least}; dla kilku wyników w ich kolejności.",
    "grade_from": "{grade} od {share} %",
    "estimated_note": "◊ przy wartości: szacowana, nie zaobserwowana.",
    "sources": "Źródła",
    "not_scored": "Bez wyniku",
    "framework": "Schemat {name}, wersja {version}.",
    "too_little": "zbyt mało obserwacji",
    "is_focal": "samo badane państwo",
    "nothing": "żaden wskaźnik nie ma zastosowania",
    "undefined": "agregacja nie ma tam wartości",
    "unobserved": "żaden wskaźnik nie jest zaobserwowany",
    "few_children": "zbyt mało części ma wartość",
    "coverage_below": "pokrycie {share}, poniżej {least}",
    "bounds_apart": "twarde granice odległe o {width} pkt, powyżej {most}",
    "partly": "Brak wyniku: {name}",
    "page": "Strona {page} z {pages}",
    "full": "pełna",
    "partial": "częściowa",
    "microstate": "mniej niż 100 000 mieszkańców",
    "outside_aiddata": "poza odbiorcami w rejestrze AidData",
    "outside_ids": "poza dłużnikami na liście Banku Światowego",
    "landlocked": "bez dostępu do morza",
    "column_iso3": "Kod",
    "column_marks": "Znaki",
    "column_reason": "Powód",
    "column_lacking": "Brakujące wskaźniki",
    "column_away": "Wskaźniki bez zastosowania",
    "column_focal": "Badane państwo",
    "column_sources": "Źródła",
    "column_data_years": "Lata danych",
    "column_observed": "Wskaźniki zaobserwowane",
    "column_estimated": "Wskaźniki szacowane",
    "column_indicators": "Wskaźniki",
    "column_estimated_indicators": "Wskaźniki szacowane",
    "score_observed": "tylko wskaźniki zaobserwowane",
    "score_reliability": "wiarygodność",
    "score_rank_region": "miejsce w regionie",
    "score_rank_income": "miejsce w grupie dochodowej",
    "score_low": "przedział 90 %, od",
    "score_high": "przedział 90 %, do",
    "score_rank_low": "miejsce, od",
    "score_rank_high": "miejsce, do",
    "score_band_probability": "losowania w tej klasie",
    "low": "niskie",
    "guarded": "umiarkowane",
    "elevated": "podwyższone",
    "high": "wysokie",
    "severe": "bardzo wysokie",
    "Dependency on {focal}": "Zależność od {focal_genitive}",
    "Security": "Bezpieczeństwo",
    "Digital supply": "Oferta cyfrowa",
    "Networks": "Sieci",
    "Digital projects and finance": "Projekty cyfrowe i ich finansowanie",
    "Surveillance suppliers": "Dostawcy nadzoru",
    "Technology imports": "Import technologii",
    "Debt exposure": "Ekspozycja na dług",
    "Lack of alternatives": "Brak innych ofert",
    "Data-security incidents": "Incydenty bezpieczeństwa danych",
    "Surveillance adoption and safeguards": "Nadzór i zabezpieczenia",
    "Network exposure": "Ekspozycja sieci",
    "Lack of cyber capacity": "Brak zdolności cyber",
    "Concentration of network operators": "Koncentracja operatorów sieci",
    "Communications projects financed by {focal}": "Projekty łączności finansowane przez {focal}",
    "Communications finance from {focal}": "Finansowanie łączności przez {focal}",
    "Share of {focal} among named surveillance suppliers": "Udział {focal_genitive} wśród znanych "
    "dostawców nadzoru",
    "{focal_possessive} share in imports of machinery and electronics": "Udział {focal_genitive} w "
    "imporcie maszyn i elektroniki",
    "{focal_possessive} share in goods imports": "Udział {focal_genitive} w imporcie towarów",
    "Concentration of import partners": "Koncentracja partnerów w imporcie",
    "{focal_possessive} share in external debt service, 2018-2022": "Udział {focal_genitive} w obsłudze "
    "długu zagranicznego, 2018-2022",
    "Cumulative official commitments of {focal}": "Łączne oficjalne zobowiązania {focal_genitive}",
    "External debt": "Dług zagraniczny",
    "Debt service": "Obsługa długu",
    "Online service index": "Wskaźnik usług online",
    "Telecommunication infrastructure index": "Wskaźnik infrastruktury telekomunikacyjnej",
    "Public cyber incidents received": "Publicznie znane incydenty cyber wobec kraju",
    "Adoption of AI surveillance times gap in safeguards": "Nadzór z użyciem SI razy luka w zabezpieczeniach",
    "Gap in safeguards": "Luka w zabezpieczeniach",
    "Level of data protection": "Poziom ochrony danych",
    "Share of the largest network operator": "Udział największego operatora sieci",
    "Global Cybersecurity Index 2024": "Globalny wskaźnik cyberbezpieczeństwa 2024",
    "National Cyber Security Index 2026": "Krajowy wskaźnik cyberbezpieczeństwa 2026",
    "Cybercrime law": "Ustawa o cyberprzestępczości",
    "Digital Silk Road: dependency on {focal_possessive} digital supply and credit, and security": "Cyfrowy "
    "Jedwabny Szlak: zależność od {focal_adjective} oferty cyfrowej i kredytu oraz bezpieczeństwo",
    "China": "Chiny",
    "Africa": "Afryka",
    "Americas": "Ameryki",
    "Asia": "Azja",
    "Europe": "Europa",
    "Oceania": "Oceania",
    "Low income": "Niski dochód",
    "Lower middle income": "Niższy średni dochód",
    "Upper middle income": "Wyższy średni dochód",
    "High income": "Wysoki dochód",
}
UNITS = "unit_"
"""What the words begin with that stand for those on countries where units are anything else."""
LANGUAGES: Mapping[str, Mapping[str, str]] = {"en": ENGLISH, "fr": FRENCH, "pl": POLISH}


def words_of(
    language: str | Mapping[str, str], texts: Iterable[str] = (), focal: str | None = "CHN"
) -> dict[str, str]:
    """Return the words of a language; words that a mapping lacks are English.

    A mapping may also translate `texts`, the texts of a framework and its data. Texts that name the focal
    state name `focal`, None for a framework without one.

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
        return dict(ENGLISH) | _about(language, focal)
    if not isinstance(language, Mapping):
        raise DataError(
            f"`language` must be a code or a mapping of words, received {type(language).__name__}"
        )
    names = {*ENGLISH, *_about("fr", focal), *texts}
    for key, word in language.items():
        if key not in names:
            raise UnknownNameError(f"unknown word `{key}`; {did_you_mean(str(key), names)}")
        if not isinstance(word, str):
            raise DataError(f"`language`: `{key}` must be a text, received {word!r}")
    return dict(ENGLISH) | dict(language)


def words_for(
    scores: Scores, language: str | Mapping[str, str] = "en", texts: Iterable[str] = ()
) -> dict[str, str]:
    """Return the words of a language for some scores: they name the focal state, and what units are.

    A word that a mapping gives is kept. Arguments are those of ``words_of``.
    """
    words = words_of(language, texts, scores.framework.focal)
    if scores.data.kind == "country":
        return words
    given = () if isinstance(language, str) else language
    units = {
        name.removeprefix(UNITS): word for name, word in words.items() if name.startswith(UNITS)
    }
    return words | {name: word for name, word in units.items() if name not in given}


def _about(language: str, focal: str | None) -> dict[str, str]:
    """Return the table of a language, with the focal state's name in the texts that have a place for it."""
    table = LANGUAGES[language]
    keys, values = focal_forms(focal), translated_forms(language, focal)
    return {with_focal(text, keys): with_focal(word, values) for text, word in table.items()}


@cache
def country_names(language: str) -> Mapping[str, str]:
    """Return names of countries in a language by their English names; empty for a language without them.

    From Unicode CLDR, where it has the country.

    Examples
    --------
    >>> country_names("pl")["Germany"]
    'Niemcy'
    """
    local = local_names(language)
    english = country_table()["name"].reindex(list(local)).dropna()
    return {str(name): local[str(code)] for code, name in english.items()}
