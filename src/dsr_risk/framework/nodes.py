"""Nodes of a framework: indicators and groups; its defaults and mechanisms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

import pandas as pd
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    ValidationError,
)

from .._util.display import Shown, counted, table_of
from ..errors import FrameworkError
from ..methods._base import Number
from ..methods.aggregation import Aggregator
from ..methods.derived import Derived
from ..methods.imputation import Imputer, ShareWeight
from ..methods.means import Arithmetic
from ..methods.normalisation import MinMax, Normaliser
from ..methods.treatment import NoTreatment, Treatment
from ..methods.weighting import Given, Weighter
from .checks import complaints
from .fields import Ends, Name, Share, Text, Weight, Width

__all__ = [
    "Child",
    "ContextColumn",
    "Defaults",
    "Group",
    "Indicator",
    "Mechanism",
    "Node",
    "Spec",
]


class Spec(BaseModel):
    """A frozen piece of a framework; unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    def __init__(self, /, **fields: Any) -> None:
        try:
            super().__init__(**fields)
        except ValidationError as error:
            problems = complaints(error, fields, type(self).__name__.casefold(), _fields())
            name = f" `{fields['name']}`" if isinstance(fields.get("name"), str) else ""
            raise FrameworkError(
                f"{type(self).__name__.casefold()}{name}: {counted(len(problems), 'problem')}",
                problems,
            ) from None

    # Pydantic then validates nested pieces itself and keeps their place in the tree.
    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]


class Node(Spec, Shown):
    """The fields that indicators and groups share: a unique name, words for people, a weight among siblings."""

    name: Name
    code: Text = ""
    label: Text = ""
    unit: Text = ""
    weight: Weight = 1.0
    source: Text = ""
    rationale: Text = ""

    @property
    def title(self) -> str:
        """The label, or the name where there is none."""
        return self.label or self.name


class Indicator(Node):
    """A measured column: its direction, treatment, normalisation and what values are plausible.

    ``higher_is`` says whether a higher raw value is `riskier` or `safer`. A column of ``context`` may leave it
    out, and is then `neither`. ``plausible`` (low, high) and
    ``ordinal`` (the only codes allowed) bound raw values: others are an error. ``focal`` marks a value
    that depends on the focal origin. ``optional`` lets data come without the column altogether (it then
    counts as missing). ``column`` names the data column where it is not the node's name;
    ``denominator`` another column to divide by, itself divided by ``scale_factor`` first (GDP in dollars
    with 1e6: per million). ``role`` says which part it plays for scenario levers (``imports.focal_share``)
    where its column has a name of its own. ``derived`` computes the value from other indicators or context
    columns, after their missing cells are estimated; ``missing`` says how a missing cell is treated. Methods
    left out are the framework's defaults.

    Examples
    --------
    >>> Indicator(name="gci", higher_is="safer", normalisation="minmax").higher_is
    'safer'
    """

    higher_is: Literal["riskier", "safer", "neither"]
    derived: Derived | None = None
    missing: Imputer | None = None
    treatment: Treatment | None = None
    normalisation: Normaliser | None = None
    denominator: Name | None = None
    scale_factor: Annotated[Number, Field(ge=1e-100, le=1e100)] = 1.0
    plausible: Ends | None = None
    ordinal: tuple[Number, ...] | None = None
    focal: bool = False
    optional: bool = False
    column: Name | None = None
    role: Text = ""

    @property
    def data_column(self) -> str:
        """The data column it reads."""
        return self.column or self.name

    @property
    def sign(self) -> int:
        """-1 where higher is safer, else +1."""
        return -1 if self.higher_is == "safer" else 1

    def __repr__(self) -> str:
        unit = f", {self.unit}" if self.unit else ""
        direction = "" if self.higher_is == "neither" else f", higher is {self.higher_is}"
        return f"Indicator({self.name!r}{direction}{unit})"

    __str__ = __repr__

    def _shown(self) -> tuple[str, pd.DataFrame]:
        return repr(self), _listing((self,))


def _without_direction(value: Any) -> Any:
    if isinstance(value, Mapping) and "higher_is" not in value:
        return {**value, "higher_is": "neither"}
    return value


ContextColumn = Annotated[Indicator, BeforeValidator(_without_direction)]
"""A column that is shown beside scores: it needs no `higher_is`."""


