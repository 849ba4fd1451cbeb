"""Give the types of the names that a Python file defines: typed dicts, dataclasses, models, enums, aliases.

Read from the syntax tree alone. A class is a record of its annotated fields; a field that leads back to its own class is `Any`.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from lcc.grammar.diagnostics import Diagnostic, Severity
from lcc.grammar.diagnostics.wording import did_you_mean
from lcc.grammar.signatures.annotations import KNOWN_NAMES, AnnotationError, AnnotationReader
from lcc.grammar.signatures.python_text import is_ellipsis, last_name, node_span
from lcc.grammar.signatures.tool_rules import NOT_A_TYPE, UNKNOWN_TYPE
from lcc.grammar.signatures.types import (
    ANY,
    INT,
    MAX_DEPTH,
    MAX_SIZE,
    STR,
    Field,
    ListType,
    LiteralType,
    RecordType,
    Type,
    within_limits,
)
from lcc.grammar.source import Source


@dataclass(frozen=True, slots=True)
class ClassKind:
    """What sort of class: a typed dict (`total`: its fields are required), a pydantic model, a dataclass or a plain one."""

    typed_dict: bool
    total: bool
    model: bool
    declared: bool

    @classmethod
    def of(cls, node: ast.ClassDef, bases: list[str | None], is_typed_dict: Callable[[str | None], bool]) -> ClassKind:
        typed_dict = any(is_typed_dict(base) for base in bases)
        model = "BaseModel" in bases
        dataclass_ = any(
            last_name(decorator.func if isinstance(decorator, ast.Call) else decorator) == "dataclass"
            for decorator in node.decorator_list
        )
        return cls(typed_dict, is_total(node.keywords), model, typed_dict or model or dataclass_)


def is_total(keywords: list[ast.keyword]) -> bool:
    """Whether the fields of a typed dict are required unless they say otherwise."""
    return not any(k.arg == "total" and constant(k.value) is False for k in keywords)


def is_required(annotation: ast.expr, total: bool) -> bool:
    """Whether a typed dict's field must be there."""
    while isinstance(annotation, ast.Subscript):
        head = last_name(annotation.value)
        if head in ("Required", "NotRequired"):
            return head == "Required"
        if head not in ("Annotated", "ReadOnly"):
            break
        inner = annotation.slice
        annotation = inner.elts[0] if isinstance(inner, ast.Tuple) and inner.elts else inner
    return total


def is_field(value: ast.expr | None) -> bool:
    """Whether a default is `Field(…)`."""
    return isinstance(value, ast.Call) and last_name(value.func) == "Field"


def annotated_options(annotation: ast.expr | None) -> dict[str, ast.expr]:
    """Return the options of the `Field(…)` in `Annotated[…]`."""
    match annotation:
        case ast.Subscript(value=head, slice=ast.Tuple(elts=[_, *extras])) if last_name(head) == "Annotated":
            return {
                name: value for one in extras if is_field(one) for name, value in (field_options(one) or {}).items()
            }
        case _:
            return {}


def field_options(value: ast.expr | None) -> dict[str, ast.expr] | None:
    """Return the options of `field(…)` or `Field(…)`; None for any other default."""
    if not isinstance(value, ast.Call) or last_name(value.func) not in ("field", "Field"):
        return None
    options = {keyword.arg: keyword.value for keyword in value.keywords if keyword.arg}
    if value.args:
        options["default"] = value.args[0]
    return options


_BOUNDS: Final = {
    "ge": "at least", "gt": "above", "le": "at most", "lt": "below", "multiple_of": "a multiple of",
    "min_length": "at least this long:", "max_length": "at most this long:", "pattern": "matches",
}  # fmt: skip


def field_note(options: dict[str, ast.expr]) -> str:
    """Return what `Field(…)` says of a value to planners: its description and its bounds, where they are constants."""
    description = constant(options.get("description"))
    low, high = constant(options.get("ge")), constant(options.get("le"))
    said = [" ".join(description.split()).rstrip(".")] if isinstance(description, str) and description else []
    if low is not None and high is not None:
        said.append(f"{low} to {high}")
    for word, meaning in _BOUNDS.items():
        value = constant(options.get(word))
        if value is not None and not (word in ("ge", "le") and low is not None and high is not None):
            said.append(f"{meaning} {value}")
    return "; ".join(said)


def constant(node: ast.expr | None) -> object:
    """Return the value of a constant; None for any other expression."""
    return node.value if isinstance(node, ast.Constant) else None


