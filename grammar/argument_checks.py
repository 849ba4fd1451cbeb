"""Hold the arguments of a call against the JSON Schema that its tool declares, as the library `jsonschema` judges them.

Parts of arguments that only the run knows are `UNKNOWN`: what depends on them is not judged. `format` is not asserted. A schema is
another's text, so the effort is bounded: patterns are matched in linear time, and a check that takes too many steps says nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextvars import ContextVar
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from lcc.grammar.diagnostics.wording import brief
from lcc.grammar.ir.operations.basis.meter import Meter, OperationError, OperationLimits
from lcc.grammar.ir.operations.regular.matcher import Matcher, program_of
from lcc.grammar.signatures import Problem, Signature, Unknown, has_unknown

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

MAX_PROBLEMS: Final = 8
"""How many parts of one call are reported."""
MAX_STEPS: Final = 100_000
"""How many keywords one check evaluates."""
_SHOWN: Final = 60
_TYPES: Final[Mapping[str, str]] = {
    "string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None", "array": "list", "object": "dict",
}  # fmt: skip
Keyword: TypeAlias = Callable[[Any, Any, Any, Any], Iterable["ValidationError"]]


def argument_problems(signature: Signature, arguments: Mapping[str, object]) -> list[Problem]:
    """Return what is wrong with arguments by parameter name, as far as it is known before the run."""
    if signature.check is not None:
        return signature.check(arguments)
    if signature.input_schema is None or not signature.constrained:
        return []
    return schema_problems(signature.input_schema, arguments)


def schema_problems(schema: Mapping[str, Any], value: object) -> list[Problem]:
    """Return what is wrong with a value by a sound JSON Schema; each part of the value once."""
    from referencing import Registry

    token = _STEPS.set([MAX_STEPS])
    try:
        validator = _validator()(schema, registry=Registry())
        errors = [one for error in islice(validator.iter_errors(value), 200) for one in _chosen(error)]
        return _problems(errors)[:MAX_PROBLEMS]
    except (_TooMuch, RecursionError):
        return []
    finally:
        _STEPS.reset(token)


class _TooMuch(Exception):
    """A check takes more steps than it is worth."""


_STEPS: ContextVar[list[int]] = ContextVar("_STEPS")
_WHOLE: Final = frozenset(
    {
        "not",
        "if",
        "contains",
        "uniqueItems",
        "const",
        "enum",
        "unevaluatedItems",
        "unevaluatedProperties",
        "dependentSchemas",
    }
)
"""What can't be judged where a part is unknown."""


@cache
def _validator() -> Any:
    from jsonschema import Draft202012Validator
    from jsonschema.validators import extend

    own: dict[str, Keyword] = {name: _counted(name, one) for name, one in Draft202012Validator.VALIDATORS.items()}
    own["pattern"] = _counted("pattern", _pattern)
    own["patternProperties"] = _counted("patternProperties", _pattern_properties)
    own["additionalProperties"] = _counted("additionalProperties", _additional)
    own["enum"] = _counted("enum", _enum(Draft202012Validator.VALIDATORS["enum"]))
    own["oneOf"] = _counted("oneOf", _one_of(Draft202012Validator.VALIDATORS))
    return extend(Draft202012Validator, validators=own)


