"""The framework: what is measured, in which direction, with which weights; data, not code."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Self

import pandas as pd
from pydantic import AfterValidator, Field, PrivateAttr

from .._util.arguments import typed
from .._util.display import Shown, counted, table_of
from .._util.documents import parse_document, read_document, yaml_text
from .._util.faces import plots
from .._util.frozen import Fixed, held
from ..errors import FrameworkError, UnknownNameError, did_you_mean
from ..factors import Factor
from ..methods.imputation import Imputer
from .checks import checked_plain, framework_problems
from .derivations import derivation_order, inputs_of
from .factor_checks import factor_problems, following
from .fields import GRADES, Focal, Name, Peers, Scale, Shares, Starts, Text, equal_bands
from .focal_texts import Texts, everywhere_named, focal_forms, named, written
from .nodes import ContextColumn, Defaults, Group, Indicator, Mechanism, Spec
from .replace import extended, preset_of, replaced
from .texts import fingerprint_of, json_text, write_framework
from .tree import depths_of, effective_weights_of, parents_of, weight_totals_of

__all__ = ["Framework"]


def _emptied(presets: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return presets with None where a file without null says ``none``: for the focal state or a whole node."""
    fields = set(Framework.model_fields) - {"focal"}

    def empty(path: str, value: Any) -> bool:
        is_field = "." not in path and path not in fields
        return is_field and isinstance(value, str) and value.casefold() == "none"

    return held(
        {
            name: {path: None if empty(path, value) else value for path, value in changes.items()}
            for name, changes in presets.items()
        }
    )


