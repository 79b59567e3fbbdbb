"""Methods: named, validated, frozen; one registry a family, filled by subclassing."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self, cast

from pydantic import (
    AllowInfNan,
    BaseModel,
    ConfigDict,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    Strict,
    ValidationError,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from .._util.checks import shown
from ..errors import ArgumentError, FrameworkError, did_you_mean
from ._registry import Registry

__all__ = ["Method", "Number"]

Number = Annotated[float, Strict(), AllowInfNan(False)]
"""A finite number; text and booleans are refused rather than read as numbers."""


class Checked(BaseModel):
    """A frozen object of parameters given by name; those that are refused are one FrameworkError.

    Examples
    --------
    >>> from dsr_risk.methods import Goalposts
    >>> Goalposts(low=0)
    Traceback (most recent call last):
        ...
    dsr_risk.errors.FrameworkError: goalposts: `high` is missing
    """

    # Built on first use: a session calls a few of the methods and imports all of them.
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    name: ClassVar[str] = ""

    if not TYPE_CHECKING:

        def __init__(self, /, *values: Any, **parameters: Any) -> None:
            if values:
                names = ", ".join(f"`{name}`" for name in type(self).model_fields) or "none"
                raise ArgumentError(
                    f"{type(self).__name__}() takes its parameters by name: {names}; received {shown(values[0])}"
                )
            try:
                super().__init__(**parameters)
            except ValidationError as error:
                raise FrameworkError("; ".join(self.complaints(error))) from None

        # Pydantic then validates nested methods itself and keeps their place.
        __init__.__pydantic_base_init__ = True

    @classmethod
    def complaints(cls, error: ValidationError) -> list[str]:
        """Return one sentence for each parameter that was refused."""
        return [cls._complaint(part) for part in error.errors(include_url=False)]

    @classmethod
    def _complaint(cls, part: Any) -> str:
        name = cls.name or cls.__name__
        parameter = ".".join(str(part) for part in part["loc"])
        if part["type"] == "extra_forbidden":
            return f"{name}: unknown parameter `{parameter}`; {did_you_mean(parameter, cls.model_fields)}"
        if part["type"] == "missing":
            return f"{name}: `{parameter}` is missing"
        text = part["msg"].removeprefix("Value error, ").replace("Input should be", "must be")
        if not parameter:
            return f"{name}: {text}"
        return f"{name}: `{parameter}`: {text}, received {shown(part['input'])}"


class Method(Checked):
    """A pure function with parameters, known by a name that configs may use.

    A *family* (imputation, treatment, normalisation, weighting, aggregation) is a direct subclass that
    sets ``family``; a method is a subclass of a family that sets ``name``. Setting the name registers
    it: from then on it is valid in YAML, in ``replace`` and wherever a method of that family is taken.

    Notes
    -----
    In a config a method is its name, or a mapping of ``method`` and the parameters::

        normalisation: minmax
        normalisation: {method: goalposts, low: 0, high: 40}

    Examples
    --------
    >>> from dsr_risk.methods.normalisation import Normaliser
    >>> Normaliser.parse({"method": "goalposts", "low": 0, "high": 40})
    Goalposts(low=0.0, high=40.0)
    """

    family: ClassVar[str] = ""
    name: ClassVar[str] = ""
    registry: ClassVar[Registry[type[Method]]] = Registry("")
    renamed: ClassVar[Mapping[str, str]] = {}

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        for old, new in cls.renamed.items():
            if old in cls.__dict__:
                raise FrameworkError(
                    f"{cls.__qualname__}: `{old}` was renamed in version 0.2: use `{new}`"
                )
        if "family" in cls.__dict__:
            cls.registry = Registry(cls.family)
        elif cls.__dict__.get("name"):
            registered = cls.registry.get(cls.name)
            if registered is not None and registered.__qualname__ != cls.__qualname__:
                raise FrameworkError(
                    f"{cls.family} method `{cls.name}` is already {registered.__qualname__}: "
                    f"give {cls.__qualname__} another name"
                )
            cls.registry[cls.name] = cls

    @classmethod
    def parse(cls, value: object) -> Self:
        """Return the method that `value` names: a name, a mapping with ``method``, or a method itself.

        Raises
        ------
        FrameworkError
            For an unregistered name, or parameters the method refuses.
        """
        if isinstance(value, cls):
            return value
        if isinstance(value, str):
            value = {"method": value}
        if not isinstance(value, Mapping) or not isinstance(value.get("method"), str):
            raise FrameworkError(
                f"{cls.family}: expected a name or a mapping with `method`, received {value!r}"
            )
        parameters = {str(key): parameter for key, parameter in value.items() if key != "method"}
        method = cls.registry.get(value["method"])
        if method is None:
            raise FrameworkError(
                f"unknown {cls.family} `{value['method']}`; {did_you_mean(value['method'], cls.registry)}"
            )
        return cast("Self", method(**parameters) if parameters else method._as_named())

    @classmethod
    @cache
    def _as_named(cls) -> Self:
        """Return the method with the parameters that its name alone stands for; it is made once."""
        return cls()

    def spec(self) -> str | dict[str, Any]:
        """Return what a config says to get this method: its name, with the parameters that differ."""
        parameters = self.model_dump(exclude_defaults=True, mode="json")
        return {"method": self.name, **parameters} if parameters else self.name

    def __repr__(self) -> str:
        changed = self.model_dump(exclude_defaults=True)
        inside = ", ".join(f"{key}={value!r}" for key, value in changed.items())
        return f"{type(self).__name__}({inside})"

    __str__ = __repr__

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: type[BaseModel], handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        if cls.name or not cls.family:
            return handler(source)
        # The family stands for whichever of its methods a config names.
        return core_schema.no_info_plain_validator_function(
            cls.parse,
            serialization=core_schema.plain_serializer_function_ser_schema(
                lambda method: method.spec()
            ),
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        if cls.name or not cls.family:
            return handler(schema)
        forms: list[JsonSchemaValue] = [{"enum": sorted(cls.registry)}]
        for name, method in sorted(cls.registry.items()):
            inside = method.model_json_schema()
            properties = {"method": {"const": name}, **inside.get("properties", {})}
            forms.append(
                {
                    "type": "object",
                    "description": inside.get("description", "").split("\n")[0],
                    "properties": properties,
                    "required": ["method", *inside.get("required", [])],
                    "additionalProperties": False,
                }
            )
        return {"anyOf": forms}
