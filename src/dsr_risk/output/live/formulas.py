"""Spreadsheet formulas of methods: the share of the scale, derived columns, treatments, terms of means.

Only functions that Excel and LibreOffice both know. A method without a formula gives None; its column is
then written as values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ...methods._base import Method
from ...methods.aggregation import Aggregator
from ...methods.derived import Derived
from ...methods.normalisation import Normaliser
from ...methods.treatment import Treatment

__all__ = [
    "CLIPPED",
    "ENDLESS",
    "changed",
    "curve_of",
    "derived_formula",
    "inverse_formula",
    "literal",
    "path_formula",
    "share_formula",
    "term_formula",
    "treated_formula",
]

ENDLESS = "1E+300"
"""Stands for an infinite term: it absorbs all others, as infinity does."""

CLIPPED = ("goalposts", "minmax", "distance_to_maximum")
SUPPORTED: dict[str, frozenset[str]] = {
    "goalposts": frozenset({"low", "high", "curve", "by"}),
    "minmax": frozenset(),
    "distance_to_maximum": frozenset(),
    "zscore": frozenset({"mean", "sd", "ddof"}),
    "robust": frozenset({"mean", "sd"}),
    "scaled": frozenset({"low", "high"}),
    "piecewise": frozenset({"at", "shares"}),
    "logistic": frozenset({"low", "high", "tail"}),
    "distance_to_target": frozenset({"target", "target_is", "cap"}),
    "distance_to_reference": frozenset({"reference", "cap"}),
    "fraction_of_maximum": frozenset(),
}
STEEP = 50.0


def changed(method: Method) -> dict[str, Any]:
    """Return the parameters of a method that differ from their defaults."""
    spec = method.spec()
    return {} if isinstance(spec, str) else {key: spec[key] for key in spec if key != "method"}


def literal(value: float) -> str:
    """Return a number as a formula holds it, all digits; a negative one in brackets."""
    text = repr(float(value))
    return f"({text})" if text.startswith("-") else text


def curve_of(normaliser: Normaliser) -> str:
    """Return the curve on which a normaliser measures distances."""
    return str(getattr(normaliser, "curve", "linear"))


def _on_curve(curve: str, x: str) -> str:
    return {"linear": "{}", "log": "LN({})", "log1p": "LN(1+{})"}[curve].format(x)


def _knows(normaliser: Normaliser) -> bool:
    fields = SUPPORTED.get(normaliser.name)
    percentile = isinstance(getattr(normaliser, "reference", None), str)
    return fields is not None and set(changed(normaliser)) <= fields and not percentile


def share_formula(
    normaliser: Normaliser, x: str, addresses: Mapping[str, str], *, many: bool = False
) -> str | None:
    """Return the formula of the share of the scale that a value is worth, None without one.

    Parameters
    ----------
    normaliser
        The method.
    x
        The value: a cell, or a range with `many`.
    places
        Cells: ``low`` and ``high`` (bounds, or centre and unit), ``start`` and ``end`` (the bounds on the
        curve, in the direction of risk), ``turn`` (1 where higher is riskier, -1 where it is safer).
    many
        Whether x is a range, inside SUMPRODUCT.
    """
    if not _knows(normaliser):
        return None
    name, params = normaliser.name, changed(normaliser)
    if name in CLIPPED:
        curve = curve_of(normaliser)
        if curve != "linear":
            low = addresses["low"]
            x = f"(({x})+{low}+ABS(({x})-{low}))/2" if many else f"MAX({x},{low})"
        start, end = addresses["start"], addresses["end"]
        return _clipped(f"({_on_curve(curve, x)}-{start})/({end}-{start})", "1", many=many)
    turn, low, high = addresses["turn"], addresses["low"], addresses["high"]
    if name in ("zscore", "robust"):
        mean, sd = literal(params.get("mean", 50.0)), literal(params.get("sd", 10.0))
        return f"({mean}+{sd}*{turn}*(({x})-{low})/{high})/100"
    if name == "scaled":
        return f"{turn}*(({x})-IF({turn}>0,{low},{high}))/({high}-{low})"
    if name == "logistic":
        tail = float(params.get("tail", 0.05))
        steep = literal(2 * np.log((1 - tail) / tail))
        power = f"{turn}*{steep}/({high}-{low})*(({x})-({low}+{high})/2)"
        return f"1/(1+EXP(-{power}))"
    if name == "fraction_of_maximum":
        return f"IF({turn}>0,0,1)+{turn}*({x})/{high}"
    if name.startswith("distance_to_"):
        return _way(normaliser, x, addresses, many=many)
    path = path_formula(params["at"], params["shares"], x, many=many)
    return f"IF({turn}>0,0,1)+{turn}*({path})"


def _way(normaliser: Any, x: str, addresses: Mapping[str, str], *, many: bool) -> str:
    """Return the share of the way from the safest value to a target or a reference value."""
    goal = getattr(normaliser, "target_is", "") == "goal"
    name = "target" if normaliser.name == "distance_to_target" else "reference"
    end = literal(getattr(normaliser, name))
    test = f"{addresses['turn']}{'<' if goal else '>'}0"
    start = f"IF({test},{addresses['low']},{addresses['high']})"
    way = f"((({x})-{start})/({end}-{start}))"
    if normaliser.cap:
        way = f"(({way}+1-ABS({way}-1))/2)" if many else f"MIN(1,{way})"
    return f"1-{way}" if goal else way


def _clipped(x: str, most: str, *, many: bool) -> str:
    """Return x cut to 0..most; elementwise where it is a range."""
    if many:
        return f"({most}+ABS({x})-ABS({x}-{most}))/2"
    return f"MAX(0,MIN({most},{x}))"


def path_formula(
    at: Sequence[float], shares: Sequence[float], x: str, *, many: bool = False
) -> str:
    """Return the formula of the height at x of a path through points, level beyond its ends."""
    parts = [literal(shares[0])]
    for index in range(len(at) - 1):
        length = at[index + 1] - at[index]
        slope = literal((shares[index + 1] - shares[index]) / length)
        inside = _clipped(f"(({x})-{literal(at[index])})", literal(length), many=many)
        parts.append(f"{slope}*{inside}")
    return "+".join(parts)


# -- treatment ------------------------------------------------------------------------------------


def treated_formula(treatment: Treatment, x: str, learned: Mapping[str, float]) -> str | None:
    """Return the formula of a treated value; what treatment learned is a number in it. None without one."""
    name, params = treatment.name, changed(treatment)
    if name == "none":
        return x
    if name == "winsorise":
        low, high = learned["low"], learned["high"]
        out = x if np.isnan(low) else f"MAX({x},{literal(low)})"
        return out if np.isnan(high) else f"MIN({out},{literal(high)})"
    if name == "log1p":
        return f"LN(1+MAX({x},0)/{literal(params.get('unit', 1.0))})"
    if name == "signed_log":
        return f"SIGN({x})*LN(1+ABS({x})/{literal(params.get('unit', 1.0))})"
    return None


# -- derived columns ------------------------------------------------------------------------------


def derived_formula(operation: Derived, parts: Sequence[str], *, many: bool = False) -> str | None:
    """Return the formula of a derived column, None without one; with `many` a part is a range."""
    name, scale = operation.name, literal(operation.scale)
    params = changed(operation)
    simple = _derived_simple(name, parts, params)
    if simple is not None:
        return f"{scale}*({simple})"
    if many:
        return None
    scalar = _derived_scalar(name, parts, params)
    return None if scalar is None else f"{scale}*({scalar})"


def _derived_simple(name: str, parts: Sequence[str], params: Mapping[str, Any]) -> str | None:
    """Return operations whose formula holds elementwise too."""
    joined = {"product": "*", "sum": "+", "difference": "-", "ratio": "/"}
    if name in joined:
        return joined[name].join(f"({part})" for part in parts)
    if name == "weighted_sum":
        pairs = zip(params["weights"], parts, strict=True)
        return "+".join(f"{literal(weight)}*({part})" for weight, part in pairs)
    if name in ("power", "reciprocal"):
        return f"({parts[0]})^{literal(params.get('exponent', -1))}"
    if name == "change" and params.get("kind", "difference") == "difference":
        return f"(({parts[0]})-({parts[1]}))/{literal(params['years'])}"
    return None


def _derived_scalar(name: str, parts: Sequence[str], params: Mapping[str, Any]) -> str | None:
    first, arguments = parts[0], ",".join(parts)
    undefined = "SQRT(-1)"
    if name in ("minimum", "maximum"):
        return f"{name[:3].upper()}({arguments})"
    if name == "per_head":
        return f"IF({parts[1]}>0,{first}/{parts[1]},{undefined})"
    if name == "share":
        return (
            f"IF(AND(MIN({arguments})>=0,SUM({arguments})>0),{first}/SUM({arguments}),{undefined})"
        )
    if name == "root":
        return f"IF({first}>=0,{first}^(1/{literal(params.get('degree', 2.0))}),{undefined})"
    if name == "logarithm":
        inner = f"LN({first}+{literal(params.get('offset', 0.0))})"
        base = params.get("base")
        return inner if base is None else f"{inner}/LN({literal(base)})"
    if name == "threshold":
        above, below = literal(params.get("above", 1.0)), literal(params.get("below", 0.0))
        return f"IF({first}>={literal(params['at'])},{above},{below})"
    if name == "change":
        years = literal(params["years"])
        ratio = f"IF(AND({parts[1]}>0,{first}>=0),{first}/{parts[1]},{undefined})"
        rate = params.get("kind") == "rate"
        return f"({ratio})^(1/{years})-1" if rate else f"(({ratio})-1)/{years}"
    return None


# -- aggregation ----------------------------------------------------------------------------------


def term_formula(mean: Aggregator, x: str, addresses: Mapping[str, str], weight: str) -> str | None:
    """Return the formula of a child's term in its group, "" where it plays no part; None without one.

    `addresses` are cells of the group: ``a`` and ``b`` (intercept and slope of the raised scale), ``p``,
    ``lower`` and ``upper`` (the scale).
    """
    z = f"({addresses['a']}+{addresses['b']}*{x})"
    zero = f"(-1E-9*({addresses['upper']}-{addresses['lower']}))"
    match mean.name:
        case "arithmetic":
            body = x
        case "geometric":
            body = f"IF({z}>0,LN({z}),IF({z}>{zero},-{ENDLESS},NA()))"
        case "harmonic":
            body = f"IF({z}>0,1/{z},IF({z}>{zero},{ENDLESS},NA()))"
        case "power" if 0 < getattr(mean, "p", 0) <= STEEP:
            body = f"SIGN({z})*ABS({z})^{addresses['p']}"
        case "power" if -STEEP <= getattr(mean, "p", 0) < 0:
            body = (
                f"IF({z}>0,IFERROR({z}^{addresses['p']},{ENDLESS}),IF({z}>{zero},{ENDLESS},NA()))"
            )
        case "minimum" | "maximum":
            body = x
        case "product":
            body = f"MAX(0,({x}-{addresses['lower']})/({addresses['upper']}-{addresses['lower']}))"
        case _:
            return None
    return f'IF(ISNUMBER({x}),IF({weight}>0,{body},""),IF(ISERROR({x}),{x},""))'


def inverse_formula(mean: Aggregator, y: str, addresses: Mapping[str, str]) -> str:
    """Return the formula of a group's value from the weighted mean of its children's terms."""
    a, b, p = addresses["a"], addresses["b"], addresses["p"]
    match mean.name:
        case "geometric":
            return f"(EXP({y})-{a})/{b}"
        case "harmonic":
            return f"(1/({y})-{a})/{b}"
        case "power" if mean.p > 0:  # type: ignore[attr-defined]
            return f"(SIGN({y})*ABS({y})^(1/{p})-{a})/{b}"
        case "power":
            return f"(IF({y}>={ENDLESS}/1E+10,0,({y})^(1/{p}))-{a})/{b}"
        case _:
            return y
