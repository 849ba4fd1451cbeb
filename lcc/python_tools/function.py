"""Make a `Tool` of a Python function: its signature from the hints and the docstring, its conversions from pydantic."""

from __future__ import annotations

import inspect
import types
import typing
import warnings
from collections.abc import Callable, Mapping
from dataclasses import field, replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast, get_args, get_origin

from lcc.grammar.dataclass import dataclass
from lcc.grammar.signatures import ANY, MISSING, Missing, Parameter, Signature, Type
from lcc.grammar.signatures.declaration import Isolation, build_signature, check_options, check_signature
from lcc.grammar.signatures.docstrings import Docstring, read_docstring
from lcc.grammar.signatures.tool_rules import VARIADIC_PARAMETER
from lcc.grammar.values import Json
from lcc.python_tools.arguments import ArgumentConverter, Converter
from lcc.python_tools.declare import Declaration, ToolError, declaration_of, is_function, not_a_function
from lcc.python_tools.declared import Declared, is_read_as_written
from lcc.python_tools.foreign import is_given_by_framework, open_schemas, shown_hint, with_field
from lcc.python_tools.hints import plain_type
from lcc.python_tools.modules import portable, revive
from lcc.python_tools.results import ResultConverter, to_json
from lcc.runtime.context import Context
from lcc.runtime.tool import Tool

if TYPE_CHECKING:
    from pydantic import TypeAdapter


@dataclass(frozen=True, slots=True)
class PythonTool(Tool):
    """A tool that another process can make again from its function: conversions of arguments don't travel, so they are made there."""

    options: Mapping[str, object] = field(default_factory=dict)

    def __reduce__(self) -> tuple[object, ...]:
        bare = replace(self.signature, check=None)  # it holds what doesn't travel, and is made again
        return _again, (portable(self.function), dict(self.options), bare, self.to_json)


def _again(
    function: object, options: dict[str, object], signature: Signature, to_json: Callable[[object], Json]
) -> Tool:
    found = revive(function)
    return replace(with_signature(_make(Declaration(found, found, options)), signature), to_json=to_json)


def with_signature(tool: Tool, signature: Signature) -> Tool:
    """Return a tool that takes and returns what a signature says: its own, put together with a declaration's."""
    convert = tool.convert
    if isinstance(convert, ArgumentConverter):
        declared = {p.name: p.type for p in signature.parameters}
        own = {name: replace(one, declared=declared.get(name, ANY)) for name, one in convert.converters.items()}
        convert = replace(convert, converters=own)
    if isinstance(tool, PythonTool):
        beyond = tool.to_json.declared if isinstance(tool.to_json, ResultConverter) else None
        return replace(tool, signature=signature, convert=convert, to_json=result_converter(signature, beyond))
    return replace(tool, signature=signature, convert=convert)


def result_converter(signature: Signature, own: Declared | None = None) -> Callable[[object], Json]:
    """Return the conversion of a tool's results, which checks those whose type is declared. `own`: what its annotation says beyond."""
    if signature.result == ANY and own is None:
        return to_json
    return ResultConverter(signature.name, signature.result, own)


NO_OPTIONS: Final[Mapping[str, object]] = types.MappingProxyType({})
_POSITIONAL_ONLY: Final = inspect.Parameter.POSITIONAL_ONLY
_KEYWORD_ONLY: Final = inspect.Parameter.KEYWORD_ONLY
_AROUND: Final = (typing.Union, types.UnionType, typing.Annotated)
_VARIADIC: Final = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}


def tool_of(function: object) -> Tool:
    """Return the tool that a function or a bound method is; one that isn't declared has no declared effect.

    Raises ToolError for what can't be a tool, and for parameters whose types JSON values can't be turned into.
    """
    declaration = declaration_of(function)
    if declaration is None:
        if not is_function(function):
            raise not_a_function(function)
        declaration = Declaration(function, function, NO_OPTIONS)
    if declaration.made is None:
        declaration.made = _make(declaration)
    return declaration.made


