"""Write names of countries in other languages from Unicode CLDR, by Babel: ``python scripts/country_names.py``."""

from __future__ import annotations

import json
from pathlib import Path

from babel import Locale, __version__

from dsr_risk.data.countries import country_table

TARGET = Path(__file__).parent.parent / "src" / "dsr_risk" / "output" / "country_names.json"
LANGUAGES = ("fr", "pl")


def main() -> None:
    """Write the names of every country that CLDR has, by ISO3."""
    codes = country_table()["iso2"].dropna().sort_index()
    out: dict[str, object] = {
        "source": f"Unicode CLDR (Unicode License v3), by Babel {__version__}"
    }
    for language in LANGUAGES:
        names = Locale(language).territories
        out[language] = {code: names[short] for code, short in codes.items() if short in names}
    TARGET.write_text(json.dumps(out, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
