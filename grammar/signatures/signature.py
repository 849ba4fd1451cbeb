"""Declare tools: name, parameters, result, effect, resources, costs. A signature is data; the runtime binds the callable."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import field, fields
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple, TypeAlias

from lcc.grammar.dataclass import dataclass
from lcc.grammar.given import require_number
from lcc.grammar.signatures.types import ANY, RecordType, Type, own_name, show
from lcc.grammar.values import Json, show_path

TOOL_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*\Z")
RESERVED_TOOLS: Final = frozenset({"join", "answer"})
RESERVED_PARAMETERS: Final = frozenset({"each"})
OUTSIDE: Final = "outside"
"""The resource of every tool that declares an effect and no resource."""


class Effect(StrEnum):
    """What a call does to the world, from harmless to unknown. `UNDECLARED` is assumed to be the worst."""

    PURE = "pure"
    READ = "read"
    WRITE = "write"
    DESTRUCTIVE = "destructive"
    UNDECLARED = "undeclared"

    @property
    def may_start_early(self) -> bool:
        """Whether a call may start before the plan is whole, be dropped when unused, and be retried."""
        return self in (Effect.PURE, Effect.READ)

    @property
    def writes(self) -> bool:
        """Whether a call is declared to change the outside."""
        return self in (Effect.WRITE, Effect.DESTRUCTIVE)


class Missing:
    """The default of a parameter that has none."""

    def __repr__(self) -> str:
        return "MISSING"

    def __reduce__(self) -> str:
        return "MISSING"  # the one object, also in another process


MISSING: Final = Missing()


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter. `default` is MISSING where the parameter is required or its default isn't a JSON value.

    `note`: what may stand there beyond the type, for planners: `1 to 5`. `told`: the type that planners are told, where what is
    taken is wider than types can say.
    """

    name: str
    type: Type = ANY
    required: bool = True
    default: Json | Missing = MISSING
    keyword_only: bool = False
    positional_only: bool = False
    description: str = ""
    note: str = field(default="", compare=False)
    told: Type | None = field(default=None, compare=False)

    @property
    def shown(self) -> Type:
        """The type that planners are told."""
        return self.type if self.told is None else self.told


@dataclass(frozen=True, slots=True)
class Resource:
    """What a tool reads or writes: a name, or a pattern that names arguments (`file:{path}`).

    `parts` alternates literal text and parameter names: ("file:", "path") for `file:{path}`; even places are text.
    """

    pattern: str
    parts: tuple[str, ...] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        parts = re.split(r"\{([A-Za-z_][A-Za-z0-9_]*)\}", self.pattern)
        if any("{" in text or "}" in text for text in parts[::2]):
            raise ValueError(f"resource {self.pattern!r}: braces must hold the name of a parameter")
        object.__setattr__(self, "parts", tuple(parts))

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of the parameters that the pattern names."""
        return self.parts[1::2]


@dataclass(frozen=True, slots=True)
class CallLimits:
    """What a tool declares about its use; None: what the run says.

    `concurrency`: calls at once. `rate`: calls a second. `timeout`: seconds a call. `retries`: further attempts. `max_result_bytes`: bytes of
    a result as JSON.
    """

    concurrency: int | None = None
    rate: float | None = None
    timeout: float | None = None
    retries: int | None = None
    max_result_bytes: int | None = None

    def __post_init__(self) -> None:
        for name in ("concurrency", "retries", "max_result_bytes"):
            require_number(getattr(self, name), name, whole=True)
        for name in ("rate", "timeout"):
            require_number(getattr(self, name), name)


LIMITS: Final = tuple(field.name for field in fields(CallLimits))
"""The names of what may be limited of one tool."""


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch form: `tool` takes a list of argument objects, at most `max_batch`, and returns one result or error for each."""

    tool: str
    max_batch: int


@dataclass(frozen=True, slots=True)
class Cost:
    """What one call is expected to take: seconds, USD, tokens. None where nothing is declared."""

    seconds: float | None = None
    usd: float | None = None
    tokens: int | None = None


class Problem(NamedTuple):
    """What is wrong with one part of the arguments of a call. `path`: from the name of the parameter on; empty for the whole call.

    `message` follows the name of the part: `must be at most 5`. `missing`, `unknown`: the names of fields that it lacks, or that it
    has and may not have; `known`: those that it may have, or the texts that may stand there instead of `given`.
    """

    path: tuple[str | int, ...]
    message: str
    missing: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    given: str = ""

    @property
    def said(self) -> str:
        """What is said of the part, to follow its name."""
        if self.message:
            return self.message
        said = [f"needs {_named(self.missing)}"] if self.missing else []
        said += [f"has no field {_named(self.unknown)}"] if self.unknown else []
        return " and ".join(said)

    def __str__(self) -> str:
        where = f"`{self.path[0]}{show_path(self.path[1:])}`" if self.path else "the call"
        return f"{where} {self.said}"


def _named(names: tuple[str, ...]) -> str:
    shown = ", ".join(f"`{name}`" for name in names[:8])
    return f"{shown} and {len(names) - 8} more" if len(names) > 8 else shown