class Framework(Spec, Shown):
    """Headline scores, each a tree of groups and indicators, with bands and defaults.

    ``scores`` are the headline groups, any number of them. ``scale`` is the range every node lives on.
    ``bands`` and ``grades`` map a label to the lower end of its score and coverage range; bands left out
    are five of equal length. ``focal`` is the state whose suppliers are studied (ISO 3166 alpha-3), or
    None (``none`` in files). In titles, descriptions, labels and rationales ``{focal}`` stands for its name,
    ``{focal_possessive}`` for "China's" and ``{focal_adjective}`` for "Chinese". ``units`` says what data
    hold: ``country`` (names and codes of countries), ``any`` (regions, firms or anything else with an
    identifier) or the column of identifiers. ``peers`` names groups of alike countries by their codes:
    imputation by group may use them beside region and income. ``context`` lists columns that are shown
    beside scores and never scored; they need no ``higher_is``. ``presets`` are named sets of replacements.
    ``factors`` say what is uncertain and how, by the place that each concerns (see `dsr_risk.factors`).

    Raises
    ------
    FrameworkError
        With every problem of the framework, each located by node name.

    Examples
    --------
    >>> fw = Framework(name="mine", scores=[{"name": "risk", "children": [
    ...     {"name": "debt", "higher_is": "riskier"}, {"name": "gci", "higher_is": "safer"}]}])
    >>> [node.name for node in fw.indicators]
    ['debt', 'gci']
    >>> fw.replace({"debt.weight": 3})["debt"].weight
    3.0
    >>> fw.score_of("debt"), fw.to_dict()["name"], Framework.from_dict(fw.to_dict()) == fw
    ('risk', 'mine', True)
    >>> Framework.from_yaml(fw.to_yaml()) == fw, Framework.from_json(fw.to_json()) == fw
    (True, True)
    """

    name: Name = "framework"
    title: Text = ""
    version: Text = "1"
    description: Text = ""
    focal: Focal = None
    units: Text = Field(default="country", min_length=1)
    scale: Scale = (0.0, 100.0)
    bands: Starts = Field(
        default_factory=lambda given: equal_bands(given.get("scale")), min_length=1
    )
    grades: Shares = Field(default_factory=lambda: held(GRADES), min_length=1)
    defaults: Defaults = Defaults()
    peers: Peers = Field(default_factory=Fixed)
    scores: tuple[Group, ...] = Field(min_length=1)
    context: tuple[ContextColumn, ...] = ()
    mechanisms: tuple[Mechanism, ...] = ()
    presets: Annotated[dict[str, dict[str, Any]], AfterValidator(_emptied)] = Field(
        default_factory=Fixed
    )
    factors: Annotated[dict[str, Factor], AfterValidator(held)] = Field(default_factory=Fixed)
    _as_written: Texts = PrivateAttr(default_factory=dict)

    def __init__(self, /, **fields: Any) -> None:
        # Texts are held with the name of the focal state, and written with the placeholder they came with.
        fields, texts = named(fields)
        super().__init__(**fields)
        self._as_written = texts
        problems = framework_problems(self) or factor_problems(self, self.factors)
        if problems:
            raise FrameworkError(
                f"framework `{self.name}`: {counted(len(problems), 'problem')}", problems
            )

    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]

    @classmethod
    def from_dict(cls, raw: object, where: str = "framework") -> Self:
        """Return the framework written as plain data; `where` names the source in error messages.

        Parameters
        ----------
        raw
            A mapping with ``name``, ``scores`` and any other attribute of a framework.
        where
            What stands before the problems in an error message, such as the name of a file.

        Returns
        -------
        Framework
            The framework, checked.

        Raises
        ------
        FrameworkError
            With every problem, each located by node name; or if `raw` is no mapping, or nested too deep.
        """
        plain = checked_plain(raw, where)
        try:
            return cls(**{str(key): value for key, value in plain.items()})
        except FrameworkError as error:
            problems = error.problems or (error.message,)
            raise FrameworkError(
                f"{where}: {counted(len(problems), 'problem')}", problems
            ) from None

    @cached_property
    def nodes(self) -> tuple[Indicator | Group, ...]:
        """Every scored node, parents before children, in the order written."""
        return tuple(node for score in self.scores for node in score.walk())

    @cached_property
    def indicators(self) -> tuple[Indicator, ...]:
        """The scored indicators, in the order written."""
        return tuple(node for node in self.nodes if isinstance(node, Indicator))

    @cached_property
    def derivations(self) -> tuple[Indicator, ...]:
        """The derived indicators that scores need, each after the parts it is computed from."""
        return derivation_order(self)

    @cached_property
    def inputs(self) -> tuple[Indicator, ...]:
        """The indicators that scores read from data columns: scored ones, then parts of derived ones."""
        return inputs_of(self)

    @cached_property
    def _imputers(self) -> dict[Imputer, list[int]]:
        """The methods for missing cells, each with the places of its columns among the inputs."""
        out: dict[Imputer, list[int]] = {}
        for index, indicator in enumerate(self.inputs):
            out.setdefault(indicator.missing or self.defaults.missing, []).append(index)
        return out

    @cached_property
    def _by_name(self) -> dict[str, Indicator | Group]:
        return {node.name: node for node in (*self.nodes, *self.context)}

    @cached_property
    def parents(self) -> dict[str, str | None]:
        """The parent's name of every scored node, None for headline scores."""
        return held(parents_of(self))

    @cached_property
    def depths(self) -> dict[str, int]:
        """The depth of every scored node: 0 for headline scores, 1 for pillars, and on."""
        return held(depths_of(self))

    @property
    def weight_totals(self) -> dict[str, float]:
        """For every group, what the weights of its children add up to as written."""
        return weight_totals_of(self)

    @cached_property
    def effective_weights(self) -> dict[str, float]:
        """The product of weight shares from the headline score down to each node, as written."""
        return held(effective_weights_of(self))

    def __getitem__(self, name: str) -> Indicator | Group:
        """Return the node of that name, context columns included; UnknownNameError with the nearest names."""
        node = self._by_name.get(name) if isinstance(name, str) else None
        if node is None:
            raise UnknownNameError(
                f"no node `{name}` in framework `{self.name}`; {did_you_mean(str(name), self._by_name)}"
            )
        return node

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    @typed
    def score_of(self, name: str) -> str:
        """Return the headline score that a node belongs to.

        Parameters
        ----------
        name
            A headline score, group or indicator.

        Returns
        -------
        str
            The name of the headline score that holds the node.

        Raises
        ------
        UnknownNameError
            If there is no node of that name.
        """
        self[name]
        while (parent := self.parents[name]) is not None:
            name = parent
        return name

    def to_dict(self) -> dict[str, Any]:
        """Return the framework as plain data, leaving out what is at its default."""
        plain: dict[str, Any] = self.model_dump(mode="json", exclude_defaults=True)
        if self.bands == equal_bands(self.scale):
            del plain["bands"]
        return {"name": self.name, **written(plain, self._as_written)}

    def to_json(self) -> str:
        """Return the framework as JSON text; ``from_json`` reads it back equal."""
        return json_text(self.to_dict())

    @classmethod
    @typed(own=("text",))
    def from_json(cls, text: str) -> Self:
        """Read a framework from JSON text.

        Parameters
        ----------
        text
            A JSON text, as ``to_json`` writes it.

        Returns
        -------
        Framework
            The framework, checked.

        Raises
        ------
        FrameworkError
            If the text is no JSON, or with every problem of the framework.

        Examples
        --------
        >>> from dsr_risk import load_framework
        >>> Framework.from_json(load_framework().to_json()) == load_framework()
        True
        """
        return cls._from_text(text, ".json")

    def to_yaml(self) -> str:
        """Return the framework as YAML text; ``from_yaml`` reads it back equal."""
        return yaml_text(self.to_dict())

    @classmethod
    @typed
    def from_yaml(cls, text: str) -> Self:
        """Read a framework from YAML text, as ``to_yaml`` writes it.

        Parameters, result and errors are those of `from_json`.
        """
        return cls._from_text(text, ".yaml")

    @classmethod
    def _from_text(cls, text: str, suffix: str) -> Self:
        where = f"{suffix[1:].upper()} text of a framework"
        if not isinstance(text, str):
            raise FrameworkError(
                f"{where}: expected text, received {type(text).__name__}; a file is read by "
                "`Framework.load(path)`"
            )
        return cls.from_dict(parse_document(text, suffix, where), where)

    @typed
    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the framework to a .yaml, .yml, .json or .toml file; ``load`` reads it back equal.

        The file appears whole or not at all. TOML needs the extra `toml`.

        Parameters
        ----------
        path
            The file to write; one that exists is replaced.

        Returns
        -------
        pathlib.Path
            The file that was written.

        Raises
        ------
        FrameworkError
            For another format, or a framework that TOML cannot hold.

        Examples
        --------
        >>> import pathlib, tempfile
        >>> from dsr_risk import load_framework
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "mine.yaml"
        >>> Framework.load(load_framework().save(path)) == load_framework()
        True
        """
        return write_framework(self.to_dict(), Path(path))

    @classmethod
    @typed
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Read a framework from a .yaml, .yml, .json or .toml file.

        ``load_framework`` also takes the names of bundled frameworks and plain data.

        Parameters
        ----------
        path
            The file to read.

        Returns
        -------
        Framework
            The framework, checked.

        Raises
        ------
        FrameworkError
            With every problem of the file, each located by node name.

        Examples
        --------
        >>> import pathlib, tempfile
        >>> from dsr_risk import load_framework
        >>> path = load_framework().save(pathlib.Path(tempfile.mkdtemp()) / "mine.json")
        >>> Framework.load(path).name
        'dsr'
        """
        return cls.from_dict(read_document(Path(path)), str(path))

    @property
    def fingerprint(self) -> str:
        """Twelve hex digits of SHA-256 over the whole content: equal frameworks, equal fingerprints."""
        plain = self.model_dump(mode="json")
        presets = everywhere_named(plain["presets"], focal_forms(self.focal))
        return fingerprint_of({**plain, "presets": presets})

    @typed(own=("changes",))
    def replace(self, changes: Mapping[str, Any]) -> Framework:
        """Return a copy with other values at the given paths.

        Parameters
        ----------
        changes
            ``"node.field"`` (``"gci.weight"``), ``"field"`` of the framework (``"focal"``,
            ``"defaults.aggregation"``, ``"bands.high"``), or ``"node"`` alone with a whole new node, or
            with None to drop it. Indicators dropped from the scores are kept as ``context``.

        Returns
        -------
        Framework
            A copy; the framework itself does not change.

        Raises
        ------
        UnknownNameError
            For an unknown path.
        FrameworkError
            If the result breaks a rule.

        Examples
        --------
        >>> from dsr_risk import load_framework
        >>> fw = load_framework().replace({"gci_2024.weight": 0.5, "security.aggregation": "geometric"})
        >>> fw["security"].aggregation
        Geometric()
        """
        plain = replaced(self, changes)
        if "factors" not in changes:
            plain = following(plain)
        return Framework.from_dict(plain, f"framework `{self.name}` as replaced")

    @typed(own=("node",))
    def add(self, parent: str, node: Mapping[str, Any] | Indicator | Group) -> Framework:
        """Return a copy with `node` as the last child of the group `parent`.

        A column that was listed under ``context`` and is added as an indicator is scored from then on.

        Parameters
        ----------
        parent
            The name of a headline score or group.
        node
            An Indicator, a Group, or a mapping of their attributes.

        Returns
        -------
        Framework
            A copy; the framework itself does not change.

        Raises
        ------
        UnknownNameError
            If there is no group `parent`.
        FrameworkError
            If a node of that name is scored already, or the result breaks a rule.

        Examples
        --------
        >>> from dsr_risk import load_framework
        >>> fw = load_framework().add("digital_supply", {
        ...     "name": "own_core", "higher_is": "riskier", "weight": 0.2})
        >>> fw.parents["own_core"], fw.drop("own_core")["digital_supply"].children[-1].name
        ('digital_supply', 'surveillance_suppliers')
        """
        return Framework.from_dict(
            extended(self, parent, node), f"framework `{self.name}` with a node added"
        )

    @typed
    def drop(self, name: str) -> Framework:
        """Return a copy without the node `name` and what is below it: ``replace({name: None})``.

        Indicators that are dropped from the scores are kept as ``context``.

        Parameters
        ----------
        name
            A headline score, group or indicator.

        Returns
        -------
        Framework
            A copy; the framework itself does not change.

        Raises
        ------
        UnknownNameError
            If there is no node of that name.
        FrameworkError
            If the result breaks a rule.

        Examples
        --------
        >>> from dsr_risk import load_framework
        >>> fw = load_framework().drop("digital_supply")
        >>> "digital_supply" in fw.parents
        False
        """
        self[name]
        return self.replace({name: None})

    @typed
    def preset(self, name: str) -> Framework:
        """Return the framework with one of its named sets of replacements applied.

        Parameters
        ----------
        name
            A key of ``presets``.

        Returns
        -------
        Framework
            A copy; the framework itself does not change.

        Raises
        ------
        UnknownNameError
            If there is no preset of that name.
        FrameworkError
            If the result breaks a rule.

        Examples
        --------
        >>> children = [{"name": "debt", "higher_is": "riskier"}, {"name": "gci", "higher_is": "safer"}]
        >>> fw = Framework(name="own", scores=[{"name": "risk", "children": children}],
        ...                presets={"debt_first": {"debt.weight": 3}})
        >>> fw.preset("debt_first")["debt"].weight
        3.0
        """
        return preset_of(self, name)

    def __hash__(self) -> int:
        return hash(self.fingerprint)

    def plot(self, **options: Any) -> Any:
        """Draw the tree with its weights; return the matplotlib Axes (extra `plots`).

        Parameters
        ----------
        options
            Keyword arguments of ``plots.framework_tree``: `ax`.

        Returns
        -------
        matplotlib.axes.Axes
            What was drawn on.
        """
        return plots().framework_tree(self, **options)

    def _shown(self) -> tuple[str, pd.DataFrame]:
        """Return every node with its share of the headline score."""
        rows = [
            {
                "node": "· " * self.depths[node.name] + node.title,
                "name": node.name,
                "share": self.effective_weights[node.name],
                "higher is": node.higher_is if isinstance(node, Indicator) else "",
                "unit": node.unit,
            }
            for node in self.nodes
        ]
        return repr(self), table_of(pd.DataFrame(rows))

    def __repr__(self) -> str:
        scores = ", ".join(score.name for score in self.scores)
        return (
            f"Framework({self.name!r}, version {self.version}, scores: {scores}; "
            f"{counted(len(self.indicators), 'indicator')}, focal {self.focal}, fingerprint {self.fingerprint})"
        )

    __str__ = __repr__
