"""Bad input to robustness, reversal, pathway, fragility and scenario: exit 2, one clear error, nothing written."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.helpers import run

FILES = {
    "swap.yaml": "levers: [{lever: supplier_swap, layer: ran, from: Huwei, to: Nokia, points: 0.1}]\n",
    "cap.yaml": "levers: [{lever: restrict_hrv, cap: 1.2}]\n",
    "haircut.yaml": "levers: [{lever: debt_renegotiation, haircut: 1.5}]\n",
    "creditor.yaml": "levers: [{lever: debt_renegotiation, haircut: 0.2, creditor: Wrld Bank}]\n",
    "keys.yaml": "levers: [{lever: restrict_hrv}]\ncod: 1\n",
    "code.yaml": "levers: !!python/object/apply:os.system ['true']\n",
    "actions.yaml": "actionable: [gci_2024]\n",
    "narrow.yaml": "intervals:\n  lack_of_cyber_capacity: {gci_2024: [0, 0.1], ncsi_2026: [0, 0.1], "
    "cybercrime_law: [0, 0.1]}\n",
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("reversal", "Pakstan", "Kenya"), "did you mean"),
        (("fragility", "Knya"), "did you mean"),
        (("robustness", "--country", "Pakstan"), "did you mean"),
        (("scenario", "incident_wave", "--country", "Polnd"), "did you mean `Poland`"),
        (("scenario", "incident_wave", "--country", "ASAEN"), "did you mean `ASEAN`"),
        (("scenario", "eu_tolbox"), "did you mean `eu_toolbox`"),
        (("scenario", "{swap.yaml}", "-c", "Kenya"), "did you mean `Huawei`"),
        (("scenario", "{creditor.yaml}", "-c", "Kenya"), "did you mean `World Bank`"),
        (("scenario", "{cap.yaml}", "-c", "Kenya"), "must lie in 0-1, received 1.2"),
        (("scenario", "{haircut.yaml}", "-c", "Kenya"), "must lie in 0-1, received 1.5"),
        (("scenario", "{keys.yaml}", "-c", "Kenya"), "unknown key `cod`"),
        (("scenario", "{code.yaml}", "-c", "Kenya"), "tag"),
        (
            ("pathway", "Pakistan", "10", "-s", "security", "--actions", "{actions.yaml}"),
            "the lowest that can be reached is",
        ),
        (("robustness", "--spread", "0"), "above 0, up to 1, received 0"),
        (("robustness", "--weights", "{narrow.yaml}"), "no weights fit the intervals"),
    ],
    ids=lambda one: " ".join(one)[:40] if isinstance(one, tuple) else "",
)
def test_bad_input_ends_with_2_and_writes_nothing(
    words: tuple[str, ...], said: str, tmp_path: Path
) -> None:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    out = tmp_path / "out.csv"
    typed = [str(tmp_path / one[1:-1]) if one.startswith("{") else one for one in words]
    before = sorted(tmp_path.iterdir())
    done = run(*typed, "--out", out)
    assert done.returncode == 2, done.stdout
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert sorted(tmp_path.iterdir()) == before
