"""Countries named in running text, by name or by the adjective of their people."""

from __future__ import annotations

import re
from functools import cache

from ..data.countries import country_source

# Adjectives and short names that no list of countries has; "" = looks like a country, is none.
_WORDS = """
AFG Afghan Afghans|ALB Albanian|DZA Algerian|AGO Angolan|ARG Argentine Argentinian|ARM Armenian
AUS Australian|AUT Austrian|AZE Azerbaijani Azeri|BHR Bahraini|BGD Bangladeshi|BLR Belarusian
BEL Belgian|BTN Bhutanese|BOL Bolivian|BIH Bosnia Bosnian|BRA Brazilian|BRN Brunei Bruneian
BGR Bulgarian|KHM Cambodian|CMR Cameroonian|CAN Canadian|CHL Chilean|CHN Chinese PRC
COL Colombian|HRV Croatian|CUB Cuban|CYP Cypriot|CZE Czech|DNK Danish|ECU Ecuadorian
EGY Egyptian|EST Estonian|ETH Ethiopian|FIN Finnish|FRA French|GEO Georgian|DEU German Germans
GHA Ghanaian|GRC Greek|GTM Guatemalan|HKG Hong_Kong|HUN Hungarian|ISL Icelandic|IND Indian
IDN Indonesian|IRN Iran Iranian Iranians|IRQ Iraqi Iraqis|IRL Irish|ISR Israeli Israelis
ITA Italian|CIV Ivory_Coast Ivorian Côte_d'Ivoire Cote_d'Ivoire
JPN Japanese|JOR Jordanian|KAZ Kazakh Kazakhstani|KEN Kenyan
PRK North_Korea North_Korean DPRK|KOR South_Korea South_Korean S._Korea Korean Koreans Korea
KWT Kuwaiti|KGZ Kyrgyz|LAO Laos Lao Laotian|LVA Latvian|LBN Lebanese|LBY Libyan|LTU Lithuanian
LUX Luxembourgish|MAC Macau|MYS Malaysian|MDV Maldivian|MLT Maltese|MEX Mexican|MDA Moldova Moldovan
MNG Mongolian|MNE Montenegrin|MAR Moroccan|MMR Burma Burmese|NPL Nepali Nepalese|NLD Dutch
NZL New_Zealander|NIC Nicaraguan|NGA Nigerian|MKD Macedonian|NOR Norwegian|OMN Omani|PAK Pakistani
PSE Palestine Palestinian Palestinians|PAN Panamanian|PRY Paraguayan|PER Peruvian
PHL Filipino Philippine|POL Polish|PRT Portuguese|QAT Qatari|ROU Romanian
RUS Russia Russian Russians|RWA Rwandan|SAU Saudi Saudis|SEN Senegalese|SRB Serbian|SGP Singaporean
SVK Slovak|SVN Slovenian|SOM Somali|ZAF South_African|ESP Spanish|LKA Sri_Lankan|SDN Sudanese
SWE Swedish|CHE Swiss|SYR Syria Syrian Syrians|TWN Taiwanese|TJK Tajik|TZA Tanzania Tanzanian
THA Thai|VAT Vatican Holy_See|TUN Tunisian|TUR Turkiye Turkish|TKM Turkmen|UGA Ugandan
UKR Ukrainian Ukrainians|ARE UAE Emirati|GBR UK U.K. Britain Great_Britain British England English
USA USA US U.S. U.S.A. America American Americans|URY Uruguayan|UZB Uzbek|VEN Venezuela Venezuelan
VNM Vietnam Viet_Nam Vietnamese|YEM Yemeni|ZMB Zambian|ZWE Zimbabwean|XKX Kosovar
CZE Czech_Republic|NZL New_Zealand|COD DRC Democratic_Republic_of_the_Congo
- North_America North_American South_America South_American Latin_America Latin_American
- Central_America Central_American Indian_Ocean New_Mexico New_England Georgia_Tech
- Johnson_&_Johnson East_China_Sea South_China_Sea Persian_Gulf Gulf_of_Mexico
"""


@cache
def _known() -> tuple[re.Pattern[str], dict[str, str]]:
    source = country_source()
    words = dict(zip(source["name_short"], source["ISO3"], strict=True))
    for entry in re.split(r"[|\n]", _WORDS.strip()):
        code, *names = entry.split()
        words.update({name.replace("_", " "): code for name in names})
    # Longest first, so that South Sudan is not also read as Sudan.
    longest = sorted(words, key=len, reverse=True)
    pattern = r"(?<!\w)(?:" + "|".join(re.escape(one) for one in longest) + r")(?!\w)"
    return re.compile(pattern), words


def countries_in(text: str) -> tuple[str, ...]:
    """ISO 3166 alpha-3 codes of the countries a text names, each once, in order.

    Examples
    --------
    >>> countries_in("U.S. and South Korean banks, the Austrian Foreign Ministry")
    ('USA', 'KOR', 'AUT')
    """
    pattern, words = _known()
    found = dict.fromkeys(words[one] for one in pattern.findall(text))
    return tuple(code for code in found if code != "-")
