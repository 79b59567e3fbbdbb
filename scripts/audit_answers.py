"""Answers to what the audit says of the bundled framework, printed in docs/framework.md.

An answer belongs to a check and to a node among those the finding names, or to the whole check (`""`).
"""

from __future__ import annotations

__all__ = ["ANSWERS", "answer_to"]

ANSWERS: dict[str, dict[str, str]] = {
    "indicator_availability": {
        "surveillance_focal_supplier_share": (
            "The index lists only countries with evidence. .06 of the score for that reason; the rest "
            "is estimated, marked and drawn."
        ),
        "adoption_x_safeguards_gap": (
            "Of the 173 scored states the gap is known for 173 and adoption for 94; of one more the gap is 0, "
            "so the product is 0. Elsewhere the gap alone is observed and is the upper bound of the product."
        ),
    },
    "country_availability": {
        "": "Mostly territories, where many indicators do not apply; printed on a partial basis, with "
        "what is estimated.",
    },
    "negative_pair": {
        "data_security_incidents": (
            "Public incidents rise with openness, capacity falls with it. Kept because the request names "
            "incidents; .20 of security, low confidence, an interval of its own. Without them the other "
            "three pillars agree; see the table of leave-one-out."
        ),
    },
    "reliability": {
        "security": (
            "The same: incidents run against the other pillars. The score is a sum of different risks, "
            "not one latent trait (formative, not reflective), so alpha is no condition."
        ),
        "": "The parts are different channels of one risk, not repeated measures of one trait "
        "(formative): alpha is no condition.",
    },
    "dimensions": {
        "debt_exposure": (
            "Two dimensions by design: the creditor (China's share and commitments) and the burden "
            "(debt and its service)."
        ),
        "": "Different channels by design.",
    },
    "first_component": {
        "": "Different channels by design; weights are stated, not taken from the component.",
    },
    "loadings": {
        "networks": "Concentration of operators has other causes than Chinese finance; it is measured "
        "because it matters whoever the vendor is.",
        "data_security_incidents": "As for the negative pairs: incidents rise with openness.",
    },
    "outliers": {
        "import_partner_hhi": "Real: landlocked countries that buy through one neighbour. Clipped at the "
        "goalpost, .04 of the score.",
        "": "Real values, clipped at the goalposts.",
    },
    "skewness": {
        "import_partner_hhi": "Clipped at the goalposts.",
        "cybercrime_law": "Nine states of ten have a law; the few without are what it shows. .06 of "
        "security.",
        "": "Clipped at the goalposts, or on a log scale.",
    },
    "saturation": {
        "cybercrime_law": "Nine states of ten have a law; the few without are what it shows. .06 of "
        "security.",
        "": "The end of a closed scale.",
    },
    "silent": {
        "external_debt_gni": "Small by weight (.04); it measures the burden of debt to other creditors.",
        "debt_service_exports": "Small by weight (.04); it measures the burden of debt to other creditors.",
        "incident_rate": "It runs against the other pillars, so it moves single countries and not the "
        "order as a whole.",
    },
    "dominating": {
        "data_protection_level": "It stands for the whole family of legal safeguards and moves with "
        "income; .10 of the weight is kept, and the figure is published.",
        "": "Moves with what else is high; the weight is as stated.",
    },
    "balance": {
        "": "Weights are judgement and stay as stated; importance differs because pillars vary more or "
        "less and move together. The preset data_quality and the weight factors show what follows.",
    },
    "removal": {
        "incident_rate": "Kept because the request names incidents; its interval is in the uncertainty "
        "analysis.",
        "": "Published in the table of leave-one-out.",
    },
    "shared_source": {
        "": "One source for several indicators is declared; its errors may go together.",
    },
    "redundant_pair": {"": "Declared overlap; both are kept at a small weight."},
    "coverage": {"": "Marked as estimated, and printed by what is observed."},
}


def answer_to(check: str, score: object, nodes: object) -> str:
    """The answer to a finding; an empty text where there is none."""
    answers = ANSWERS.get(check, {})
    for name in [part.strip() for part in str(nodes).split(",")]:
        if name in answers:
            return answers[name]
    return answers.get("", answers.get(str(score), ""))