def _kind(value: Any) -> str:
    # A dict is asked for first: the question whether a thing is a mapping is a slow one.
    if isinstance(value, dict) or isinstance(value, Mapping):  # noqa: SIM101
        return "group" if "children" in value else "indicator"
    return "group" if isinstance(value, Group) else "indicator"


Child = Annotated[
    Annotated[Indicator, Tag("indicator")] | Annotated["Group", Tag("group")],
    Discriminator(_kind),
]


class Group(Node):
    """Children and how they are weighted and aggregated.

    The value of a group is printed if at least ``min_coverage`` of the weight below it is observed, or if
    its hard bounds are at most ``max_width`` points apart; it is evaluated in any case. A group of which
    fewer than ``min_children`` children have a value has none, and its siblings share its weight.
    ``rounding`` is the number of digits to which the value is rounded (half up) before it enters its parent,
    in the score and in every draw. ``scaled_by`` names the child indicator that scales the value of the other
    children, as a share of the scale. ``value`` names the child indicator that holds the value of the whole
    group, given or estimated: it is used where fewer than ``min_children`` (1 by default) of the other
    children have a value. Methods and shares left out are the framework's defaults.

    Examples
    --------
    >>> Group(name="capacity", aggregation={"method": "power", "p": 2},
    ...       children=[{"name": "gci", "higher_is": "safer"}]).aggregation
    Power(p=2.0)
    >>> group = Group(name="own", children=[{"name": "gci", "higher_is": "safer"},
    ...     {"name": "money", "children": [{"name": "debt", "higher_is": "riskier"}]}])
    >>> [node.name for node in group.walk()]
    ['own', 'gci', 'money', 'debt']
    """

    weighting: Weighter | None = None
    aggregation: Aggregator | None = None
    min_coverage: Share | None = None
    max_width: Width | None = None
    min_children: Annotated[int, Field(ge=1, strict=True)] | None = None
    rounding: Annotated[int, Field(ge=0, le=12, strict=True)] | None = None
    scaled_by: Name | None = None
    value: Name | None = None
    children: tuple[Child, ...] = Field(min_length=1)

    def __repr__(self) -> str:
        return f"Group({self.name!r}, children: {', '.join(child.name for child in self.children)})"

    __str__ = __repr__

    def walk(self) -> Iterator[Indicator | Group]:
        """Return the group, then everything below it, parents first."""
        yield self
        for child in self.children:
            if isinstance(child, Group):
                yield from child.walk()
            else:
                yield child

    def _shown(self) -> tuple[str, pd.DataFrame]:
        """Return the group and everything below it."""
        return repr(self), _listing(tuple(self.walk()))


def _listing(nodes: tuple[Indicator | Group, ...]) -> pd.DataFrame:
    rows = [
        {
            "node": node.title,
            "name": node.name,
            "weight": node.weight,
            "higher is": node.higher_is if isinstance(node, Indicator) else "",
            "unit": node.unit,
        }
        for node in nodes
    ]
    return table_of(pd.DataFrame(rows))


class Defaults(Spec):
    """The methods and the share used wherever a node has none of its own.

    ``imputed_counts`` says whether an imputed cell counts as observed in coverage. By default it does
    not: an imputed value enters the score, but whether there is a score at all is decided by what was
    measured, as in the OECD/JRC Handbook (2008, step 3) and in COINr, which screen units on raw data.
    """

    missing: Imputer = ShareWeight()
    treatment: Treatment = NoTreatment()
    normalisation: Normaliser = MinMax()
    weighting: Weighter = Given()
    aggregation: Aggregator = Arithmetic()
    min_coverage: Share = 0.5
    max_width: Width | None = None
    imputed_counts: bool = False


class Mechanism(Spec):
    """One claim of the domain and how it is represented: indicator, scenario lever or context."""

    name: Name
    label: Text = ""
    role: tuple[Literal["indicator", "lever", "context"], ...] = Field(min_length=1)
    nodes: tuple[Name, ...] = ()
    levers: tuple[Name, ...] = ()
    rationale: Text = ""


def _fields() -> dict[str, list[str]]:
    """Return the fields of every kind of piece, by name of the kind."""
    kinds = (*Spec.__subclasses__(), *Node.__subclasses__())
    return {kind.__name__.casefold(): list(kind.model_fields) for kind in kinds if kind is not Node}