def _make(declaration: Declaration) -> Tool:
    function, options = declaration.function, dict(declaration.options)
    name = str(getattr(function, "__name__", type(function).__name__))
    _refuse_unusable(function, name)
    shape = _shape(function, name)
    hints = _hints(function, name)
    doc = read_docstring(getattr(function, "__doc__", None) if inspect.isroutine(function) else None)
    context: str | None = None
    converters: dict[str, Converter] = {}
    for parameter in shape.parameters.values():
        hint = hints.get(parameter.name, Any)
        if _is_context(hint):
            context = parameter.name
        elif not is_given_by_framework(hint, function) or _refuse_context(parameter, hint, name):
            converters[parameter.name] = _converter(*with_field(parameter, hint), name, doc)
    options.setdefault("description", doc.summary)
    result, own = _result(hints.get("return", Any), function)
    signature = _signature(name, converters, result, options)
    convert = ArgumentConverter(converters, frozenset(p.name for p in signature.parameters if p.required))
    if not all(one.plain for one in converters.values()):
        signature = replace(signature, check=convert.check)
    return PythonTool(
        signature=signature,
        function=function,
        convert=convert,
        to_json=result_converter(signature, own),
        isolation=cast("Isolation", options.get("isolation", "auto")),
        context_parameter=context,
        options=dict(declaration.options),
    )


def _signature(
    name: str, converters: Mapping[str, Converter], result: Type, options: Mapping[str, object]
) -> Signature:
    faults = check_options({key: value for key, value in options.items() if value != ""})
    for fault in [*faults, *check_signature(str(options.get("name", name)), converters, options)]:
        raise ToolError(f"tool `{name}`: {fault.message}", fault.help, fault.code)
    return build_signature(name, tuple(c.parameter for c in converters.values()), result, options)


def _refuse_unusable(function: Callable[..., object], name: str) -> None:
    if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
        raise ToolError(f"`{name}` is a generator, so it has no result", "return a list")
    qualified = getattr(function, "__qualname__", name)
    owner, _, last = qualified.rpartition(".")
    code = getattr(function, "__code__", None)
    if inspect.isfunction(function) and owner and not owner.endswith("<locals>") and code is not None:
        first = code.co_varnames[:1] if code.co_argcount else ()
        if first in (("self",), ("cls",)):
            raise ToolError(f"`{qualified}` is a method without its object", f"give it bound: `{owner}(…).{last}`")


def _shape(function: Callable[..., object], name: str) -> inspect.Signature:
    try:
        shape = inspect.signature(function)
    except (ValueError, TypeError):
        raise ToolError(f"`{name}` doesn't tell its parameters", "wrap it in a `def` with types") from None
    for parameter in shape.parameters.values():
        if parameter.kind in _VARIADIC:
            shown = _VARIADIC[parameter.kind] + parameter.name
            help = f"take {'a list' if len(shown) == len(parameter.name) + 1 else 'a dict'} instead"
            raise ToolError(f"tool `{name}`: `{shown}` can't be a parameter of a tool", help, VARIADIC_PARAMETER.code)
    return shape


def _hints(function: Callable[..., object], name: str) -> dict[str, object]:
    try:
        return typing.get_type_hints(function, include_extras=True)
    except NameError as error:
        where = _place_of(function, error.name)
        message = f"tool `{name}`: {where} names `{error.name}`, which the module doesn't define when it runs"
        raise ToolError(message, "define it at the top level of the module, outside `if TYPE_CHECKING`") from None
    except Exception as error:
        raise ToolError(f"tool `{name}`: its annotations can't be read: {_first_line(error)}") from None


def _place_of(function: Callable[..., object], name: str | None) -> str:
    """Say which annotation holds a name."""
    for parameter, annotation in getattr(function, "__annotations__", {}).items():
        if name and name in str(annotation):
            return "the return annotation" if parameter == "return" else f"the annotation of `{parameter}`"
    return "an annotation"


def _is_context(hint: object) -> bool:
    return hint is Context or (get_origin(hint) in _AROUND and Context in get_args(hint))


def _refuse_context(parameter: inspect.Parameter, hint: object, tool: str) -> bool:
    """Raise ToolError for a parameter that only another framework fills in; False for one that can be left out."""
    if parameter.default is not inspect.Parameter.empty:
        return False
    message = f"tool `{tool}`: `{parameter.name}` is a {shown_hint(hint)}, which only its own framework passes in"
    raise ToolError(message, f"wrap the tool in a `def` without `{parameter.name}`")


