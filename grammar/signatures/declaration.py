"""Turn the options of a tool's declaration into a signature: `effect="read", resource="file:{path}", cost=0.5`.

The options are the same in a decorator, a stub and a JSON function schema (`x-lcc`), so what is wrong with them is said in one
place. A `Fault` is a diagnostic without a span: who read the option knows where it stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import field, fields, replace
from fnmatch import fnmatchcase
from types import MappingProxyType
from typing import Any, Final, Literal, TypeAlias, get_args

from lcc.grammar.dataclass import dataclass
from lcc.grammar.diagnostics import Diagnostic
from lcc.grammar.diagnostics.wording import brief, did_you_mean
from lcc.grammar.given import in_brief
from lcc.grammar.signatures.signature import (
    LIMITS,
    OUTSIDE,
    RESERVED_PARAMETERS,
    Batch,
    CallLimits,
    Cost,
    Effect,
    Parameter,
    Resource,
    Signature,
    check_tool_name,
)
from lcc.grammar.signatures.tool_rules import (
    BAD_TOOL_NAME,
    CONTRADICTION,
    RESERVED_PARAMETER,
    UNKNOWN_OPTION,
    UNKNOWN_RESOURCE,
    WRONG_OPTION,
)
from lcc.grammar.signatures.types import ANY, Type
from lcc.grammar.source import Source, Span

Options: TypeAlias = Mapping[str, object]
Check: TypeAlias = Callable[[object], str | None]
LARGEST: Final = 10**15
"""No option is as large; it keeps arithmetic on them exact."""
Isolation: TypeAlias = Literal["auto", "loop", "thread", "process", "ray"]
"""Where a call runs. `auto`: a coroutine function in the event loop, any other function in a thread. `ray` needs the extra of that name."""
ISOLATIONS: Final = get_args(Isolation)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a declaration. `subject`: the option or the parameter at fault; None for the whole."""

    code: str
    message: str
    help: str | None = None
    subject: str | None = None


@dataclass(frozen=True, slots=True)
class Stub:
    """The tools that a text declares, what is wrong with it, and where in the text each tool stands.

    `declared`: the names that tools have where they are declared, by those that plans call.
    """

    signatures: tuple[Signature, ...]
    diagnostics: tuple[Diagnostic, ...]
    source: Source
    places: Mapping[str, Span] = field(default_factory=dict)
    declared: Mapping[str, str] = field(default_factory=dict)


def _takes(wanted: str, will_do: Callable[[Any], bool]) -> Check:
    """Return the check of an option: it says what is wanted where a value won't do."""
    return lambda value: None if will_do(value) else wanted


def _is_resource(value: object) -> bool:
    patterns = [value] if isinstance(value, str) else value
    return isinstance(patterns, list | tuple) and bool(patterns) and all(isinstance(p, str) and p for p in patterns)


def _number(value: object) -> int | float:
    """Return a number as it is, and -1 for all else, which no option takes."""
    return value if isinstance(value, int | float) and not isinstance(value, bool) else -1


def _one_of(names: Iterable[str]) -> str:
    *most, last = (f'"{name}"' for name in names)
    return f"{', '.join(most)} or {last}"


_TEXT: Final = _takes("a text", lambda value: isinstance(value, str) and bool(value))
_FLAG: Final = _takes("True or False", lambda value: isinstance(value, bool))
_ABOVE_ZERO: Final = _takes("a number above 0", lambda value: 0 < _number(value) < LARGEST)
_AMOUNT: Final = _takes("a number, 0 or more", lambda value: 0 <= _number(value) < LARGEST)
_POSITIVE: Final = _takes("an integer above 0", lambda value: isinstance(value, int) and 0 < _number(value) < LARGEST)
_COUNT: Final = _takes("an integer, 0 or more", lambda value: isinstance(value, int) and 0 <= _number(value) < LARGEST)

OPTIONS: Final[Mapping[str, Check]] = MappingProxyType(
    {
        "name": _TEXT,
        "description": _TEXT,
        "effect": _takes(_one_of(Effect), lambda value: isinstance(value, str) and value in set(Effect)),
        "resource": _takes("a text or a list of texts", _is_resource),
        "idempotent": _FLAG,
        "fold": _FLAG,
        "trusted": _FLAG,
        "discloses": _FLAG,
        "cost": _AMOUNT,
        "cost_usd": _AMOUNT,
        "tokens": _COUNT,
        "concurrency": _POSITIVE,
        "rate": _ABOVE_ZERO,
        "timeout": _ABOVE_ZERO,
        "retries": _COUNT,
        "max_result_bytes": _POSITIVE,
        "batch": _TEXT,
        "max_batch": _POSITIVE,
        "isolation": _takes(_one_of(ISOLATIONS), lambda value: isinstance(value, str) and value in ISOLATIONS),
    }
)
"""What each option takes: None if the value will do, else what would."""


