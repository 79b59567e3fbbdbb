"""What a page holds, compared with Python."""

from __future__ import annotations

from typing import Any

import numpy as np

import dsr_risk as dr


def in_page(page: Any) -> Any:
    """Scores and ranks that the page holds, by headline and country."""
    return page.evaluate(
        """() => { const { D, found } = report, N = D.names.length;
        return D.headlines.map((head, h) => D.codes.map((_, i) =>
            found.printed[h][i] ? [found.values[i * N + head], found.ranks[h][i]] : null)); }"""
    )


def same(page: Any, scores: dr.Scores) -> None:
    """The page holds the scores and ranks of Python, for the same countries."""
    for name, rows in zip(scores.names, in_page(page), strict=True):
        values, ranks = scores.values[name].to_numpy(), scores.rank[name].to_numpy(float)
        kept = [i for i, row in enumerate(rows) if row is not None]
        assert len(kept) > 1
        assert kept == np.flatnonzero(~np.isnan(values)).tolist()
        np.testing.assert_allclose([rows[i][0] for i in kept], values[kept], rtol=0, atol=1e-9)
        assert [rows[i][1] for i in kept] == ranks[kept].tolist()


def same_basis(page: Any, scores: dr.Scores) -> None:
    """The page marks the countries whose score is on a partial basis."""
    texts = page.eval_on_selector_all(
        "#rows th", "(cells) => cells.map((cell) => cell.textContent)"
    )
    starred = {text.partition(" ★")[0] for text in texts if "★" in text}
    partial = (scores.basis == "partial").any(axis=1)
    names = dict(zip(scores.data.units, scores.data.unit_names, strict=True))
    assert starred == {names[unit] for unit in partial.index[partial]}


def same_contributions(page: Any, scores: dr.Scores) -> None:
    """The page holds the contributions of every node that Python has."""
    points = page.evaluate("Array.from(report.found.points).map((x) => Number.isNaN(x) ? null : x)")
    table = np.array(points, dtype=float).reshape(len(scores.data), -1)
    for name in scores.names:
        expected = scores.contributions(name, level="all")
        kept = scores.values[name].notna().to_numpy()
        for node in expected:
            there = table[kept, scores._state.tree.index[node]]
            np.testing.assert_allclose(there, expected[node][kept], rtol=0, atol=1e-9)


def moved_by(page: Any, target: Any) -> dr.Framework:
    """The framework that the page hands out."""
    with page.expect_download() as told:
        page.click("#save")
    told.value.save_as(target)
    return dr.load_framework(target)
