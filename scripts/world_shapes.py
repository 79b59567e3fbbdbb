"""Write the shapes of the world map from Natural Earth's TopoJSON (public domain).

python scripts/world_shapes.py FOLDER    # holds countries-110m.json and countries-50m.json of world-atlas 2
"""

from __future__ import annotations

import csv
import json
import sys
from importlib import resources
from itertools import pairwise
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parents[1] / "src" / "dsr_risk" / "plots" / "world.json"
WITHOUT_NUMBER = {"Kosovo": "XKX"}
TOO_SMALL = {"TUV": (1792, -85), "GIB": (-53, 361), "BES": (-683, 122), "TKL": (-1718, -92)}
"""States and territories without a shape at 50 m: their capitals, in tenths of a degree."""
SCALE = 10
"""Coordinates are whole tenths of a degree."""


def numeric_codes() -> dict[str, str]:
    """Return ISO 3166-1 alpha-3 by numeric code of three digits."""
    table = resources.files("country_converter") / "country_data.tsv"
    rows = csv.DictReader(table.read_text(encoding="utf-8").splitlines(), delimiter="\t")
    return {f"{int(row['ISOnumeric']):03}": row["ISO3"] for row in rows if row["ISOnumeric"]}


def rings(topology: dict[str, Any], geometry: dict[str, Any]) -> list[list[tuple[float, float]]]:
    """Return the outer rings of a country in degrees; lakes and enclaves are left out."""
    kind, arcs = geometry["type"], geometry["arcs"]
    polygons = [arcs] if kind == "Polygon" else arcs
    return [ring(topology, polygon[0]) for polygon in polygons]


def ring(topology: dict[str, Any], numbers: list[int]) -> list[tuple[float, float]]:
    """Return one ring in degrees: arcs joined, a negative number being an arc backwards."""
    points: list[tuple[float, float]] = []
    (sx, sy), (tx, ty) = topology["transform"]["scale"], topology["transform"]["translate"]
    for number in numbers:
        x = y = 0
        part = []
        for dx, dy in topology["arcs"][number if number >= 0 else ~number]:
            x, y = x + dx, y + dy
            part.append((x * sx + tx, y * sy + ty))
        points += (part if number >= 0 else part[::-1])[1 if points else 0 :]
    return points


def area(points: list[tuple[float, float]]) -> float:
    """Return the area of a ring in square degrees."""
    pairs = zip(points, [*points[1:], points[0]], strict=True)
    return abs(sum(a * d - c * b for (a, b), (c, d) in pairs)) / 2


def centre(points: list[tuple[float, float]]) -> tuple[float, float]:
    """Return the middle of a ring's box."""
    xs, ys = zip(*points, strict=True)
    return (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2


def unwrapped(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return the ring without jumps across the 180th meridian."""
    out, turn = [points[0]], 0.0
    for (before, _), (x, y) in pairwise(points):
        turn -= 360.0 * round((x - before) / 360.0)
        out.append((x + turn, y))
    return out


def packed(points: list[tuple[float, float]]) -> list[int]:
    """Return a ring as x, y, then differences, in tenths of a degree, repeated points left out."""
    whole = [(round(x * SCALE), round(y * SCALE)) for x, y in unwrapped(points)]
    kept = [whole[0], *(b for a, b in pairwise(whole) if a != b)]
    steps = [(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(kept)]
    return [number for pair in [kept[0], *steps] for number in pair]


def main(folder: Path) -> None:
    """Write the file: `shapes` by ISO3 ("" for areas without a code), `dots` for small states."""
    coarse, fine = (
        json.loads((folder / f"countries-{size}m.json").read_text(encoding="utf-8"))
        for size in (110, 50)
    )
    codes = numeric_codes()

    def code(geometry: dict[str, Any]) -> str:
        name = geometry["properties"]["name"]
        iso3 = str(codes.get(geometry.get("id", ""), WITHOUT_NUMBER.get(name, "")))
        return iso3 if len(iso3) == 3 and iso3.isalpha() else ""

    shapes: dict[str, list[list[int]]] = {}
    for geometry in coarse["objects"]["countries"]["geometries"]:
        if code(geometry) == "ATA":
            continue
        parts = [packed(one) for one in rings(coarse, geometry)]
        shapes.setdefault(code(geometry), []).extend(one for one in parts if len(one) >= 8)
    dots = {iso3: list(place) for iso3, place in TOO_SMALL.items()}
    for geometry in fine["objects"]["countries"]["geometries"]:
        iso3 = code(geometry)
        if iso3 and iso3 not in shapes and iso3 != "ATA":
            largest = max(rings(fine, geometry), key=area)
            dots[iso3] = [round(SCALE * one) for one in centre(largest)]
    told = "Natural Earth 4.1.0, admin 0 countries, public domain; tenths of a degree"
    text = json.dumps({"source": told, "shapes": shapes, "dots": dots}, separators=(",", ":"))
    TARGET.write_text(text + "\n", encoding="utf-8")
    print(f"{TARGET}: {len(text):,} bytes, {len(shapes)} shapes, {len(dots)} dots")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