def check_limits(tool: str, limits: CallLimits) -> None:
    """Raise ValueError for a limit of a tool that is none: 0 calls at once, a rate that isn't a number."""
    for name in LIMITS:
        given = getattr(limits, name)
        wanted = None if given is None else OPTIONS[name](given)
        if wanted:
            raise ValueError(f"{name} of {tool} must be {wanted}, not {in_brief(given)}")


def check_options(options: Options) -> list[Fault]:
    """Return what is wrong with the options of one declaration, each fault once."""
    faults: list[Fault] = []
    sound: dict[str, Any] = {}
    for option, value in options.items():
        check = OPTIONS.get(option)
        if check is None:
            known = did_you_mean(option, OPTIONS) or f"the options are {', '.join(OPTIONS)}"
            faults.append(Fault(UNKNOWN_OPTION.code, f"a tool has no option `{option}`", known, option))
        elif wanted := check(value):
            meant = did_you_mean(value, Effect) if option == "effect" and isinstance(value, str) else None
            message = f"`{option}` must be {wanted}, not {_brief(value)}"
            faults.append(Fault(WRONG_OPTION.code, message, meant, option))
        else:
            sound[option] = value
    if not any(fault.subject == "effect" for fault in faults):
        faults += _contradictions(sound)
    return faults


def _brief(value: object) -> str:
    if isinstance(value, int) and abs(value) >= LARGEST:
        return "a number that large"
    text = repr(value) if isinstance(value, str | int | float | None) else type(value).__name__
    return brief(text)


def _contradictions(options: dict[str, Any]) -> Iterable[Fault]:
    effect = Effect(options.get("effect", Effect.UNDECLARED))
    repeatable = effect.may_start_early or (effect is Effect.WRITE and options.get("idempotent", False))
    declare = 'declare the effect: effect="read", "write", …' if effect is Effect.UNDECLARED else None

    def fault(option: str, message: str, help: str | None = declare) -> Fault:
        return Fault(CONTRADICTION.code, message, help, option)

    if options.get("resource") and effect is Effect.PURE:
        yield fault("resource", "a pure tool touches nothing, so it has no resource", 'say effect="read" if it does')
    if options.get("resource") and effect is Effect.UNDECLARED:
        yield fault("resource", "a resource says nothing without an effect")
    if options.get("fold") and effect is not Effect.PURE:
        yield fault("fold", "only a pure tool can be folded", 'say effect="pure" if it is one')
    if options.get("discloses") and effect is not Effect.READ:
        yield fault("discloses", "only a read is held back for what it discloses; a write waits anyway")
    if options.get("idempotent") and effect is Effect.DESTRUCTIVE:
        yield fault("idempotent", "a destructive call is never repeated", 'say effect="write" if it may be')
    if options.get("idempotent") and effect is Effect.UNDECLARED:
        yield fault("idempotent", "`idempotent` says nothing without an effect")
    if options.get("retries") and not repeatable:
        help = "say idempotent=True if a repeated write does no harm" if effect is Effect.WRITE else declare
        yield fault("retries", f"a call whose effect is {effect} is never retried", help)
    if "batch" in options and not effect.may_start_early:
        yield fault("batch", "only pure and read tools have a batch form")
    for option, other in (("batch", "max_batch"), ("max_batch", "batch")):
        if option in options and other not in options:
            yield fault(option, f"`{option}` needs `{other}`", f"give both, or leave `{option}` out")


def check_signature(name: str, parameters: Iterable[str], options: Options) -> list[Fault]:
    """Return what is wrong with the names in a declaration: the tool's, the parameters', those in resources."""
    faults: list[Fault] = []
    known = list(parameters)
    try:
        check_tool_name(name)
    except ValueError as error:
        faults.append(Fault(BAD_TOOL_NAME.code, str(error), 'give another one: name="…"', "name"))
    for parameter in known:
        if parameter in RESERVED_PARAMETERS:
            message = f"`{parameter}` is reserved and can't name a parameter"
            faults.append(Fault(RESERVED_PARAMETER.code, message, "rename the parameter", parameter))
    for pattern in _patterns(options.get("resource")):
        try:
            resource = Resource(pattern)
        except ValueError as error:
            faults.append(Fault(WRONG_OPTION.code, str(error), None, "resource"))
            continue
        for named in resource.parameters:
            if named not in known:
                message = f"resource `{pattern}` names no parameter `{named}`"
                help = did_you_mean(named, known)
                faults.append(Fault(UNKNOWN_RESOURCE.code, message, help, "resource"))
    return faults