ArgumentCheck: TypeAlias = Callable[[Mapping[str, object]], "list[Problem]"]
"""Returns what is wrong with arguments by parameter name; a part that isn't known yet is `UNKNOWN`."""


class Unknown:
    """A part of an argument that only the run knows."""

    def __repr__(self) -> str:
        return "UNKNOWN"


def has_unknown(value: object) -> bool:
    """Whether a part of a value is known to the run alone."""
    match value:
        case Unknown():
            return True
        case list():
            return any(map(has_unknown, value))
        case dict():
            return any(map(has_unknown, value.values()))
        case _:
            return False


UNKNOWN: Final = Unknown()


@dataclass(frozen=True, slots=True)
class Signature:
    """The declaration of a tool.

    `more`: the type of arguments of other names than the parameters', None where there may be none.
    `input_schema`, `output_schema`: the JSON Schemas of the arguments and of the result, where the tool is declared by them; `constrained`: that of the
    arguments says more than the parameters. `check`: says what is wrong with arguments, instead of a schema.
    `resources` is empty for a pure or undeclared tool; a tool with an effect that declares none has OUTSIDE.
    `idempotent`: a write that may be repeated. `fold`: a pure call on constants may be evaluated at compile time.
    `trusted`: its results may reach the arguments of a write without a lint.
    `discloses`: a read that carries its arguments to where text may send them; one that holds a result waits for the whole plan.
    """

    name: str
    parameters: tuple[Parameter, ...] = ()
    result: Type = ANY
    effect: Effect = Effect.UNDECLARED
    resources: tuple[Resource, ...] = ()
    idempotent: bool = False
    fold: bool = False
    trusted: bool = False
    discloses: bool = False
    batch: Batch | None = None
    cost: Cost = Cost()
    limits: CallLimits = CallLimits()
    description: str = ""
    more: Type | None = None
    input_schema: Mapping[str, Json] | None = field(default=None, compare=False, repr=False)
    output_schema: Mapping[str, Json] | None = field(default=None, compare=False, repr=False)
    constrained: bool = field(default=False, compare=False)
    check: ArgumentCheck | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        check_tool_name(self.name)
        for parameter in self.parameters:
            if parameter.name in RESERVED_PARAMETERS:
                raise ValueError(f"tool `{self.name}`: `{parameter.name}` is reserved and can't name a parameter")
        known = {p.name for p in self.parameters}
        for resource in self.resources:
            for name in resource.parameters:
                if name not in known:
                    raise ValueError(f"tool `{self.name}`: resource `{resource.pattern}` names no parameter `{name}`")
        if self.fold and self.effect is not Effect.PURE:
            raise ValueError(f"tool `{self.name}`: only a pure tool can be folded")

    def parameter(self, name: str) -> Parameter | None:
        """Return the parameter of that name, if there is one."""
        return next((p for p in self.parameters if p.name == name), None)

    @property
    def checks_values(self) -> bool:
        """Whether the declaration says more of the values of arguments than their types."""
        return self.check is not None or self.constrained

    @property
    def may_retry(self) -> bool:
        """Whether a failed call may be repeated."""
        return self.effect.may_start_early or (self.effect is Effect.WRITE and self.idempotent)

    def __str__(self) -> str:
        return self.shown()

    def shown(self, name_of: Callable[[RecordType], str] = own_name) -> str:
        """Return the declaration on one line; `name_of` names the records in it."""
        shown: list[str] = []
        before: Parameter | None = None
        for p in self.parameters:
            if before is not None and before.positional_only and not p.positional_only:
                shown.append("/")
            if p.keyword_only and not (before is not None and before.keyword_only):
                shown.append("*")
            default = "" if p.required else f" = {p.default!r}" if not isinstance(p.default, Missing) else " = ..."
            shown.append(f"{p.name}: {show(p.shown, name_of)}{default}")
            before = p
        if before is not None and before.positional_only:
            shown.append("/")
        if self.more is not None:
            shown.append(f"**more: {show(self.more, name_of)}")
        return f"{self.name}({', '.join(shown)}) -> {show(self.result, name_of)}"


Tools: TypeAlias = Mapping[str, Signature]
"""The tools in scope by name. An empty mapping turns the checks that need tools off."""

NO_TOOLS: Final[Tools] = MappingProxyType({})
ALL_LEFT_OUT: Final[Tools] = MappingProxyType({})
"""The tools of sources of which none can be used. Plans are checked against them: every call is of an unknown tool."""


def check_tool_name(name: str) -> None:
    """Raise ValueError for a name that a plan can't call."""
    if not TOOL_NAME.match(name):
        raise ValueError(
            f"{name!r} can't name a tool: use letters, digits, `_`, `.`, `/` and `-`, a letter or `_` first"
        )
    if name in RESERVED_TOOLS:
        raise ValueError(f"`{name}` is reserved and can't name a tool")


def tools_by_name(signatures: Iterable[Signature]) -> Tools:
    """Index signatures by name; raise ValueError where a name occurs twice."""
    tools: dict[str, Signature] = {}
    for signature in signatures:
        if signature.name in tools:
            raise ValueError(f"two tools are called `{signature.name}`")
        tools[signature.name] = signature
    return tools