def allows_extra(node: ast.ClassDef) -> bool:
    """Whether a model says `extra="allow"`, in its header or in `model_config`."""
    keywords = list(node.keywords)
    for statement in node.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id="model_config")], value=ast.Call(keywords=more)):
                keywords += more
            case _:
                pass
    return any(k.arg == "extra" and constant(k.value) == "allow" for k in keywords)


_VALIDATORS: Final = frozenset({"model_validator", "field_validator", "validator", "root_validator"})
_NAMING: Final = frozenset({"alias_generator", "populate_by_name", "validate_by_name", "validate_by_alias"})


def takes_more(node: ast.ClassDef) -> bool:
    """Whether a class may be made of other fields than those that its text names: names are made, several, or values are changed first."""
    for statement in node.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id="model_config")], value=value):
                if any(isinstance(one, ast.keyword) and one.arg in _NAMING for one in ast.walk(value)):
                    return True
                keys = [constant(key) for key in value.keys if key] if isinstance(value, ast.Dict) else []
                if not _NAMING.isdisjoint(keys):
                    return True
            case ast.ClassDef(name="Config", body=body):
                names = {last_name(one.targets[0]) for one in body if isinstance(one, ast.Assign)}
                if not _NAMING.isdisjoint(names):
                    return True
            case ast.FunctionDef(decorator_list=decorators):
                if any(_runs_before(one) for one in decorators):
                    return True
            case ast.AnnAssign(value=ast.Call() as value):
                alias = (field_options(value) or {}).get("validation_alias")
                if alias is not None and not isinstance(constant(alias), str):
                    return True
            case _:
                pass
    return any(k.arg in _NAMING for k in node.keywords)


def _runs_before(decorator: ast.expr) -> bool:
    """Whether a decorator has a validator see a value before its type is checked."""
    if not isinstance(decorator, ast.Call) or last_name(decorator.func) not in _VALIDATORS:
        return False
    mode = next((constant(k.value) for k in decorator.keywords if k.arg in ("mode", "pre")), None)
    return mode in ("before", "wrap", "plain", True)


def enum_type(node: ast.ClassDef, fallback: Type) -> Type:
    """Return the literals that an enum's members stand for; `fallback` if one of them isn't a text or an integer."""
    values: list[str | int | bool] = []
    for statement in node.body:
        match statement:
            case ast.Assign(value=ast.Constant(value=str() | int() as value)):
                values.append(value)
            case ast.Assign():
                return fallback
            case _:
                pass
    return LiteralType(tuple(dict.fromkeys(values))) if values else fallback


Definition: TypeAlias = ast.ClassDef | ast.expr

MAX_NESTED: Final = 32
"""How many definitions may lead into one another."""

_TYPING_MODULES: Final = frozenset(
    (
        *("typing", "typing_extensions", "builtins", "types", "collections", "enum", "pydantic"),
        *("datetime", "decimal", "ipaddress", "pathlib", "uuid"),
    )
)
_NO_FIELDS: Final = frozenset(("object", "Generic", "Protocol", "ABC", "BaseModel", "TypedDict", "RootModel"))
_ENUMS: Final[dict[str | None, Type]] = {"Enum": ANY, "StrEnum": STR, "IntEnum": INT, "Flag": ANY, "IntFlag": INT}


def statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield statements, also those under `if` and `try`; of a name that several branches define, the first."""
    for node in body:
        if not isinstance(node, ast.If | ast.Try):
            yield node
            continue
        seen: set[str] = set()
        for branch in (node.body, node.orelse):
            found = list(statements(branch))
            for inner in found:
                if not isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef) or inner.name not in seen:
                    yield inner
            seen.update(inner.name for inner in found if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef))


@dataclass(slots=True)
class Imports:
    """What a file imports: the modules by local name, and for each imported name its module and its own name."""

    modules: dict[str, str] = field(default_factory=dict)
    names: dict[str, tuple[str, str]] = field(default_factory=dict)

    @classmethod
    def of(cls, tree: ast.Module) -> Imports:
        """Collect the imports of a module's top level."""
        found = cls()
        for node in statements(tree.body):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    found.modules[alias.asname or alias.name.partition(".")[0]] = (
                        alias.name if alias.asname else alias.name.partition(".")[0]
                    )
            elif isinstance(node, ast.ImportFrom):
                module = "." * node.level + (node.module or "")
                for alias in node.names:
                    found.names[alias.asname or alias.name] = (module, alias.name)
        return found

    def from_lcc(self, node: ast.expr, name: str) -> bool:
        """Whether an expression means `lcc`'s object of that name; one that isn't imported is taken at its word."""
        match node:
            case ast.Name(id=local) if local in self.names:
                module, original = self.names[local]
                return module.partition(".")[0] == "lcc" and original == name
            case ast.Name(id=local):
                return local == name
            case ast.Attribute(value=ast.Name(id=module), attr=attribute):
                return attribute == name and self.modules.get(module, module) == "lcc"
            case _:
                return False