def _patterns(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    return tuple(p for p in value if isinstance(p, str)) if isinstance(value, list | tuple) else ()


def build_signature(
    name: str, parameters: tuple[Parameter, ...], result: Type = ANY, options: Options = MappingProxyType({})
) -> Signature:
    """Return the signature that sound options declare; those that a signature doesn't hold (`isolation`) are ignored."""
    given: dict[str, Any] = dict(options)
    effect = Effect(given.get("effect", Effect.UNDECLARED))
    patterns = _patterns(given.get("resource"))
    if not patterns and effect in (Effect.READ, Effect.WRITE, Effect.DESTRUCTIVE):
        patterns = (OUTSIDE,)
    seconds = given.get("cost")
    return Signature(
        name=given.get("name", name),
        parameters=parameters,
        result=result,
        effect=effect,
        resources=tuple(Resource(pattern) for pattern in dict.fromkeys(patterns)),
        idempotent=given.get("idempotent", False),
        fold=given.get("fold", False),
        trusted=given.get("trusted", False),
        discloses=given.get("discloses", False),
        batch=Batch(given["batch"], given["max_batch"]) if "batch" in given else None,
        cost=Cost(None if seconds is None else float(seconds), _float(given.get("cost_usd")), given.get("tokens")),
        limits=CallLimits(
            given.get("concurrency"),
            _float(given.get("rate")),
            _float(given.get("timeout")),
            given.get("retries"),
            given.get("max_result_bytes"),
        ),
        description=given.get("description", ""),
    )


def _float(value: float | None) -> float | None:
    return None if value is None else float(value)


def read_overlays(value: object) -> dict[str, dict[str, object]]:
    """Return what is said of tools, by name or pattern: an effect, or options of `@lcc.tool`; ValueError says what it must be."""
    if not isinstance(value, Mapping) or not all(isinstance(pattern, str) for pattern in value):
        raise ValueError('a table by tool: {"get_*": "read"}')
    found: dict[str, dict[str, object]] = {}
    for pattern, said in value.items():
        if not isinstance(said, str | Mapping):
            raise ValueError(f"a table whose `{pattern}` is an effect, or a table of options")
        found[pattern] = {"effect": said} if isinstance(said, str) else dict(said)
        for fault in check_options(found[pattern]):
            raise ValueError(f"a table of effects; of `{pattern}`: {fault.message}")
    return found


def said_of(name: str, overlays: Mapping[str, Options]) -> Options | None:
    """Return what is said of a tool, by its name or by the first pattern that it fits: `get_*`."""
    if name in overlays:
        return overlays[name]
    return next((said for pattern, said in overlays.items() if fnmatchcase(name, pattern)), None)


def overlaid(signature: Signature, options: Options) -> Signature:
    """Return a signature of which options say something else than its declaration does; ValueError says what can't be said of it.

    With an effect, what depends on the effect is said anew: resources, `idempotent`, `fold`, `discloses`.
    """
    names = [p.name for p in signature.parameters]
    for fault in (*check_options(options), *check_signature(signature.name, names, options)):
        raise ValueError(f"tool `{signature.name}`: {fault.message}")
    said = build_signature(signature.name, signature.parameters, signature.result, options)
    changed = {field for option in options for field in _FIELDS.get(option, ())}
    whole = {name: getattr(said, name) for name in changed - {"cost", "limits"}}
    for name in changed & {"cost", "limits"}:
        own, other = getattr(signature, name), getattr(said, name)
        given = {one.name: getattr(other, one.name) for one in fields(other) if getattr(other, one.name) is not None}
        whole[name] = replace(own, **given)
    return replace(signature, **whole)


_FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "effect": ("effect", "resources", "idempotent", "fold", "discloses"),
    "resource": ("resources",),
    "batch": ("batch",),
    **{name: (name,) for name in ("name", "description", "idempotent", "fold", "trusted", "discloses")},
    **dict.fromkeys(("cost", "cost_usd", "tokens"), ("cost",)),
    **dict.fromkeys(("concurrency", "rate", "timeout", "retries", "max_result_bytes"), ("limits",)),
}
"""What of a signature an option says."""