def _counted(name: str, keyword: Keyword) -> Keyword:
    def check(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
        left = _STEPS.get()
        left[0] -= 1
        if left[0] < 0:
            raise _TooMuch
        if isinstance(instance, Unknown) or (name in _WHOLE and has_unknown(instance)):
            return
        yield from keyword(validator, value, instance, schema) or ()

    return check


def _enum(keyword: Any) -> Keyword:
    def check(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
        plain = isinstance(instance, str | int | float) and not isinstance(instance, bool) and instance not in (0, 1)
        if not (plain and instance in value):  # else it takes Python for each of them
            yield from keyword(validator, value, instance, schema)

    return check


def _one_of(keywords: Mapping[str, Any]) -> Keyword:
    def check(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
        word = "anyOf" if has_unknown(instance) else "oneOf"
        yield from keywords[word](validator, value, instance, schema)

    return check


def _pattern(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    from jsonschema.exceptions import ValidationError

    if isinstance(instance, str) and not _matches(value, instance):
        yield ValidationError(f"{instance!r} does not match {value!r}")


def _matches(pattern: str, text: str) -> bool:
    """Whether a pattern occurs in a text. One that can't be matched in bounded time matches everything."""
    try:
        meter = Meter(OperationLimits(steps=1_000_000, memory=10_000_000))
        return Matcher(meter, program_of(pattern, 0), text).search(0) is not None
    except (OperationError, ValueError, OverflowError, RecursionError):
        return True
    except Exception as error:
        if type(error).__name__ in ("error", "PatternError"):  # of `re`: a pattern of another language
            return True
        raise


def _pattern_properties(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    if isinstance(instance, dict):
        for pattern, inner in value.items():
            for key, item in instance.items():
                if _matches(pattern, key):
                    yield from validator.descend(item, inner, path=key, schema_path=pattern)


def _additional(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    from jsonschema.exceptions import ValidationError

    if not isinstance(instance, dict):
        return
    extra = _extra(instance, schema)
    if value is False and extra:
        yield ValidationError(f"{', '.join(extra)} may not be there")
    elif isinstance(value, dict):
        for key in extra:
            yield from validator.descend(instance[key], value, path=key)


def _extra(instance: dict[str, Any], schema: Mapping[str, Any]) -> list[str]:
    """Return the keys that neither `properties` nor `patternProperties` name."""
    patterns = schema.get("patternProperties", {})
    return [
        key
        for key in instance
        if key not in schema.get("properties", {}) and not any(_matches(pattern, key) for pattern in patterns)
    ]


def _chosen(error: ValidationError, depth: int = 0) -> Iterator[ValidationError]:
    """Yield an error, or where alternatives failed, those of the one alternative that the value seems to be meant as."""
    if error.validator not in ("anyOf", "oneOf") or not error.context or depth > 8:
        yield error
        return
    branches: dict[object, list[ValidationError]] = {}
    for one in error.context:
        branches.setdefault(one.schema_path[0], []).append(one)
    meant = [errors for errors in branches.values() if not any(_is_other(one, error) for one in errors)]
    if len(meant) == 1:
        for one in meant[0]:
            yield from _chosen(one, depth + 1)
    else:
        yield error


def _is_other(error: ValidationError, above: ValidationError) -> bool:
    """Whether a branch fails at the whole value's type, or at a field that tells records apart."""
    own = len(error.absolute_path) - len(above.absolute_path)
    return (own == 0 and error.validator in ("type", "enum", "const")) or (own == 1 and error.validator == "const")


def _problems(errors: Iterable[ValidationError]) -> list[Problem]:
    found: dict[tuple[str | int, ...], Problem] = {}
    for error in errors:
        path = tuple(error.absolute_path)
        one = _problem(path, error)
        other = found.setdefault(path, one)
        if other is not one and (one.missing or one.unknown) and (other.missing or other.unknown):
            missing = tuple(dict.fromkeys((*other.missing, *one.missing)))
            unknown = tuple(dict.fromkeys((*other.unknown, *one.unknown)))
            known = tuple(dict.fromkeys((*other.known, *one.known)))
            found[path] = Problem(path, "", missing, unknown, known)
    return list(found.values())


def _problem(path: tuple[str | int, ...], error: ValidationError) -> Problem:
    schema: Mapping[str, Any] = error.schema if isinstance(error.schema, dict) else {}
    value, instance = error.validator_value, error.instance
    known = tuple(schema.get("properties", ()))
    match error.validator:
        case "required":
            return Problem(path, "", tuple(name for name in value if name not in instance), (), known)
        case "additionalProperties" if value is False:
            return Problem(path, "", (), tuple(_extra(instance, schema)), known)
        case "enum" | "const":
            choices = value if error.validator == "enum" else [value]
            texts = tuple(one for one in choices if isinstance(one, str))
            given = instance if isinstance(instance, str) else ""
            return Problem(path, f"takes {_listed(choices)}, not {_got(instance)}", known=texts, given=given)
        case _:
            return Problem(path, _said(error, value, instance))


def _said(error: ValidationError, value: Any, instance: Any) -> str:
    word = str(error.validator)
    if word == "type":
        names = value if isinstance(value, list) else [value]
        return f"takes {' | '.join(_TYPES.get(name, str(name)) for name in names)}, not {_got(instance)}"
    if word in ("anyOf", "oneOf"):
        return _alternatives(error, instance)
    if word in _BOUNDS:
        return f"must be {_BOUNDS[word]} {value}, not {_got(instance)}"
    if word == "pattern":
        return f"must match `{brief(str(value), 200)}`, and {_got(instance)} doesn't"
    if word in _COUNTED:
        least, of = _COUNTED[word]
        return f"must have at {least} {value} {of}{'' if value == 1 else 's'}, and has {len(instance)}"
    if word == "uniqueItems":
        return "holds an item twice"
    if word == "items" and value is False:
        return f"has {len(instance)} items, which is too many"
    return f"isn't accepted: {brief(error.message, 200)}"


_BOUNDS: Final = {
    "minimum": "at least", "maximum": "at most", "exclusiveMinimum": "above", "exclusiveMaximum": "below",
    "multipleOf": "a multiple of",
}  # fmt: skip
_COUNTED: Final = {
    "minLength": ("least", "character"), "maxLength": ("most", "character"), "minItems": ("least", "item"),
    "maxItems": ("most", "item"), "minProperties": ("least", "field"), "maxProperties": ("most", "field"),
}  # fmt: skip


def _alternatives(error: ValidationError, instance: Any) -> str:
    """Say what the alternatives want, where the value seems to be meant as none or as several of them."""
    if not error.context:
        return "fits several alternatives of which it may fit only one"
    said: dict[str, None] = {}
    wanted: dict[str, None] = {}
    for one in error.context:
        path = tuple(one.relative_path)
        problem = _problem(path, one)
        if one.validator == "type" and not path:
            names = one.validator_value if isinstance(one.validator_value, list) else [one.validator_value]
            wanted |= dict.fromkeys(_TYPES.get(name, str(name)) for name in names)
        elif problem.missing and not path:
            said[f"needs {_named(problem.missing)}"] = None
        elif problem.unknown and not path:
            said[f"has no field {_named(problem.unknown)}"] = None
        elif problem.message:
            said[problem.message if not path else f"`{'.'.join(map(str, path))}` {problem.message}"] = None
    if wanted:
        said = {f"takes {' | '.join(wanted)}, not {_got(instance)}": None, **said}
    return brief(", or ".join(list(said)[:4]), 300)


def _named(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _listed(choices: list[Any]) -> str:
    shown = [brief(repr(one), _SHOWN) for one in choices[:12]]
    if len(choices) == 1:
        return shown[0]
    return f"Literal[{', '.join(shown)}{', …' if len(choices) > 12 else ''}]"


def _got(value: object) -> str:
    match value:
        case list():
            return "a list"
        case dict():
            return "a dict"
        case None:
            return "None"
        case _:
            return f"{type(value).__name__} `{brief(repr(value), _SHOWN)}`"