def _converter(
    parameter: inspect.Parameter, hint: object, made: Callable[[], object] | None, tool: str, doc: Docstring
) -> Converter:
    plain = plain_type(hint)
    found = (
        Described(plain)
        if plain is not None
        else _described(hint, "validation", f"tool `{tool}`: parameter `{parameter.name}`")[1]
    )
    required = parameter.default is inspect.Parameter.empty and made is None
    declared = Parameter(
        parameter.name,
        found.type,
        required,
        MISSING if required or made is not None else _json_default(parameter.default),
        parameter.kind is _KEYWORD_ONLY,
        parameter.kind is _POSITIONAL_ONLY,
        _description(hint) or doc.parameters.get(parameter.name, "") or found.description,
        found.note,
        found.told,
    )
    return Converter(declared, hint, plain is not None, default=made)


def _description(hint: object) -> str:
    """Return what `Annotated` says about a parameter: a text, a `Doc`, pydantic's `Field(description=…)`."""
    for extra in getattr(hint, "__metadata__", ()):
        for text in (extra, getattr(extra, "documentation", None), getattr(extra, "description", None)):
            if isinstance(text, str) and text:
                return " ".join(text.split())
    return ""


def _json_default(value: object) -> Json | Missing:
    """Return a default that is a JSON value as it stands; enums, tuples and objects are left to the function."""
    return cast("Json", value) if _is_plain(value) else MISSING


def _is_plain(value: object, depth: int = 0) -> bool:
    kind = type(value)
    if kind is float:
        return value - value == 0.0  # type: ignore[operator,no-any-return]
    if kind is list and depth < 32:
        return all(_is_plain(item, depth + 1) for item in cast("list[object]", value))
    if kind is dict and depth < 32:
        items = cast("dict[object, object]", value).items()
        return all(type(key) is str and _is_plain(item, depth + 1) for key, item in items)
    return value is None or kind in (str, int, bool)


def _declared_again(function: object) -> Declared | None:
    found = cast("Callable[..., object]", revive(function))
    return _result(_hints(found, str(found)).get("return", Any), found)[1]


def _result(hint: object, function: Callable[..., object]) -> tuple[Type, Declared | None]:
    """Return the type of results, and what only pydantic can check of them; without a schema, `Any`, as results are checked anyway."""
    plain = plain_type(hint)
    if plain is not None:
        return plain, None
    try:
        adapter, found = _described(hint, "serialization", "the result")
    except ToolError:
        return ANY, None
    return found.type, Declared(adapter, function, _declared_again) if is_read_as_written(adapter) else None


class Described(NamedTuple):
    """What pydantic's JSON Schema of a hint comes to: the type, what planners are told instead, and in words."""

    type: Type
    told: Type | None = None
    description: str = ""
    note: str = ""


def _described(
    hint: object, mode: typing.Literal["validation", "serialization"], what: str
) -> tuple[TypeAdapter[Any], Described]:
    """Return pydantic's adapter of a hint and what its JSON Schema comes to; raise ToolError where it has none."""
    from pydantic import TypeAdapter
    from pydantic.errors import PydanticUserError

    from lcc.grammar.signatures.json_schema import clean_schema, type_from_schema
    from lcc.grammar.signatures.schemas.notes import note_of

    shown = shown_hint(hint)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            adapter = TypeAdapter(cast("type[Any]", hint))
            schema = adapter.json_schema(mode=mode, schema_generator=open_schemas())
    except PydanticUserError as error:
        if error.code == "typed-dict-version":
            help = "import TypedDict from typing_extensions: before Python 3.12 that of typing doesn't mix with other classes"
            raise ToolError(f"{what} has the type `{shown}`", help) from None
        message = f"{what} has the type `{shown}`, which JSON values can't be turned into"
        raise ToolError(message, "use plain types, dataclasses or pydantic models") from None
    except Exception as error:
        raise ToolError(f"{what} has the type `{shown}`: {_first_line(error)}") from None
    sound = clean_schema(schema, lambda at, message, help: None)
    type_, told = (type_from_schema(sound, closed=True, told=told, name=shown) for told in (False, True))
    said = {key: value for key, value in sound.items() if key != "title"}
    return adapter, Described(type_, None if told == type_ else told, "", note_of(said))


def _first_line(error: Exception) -> str:
    """Return an exception as a short text: the lines after the first are pydantic's advertisements."""
    return f"{type(error).__name__}: {str(error).partition(chr(10))[0][:200]}"