class Names:
    """The types of a file's names. What is wrong with a definition is reported once, where it stands."""

    def __init__(self, tree: ast.Module, source: Source, imports: Imports) -> None:
        self.source = source
        self.imports = imports
        self.diagnostics: list[Diagnostic] = []
        self._definitions = _definitions(tree)
        self._types: dict[str, Type] = {}
        self._open: list[str] = []
        self._reported: set[str] = set()
        renamed = {local: name for local, (module, name) in imports.names.items() if _is_typing(module)}
        self._reader = AnnotationReader(self._lookup, self._unknown, renamed)

    def defines(self, name: str) -> bool:
        """Whether the file itself defines a class or an alias of that name."""
        return name in self._definitions

    def type_of(self, node: ast.expr | None) -> Type:
        """Return the type of an annotation, `Any` where there is none or where it is no type, which is reported."""
        if node is None:
            return ANY
        try:
            return self._limited(self._reader.read(node), node)
        except AnnotationError as error:
            self._report(
                error.node or node, NOT_A_TYPE.code, Severity.WARNING, f"{error.message}; `Any` is assumed", error.help
            )
        except RecursionError:
            if self._open:
                raise
            self._report(node, NOT_A_TYPE.code, Severity.WARNING, "types are nested too deeply; `Any` is assumed", None)
        return ANY

    def _limited(self, type_: Type, node: ast.expr) -> Type:
        if not within_limits(type_):
            raise AnnotationError(f"a type of more than {MAX_SIZE:,} parts, or deeper than {MAX_DEPTH}", node=node)
        return type_

    def _lookup(self, node: ast.expr, name: str) -> Type | None:
        if name in self._types:
            return self._types[name]
        definition = self._definitions.get(name)
        if definition is None:
            return self._imported(node, name)
        if name in self._open or len(self._open) >= MAX_NESTED:
            return ANY
        self._open.append(name)
        try:
            if isinstance(definition, ast.ClassDef):
                found = self._limited(self._class(definition), node)
            else:
                found = self._limited(self._alias(name, definition), node)
        finally:
            self._open.pop()
        self._types[name] = found
        return found

    def _imported(self, node: ast.expr, name: str) -> Type | None:
        if name not in self.imports.names:
            return None
        module, _ = self.imports.names[name]
        return None if _is_typing(module) else self._unknown(node, name)

    def _unknown(self, node: ast.expr, name: str) -> Type:
        root = name.partition(".")[0]
        if root in self.imports.names or root in self.imports.modules:
            message = f"`{name}` is defined elsewhere, so it is read as `Any`"
            help = "define it in this file to have it checked"
            self._report_once(name, node, Severity.REMARK, message, help)
        else:
            help_ = did_you_mean(name, (*KNOWN_NAMES, *self._definitions))
            self._report_once(name, node, Severity.WARNING, f"unknown type `{name}` is read as `Any`", help_)
        return ANY

    def _report_once(self, name: str, node: ast.expr, severity: Severity, message: str, help: str | None) -> None:
        if name not in self._reported:
            self._reported.add(name)
            self._report(node, UNKNOWN_TYPE.code, severity, message, help)

    def _report(self, node: ast.expr, code: str, severity: Severity, message: str, help: str | None) -> None:
        self.diagnostics.append(Diagnostic(code, severity, message, node_span(self.source, node), help))

    def _alias(self, name: str, value: ast.expr) -> Type:
        if isinstance(value, ast.Call):
            match last_name(value.func), value.args:
                case "NewType", [_, base]:
                    return self._reader.read(base)
                case "TypedDict", [_, ast.Dict(keys=keys, values=values)]:
                    return self._functional(name, keys, values, is_total(value.keywords))
                case "TypeVar" | "ParamSpec" | "TypeVarTuple" | "namedtuple" | "NamedTuple" | "Enum", _:
                    return ANY
                case _:
                    pass
        return self._reader.read(value)

    def _functional(self, name: str, keys: list[ast.expr | None], values: list[ast.expr], total: bool) -> Type:
        fields = [
            Field(key.value, self.type_of(value), is_required(value, total))
            for key, value in zip(keys, values, strict=True)
            if isinstance(key, ast.Constant) and isinstance(key.value, str)
        ]
        return RecordType(name, tuple(fields))

    def _class(self, node: ast.ClassDef) -> Type:
        bases = [last_name(base.value if isinstance(base, ast.Subscript) else base) for base in node.bases]
        for base in bases:
            if base in _ENUMS:
                return enum_type(node, _ENUMS[base])
        if "RootModel" in bases:
            return self._root(node)
        fields, closed = self._inherited(node, bases)
        kind = ClassKind.of(node, bases, self._is_typed_dict)
        for statement in node.body:
            if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
                found = self._field(statement, statement.target.id, kind)
                if found is not None:
                    fields[found.name] = found
        if not fields and not kind.declared and closed:
            return self._unknown_class(node)
        if "NamedTuple" in bases:
            return ANY if fields else ListType(ANY)
        if takes_more(node):
            return RecordType(node.name, (), closed=False)
        return RecordType(node.name, tuple(fields.values()), closed and not allows_extra(node))

    def _root(self, node: ast.ClassDef) -> Type:
        """Return the type of what a model of one value holds: `RootModel[list[int]]`, or its field `root`."""
        for statement in node.body:
            match statement:
                case ast.AnnAssign(target=ast.Name(id="root"), annotation=annotation):
                    return self.type_of(annotation)
                case _:
                    pass
        for base in node.bases:
            if isinstance(base, ast.Subscript) and last_name(base.value) == "RootModel":
                return self.type_of(base.slice)
        return ANY

    def _unknown_class(self, node: ast.ClassDef) -> Type:
        if node.name not in self._reported:
            self._reported.add(node.name)
            span = node_span(self.source, node)
            message = f"class `{node.name}` has no annotated fields, so it is read as `Any`"
            self.diagnostics.append(Diagnostic(UNKNOWN_TYPE.code, Severity.REMARK, message, span))
        return ANY

    def _inherited(self, node: ast.ClassDef, bases: list[str | None]) -> tuple[dict[str, Field], bool]:
        """Return the fields of the bases, and whether all bases are known."""
        fields: dict[str, Field] = {}
        closed = True
        for expression, base in zip(reversed(node.bases), reversed(bases), strict=True):
            if base is None or base in _NO_FIELDS or base == "NamedTuple":
                continue
            found = self._lookup(expression, base)
            if isinstance(found, RecordType):
                fields.update((f.name, f) for f in found.fields)
                closed = closed and found.closed
            else:
                closed = False
        return fields, closed

    def _is_typed_dict(self, name: str | None) -> bool:
        seen: set[str | None] = set()
        while name not in seen:
            seen.add(name)
            if name == "TypedDict":
                return True
            definition = self._definitions.get(name or "")
            if not isinstance(definition, ast.ClassDef) or not definition.bases:
                return False
            name = last_name(definition.bases[0])
        return False

    def _field(self, node: ast.AnnAssign, name: str, kind: ClassKind) -> Field | None:
        head = last_name(node.annotation.value if isinstance(node.annotation, ast.Subscript) else node.annotation)
        if head in ("ClassVar", "InitVar") or (kind.model and (name.startswith("_") or name == "model_config")):
            return None
        type_ = self.type_of(node.annotation)
        if kind.typed_dict:
            return Field(name, type_, is_required(node.annotation, kind.total))
        options = field_options(node.value)
        if options is None:
            default = node.value is not None and not (kind.model and is_ellipsis(node.value))
            return Field(name, type_, not default)
        if constant(options.get("init")) is False:
            return None
        alias = constant(options.get("validation_alias", options.get("alias")))
        default = "default_factory" in options or ("default" in options and not is_ellipsis(options["default"]))
        return Field(alias if isinstance(alias, str) else name, type_, not default, field_note(options))


def _is_typing(module: str) -> bool:
    return module.partition(".")[0] in _TYPING_MODULES


def _definitions(tree: ast.Module) -> dict[str, Definition]:
    found: dict[str, Definition] = {}
    for node in statements(tree.body):
        match node:
            case ast.ClassDef(name=name):
                found[name] = node
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                found[name] = value
            case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation, value=ast.expr() as value):
                if last_name(annotation) == "TypeAlias":
                    found[name] = value
            case _ if type(node).__name__ == "TypeAlias":
                found[node.name.id] = node.value  # type: ignore[attr-defined]
            case _:
                pass
    return found
