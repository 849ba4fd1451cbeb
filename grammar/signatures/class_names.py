"""Give the types of the names that a Python file defines: typed dicts, dataclasses, models, enums, aliases.

Read from the syntax tree alone. A class is a record of its annotated fields; a field that leads back to its own class is `Any`.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import field, replace
from typing import Final, TypeAlias

from lcc.grammar.dataclass import dataclass
from lcc.grammar.diagnostics import Diagnostic, Severity
from lcc.grammar.diagnostics.wording import did_you_mean
from lcc.grammar.signatures.annotations import KNOWN_NAMES, AnnotationError, AnnotationReader
from lcc.grammar.signatures.python_text import dotted_name, is_ellipsis, last_name, node_span
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


def annotated_options(
    annotation: ast.expr | None, resolve: Callable[[str], object] = lambda name: None, depth: int = 0
) -> dict[str, ast.expr]:
    """Return the options of the `Field(…)` in `Annotated[…]`. `resolve`: what a name stands for in the file."""
    if depth > MAX_NESTED:
        return {}
    match annotation:
        case ast.Subscript(value=head, slice=ast.Tuple(elts=[inner, *extras])) if last_name(head) == "Annotated":
            own = (field_options(one) or {} for one in extras if is_field(one))
            return {
                **annotated_options(inner, resolve, depth + 1),
                **{name: value for said in own for name, value in said.items()},
            }
        case ast.Subscript(value=head, slice=inner) if last_name(head) in ("Required", "NotRequired", "ReadOnly"):
            return annotated_options(inner, resolve, depth + 1)
        case ast.Name(id=name) if isinstance(found := resolve(name), ast.expr):
            return annotated_options(found, resolve, depth + 1)
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


def config_of(node: ast.ClassDef, resolve: Callable[[str], object]) -> dict[str, ast.expr | None] | None:
    """Return what pydantic's configuration of a class says, wherever it stands; None where its text doesn't tell."""
    found: dict[str, ast.expr | None] = {k.arg: k.value for k in node.keywords if k.arg}
    said: list[ast.expr] = []
    for statement in node.body:
        match statement:
            case (
                ast.Assign(targets=[ast.Name(id="model_config" | "__pydantic_config__")], value=ast.expr() as value)
                | ast.AnnAssign(target=ast.Name(id="model_config" | "__pydantic_config__"), value=ast.expr() as value)
            ):
                said.append(value)
            case ast.ClassDef(name="Config", body=body, bases=bases):
                if bases:
                    return None
                found |= {last_name(one.targets[0]) or "": one.value for one in body if isinstance(one, ast.Assign)}
            case _:
                pass
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Call):
            said += [k.value for k in decorator.keywords if k.arg == "config"]
            said += decorator.args if last_name(decorator.func) == "with_config" else []
            found |= {
                k.arg: k.value for k in decorator.keywords if k.arg and last_name(decorator.func) == "with_config"
            }
    for value in said:
        options = _config_options(value, resolve)
        if options is None:
            return None
        found |= options
    return found


def _config_options(
    value: ast.expr | None, resolve: Callable[[str], object], depth: int = 0
) -> dict[str, ast.expr | None] | None:
    found: dict[str, ast.expr | None] = {}
    pairs: list[tuple[str | None, ast.expr]]
    match value:
        case ast.Call(func=func, args=[], keywords=keywords) if last_name(func) in ("ConfigDict", "dict"):
            pairs = [(k.arg, k.value) for k in keywords]
        case ast.Dict(keys=keys, values=values) if all(key is None or isinstance(key, ast.Constant) for key in keys):
            names = [None if key is None else str(constant(key)) for key in keys]
            pairs = list(zip(names, values, strict=True))
        case ast.Name(id=name) if depth < MAX_NESTED and isinstance(known := resolve(name), ast.expr):
            pairs = [(None, known)]
        case _:
            return None
    for word, one in pairs:
        inner = {word: one} if word is not None else _config_options(one, resolve, depth + 1)
        if inner is None or depth >= MAX_NESTED:
            return None
        found |= inner
    return found


_VALIDATORS: Final = frozenset({"model_validator", "field_validator", "validator", "root_validator"})
_OF_MODELS: Final = frozenset({"model_validator", "root_validator"})
_OPENING: Final = frozenset(
    ("alias_generator", "populate_by_name", "validate_by_name", "validate_by_alias", "coerce_numbers_to_str")
)
_OWN_SCHEMA: Final = frozenset({"__get_pydantic_core_schema__", "__get_validators__"})
_OWN_MEMBERS: Final = frozenset({"_missing_", "__new__"})
"""What makes an enum take other values than its text names."""


def takes_more(node: ast.ClassDef, resolve: Callable[[str], object]) -> bool:
    """Whether a class may be made of other fields than those that its text names: names are made, several, or values are changed first."""
    config = config_of(node, resolve)
    if config is None or not _OPENING.isdisjoint(config):
        return True
    return any(_runs_before(one, _VALIDATORS) for one in _applied(node))


def takes_anything(node: ast.ClassDef) -> bool:
    """Whether a class may be made of any value: it has a schema of its own, or a validator sees the whole value first."""
    return not _OWN_SCHEMA.isdisjoint(_methods(node)) or any(_runs_before(one, _OF_MODELS) for one in _applied(node))


def _methods(node: ast.ClassDef) -> set[str]:
    return {one.name for one in node.body if isinstance(one, ast.FunctionDef)} | {
        name for one in node.body if isinstance(one, ast.Assign) for name in map(last_name, one.targets) if name
    }


def _applied(node: ast.ClassDef) -> Iterator[ast.expr]:
    """Yield what a class's body applies to functions: decorators, and `field_validator("x", mode="before")(function)`."""
    for statement in node.body:
        match statement:
            case ast.FunctionDef(decorator_list=decorators):
                yield from decorators
            case ast.Assign(value=ast.Call(func=func)):
                yield func
            case _:
                pass


def _runs_before(decorator: ast.expr, validators: frozenset[str]) -> bool:
    """Whether a decorator is one of some validators, and sees a value before its type is checked, or may."""
    if not isinstance(decorator, ast.Call) or last_name(decorator.func) not in validators:
        return False
    modes = [k.value for k in decorator.keywords if k.arg in ("mode", "pre", None)]
    return any(constant(mode) not in ("after", False) for mode in modes)


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
        *("datetime", "decimal", "ipaddress", "pathlib", "uuid", "annotated_types"),
    )
)
_CHANGING: Final = frozenset(
    ("BeforeValidator", "WrapValidator", "PlainValidator", "SkipValidation", "InstanceOf", "GetPydanticSchema")
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
        meant = {
            local: name
            for local, name in renamed.items()
            if name not in self._definitions and renamed.get(name, name if name not in imports.names else "") == name
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and node.id in meant:
                node.id = meant[node.id]
        self._reader = AnnotationReader(self._lookup, self._unknown, renamed, self._changes)

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
        kind = ClassKind(True, total, False, True)
        written = [
            ast.AnnAssign(ast.Name(key.value), annotation=value, simple=1)
            for key, value in zip(keys, values, strict=True)
            if isinstance(key, ast.Constant) and isinstance(key.value, str)
        ]
        return self._record(name, {}, written, kind, closed=True)

    def _class(self, node: ast.ClassDef) -> Type:
        family = list(self._family(node))
        bases = [base for one in family for base in _bases(one)]
        for base in bases:
            if base in _ENUMS:
                return self._enum(node, family, _ENUMS[base], flag="Flag" in (base or ""))
        if any(map(takes_anything, family)):
            return ANY
        if "RootModel" in bases:
            return self._root(node)
        bases = _bases(node)
        fields, closed = self._inherited(node, bases)
        kind = ClassKind.of(node, bases, self._is_typed_dict)
        written = [one for one in node.body if isinstance(one, ast.AnnAssign)]
        found = self._record(node.name, fields, written, kind, closed=closed)
        if not found.fields and not kind.declared:
            return self._unknown_class(node) if found.closed else ANY
        if "NamedTuple" in bases:
            return ANY if found.fields else ListType(ANY)
        if any(takes_more(one, self._definitions.get) for one in family):
            return RecordType(node.name, (), closed=False)
        extra = (config_of(node, self._definitions.get) or {}).get("extra")
        return (
            replace(found, closed=False) if extra is not None and constant(extra) not in ("forbid", "ignore") else found
        )

    def _family(self, node: ast.ClassDef) -> Iterator[ast.ClassDef]:
        """Yield a class and those of its bases that the file defines."""
        waiting, seen = [node], {node.name}
        while waiting:
            one = waiting.pop(0)
            yield one
            for base in _bases(one):
                definition = self._definitions.get(base or "")
                if isinstance(definition, ast.ClassDef) and definition.name not in seen:
                    seen.add(definition.name)
                    waiting.append(definition)

    def _enum(self, node: ast.ClassDef, family: list[ast.ClassDef], fallback: Type, *, flag: bool) -> Type:
        if any(not _OWN_MEMBERS.isdisjoint(_methods(one)) or takes_anything(one) for one in family):
            return ANY
        return fallback if flag else enum_type(node, fallback)

    def _record(
        self, name: str, fields: dict[str, Field], written: list[ast.AnnAssign], kind: ClassKind, *, closed: bool
    ) -> RecordType:
        """Return the record of inherited and written fields; an open one without fields, where not all names are known."""
        fields = dict(fields)
        for one in written:
            if isinstance(one.target, ast.Name):
                found = self._field(one, one.target.id, kind)
                if found is not None:
                    fields[found.name] = found
                if any(not isinstance(constant(alias), str) for alias in self._aliases(one)):
                    return RecordType(name, (), closed=False)
        return RecordType(name, tuple(fields.values()), closed)

    def _aliases(self, node: ast.AnnAssign) -> list[ast.expr]:
        options = {**self.options_of(node.annotation), **(field_options(node.value) or {})}
        return [options[word] for word in ("validation_alias", "alias") if word in options][:1]

    def options_of(self, annotation: ast.expr | None) -> dict[str, ast.expr]:
        """Return the options of the `Field(…)` that stands in an annotation, or in the alias that it names."""
        return annotated_options(annotation, self._definitions.get)

    def _changes(self, extra: ast.expr, depth: int = 0) -> bool:
        """Whether what stands beside a type in `Annotated` may change values before they are checked."""
        head = extra
        while isinstance(head, ast.Call | ast.Subscript):
            head = head.func if isinstance(head, ast.Call) else head.value
        if last_name(head) in _CHANGING:
            return True
        root = (dotted_name(head) or "").partition(".")[0]
        definition = self._definitions.get(root)
        if isinstance(definition, ast.ClassDef):
            return any(map(takes_anything, self._family(definition)))
        if definition is not None:
            return depth > MAX_NESTED or self._changes(definition, depth + 1)
        module = self.imports.names[root][0] if root in self.imports.names else self.imports.modules.get(root, "typing")
        return not _is_typing(module) and not isinstance(extra, ast.Constant)

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
        given = field_options(node.value)
        options = {**self.options_of(node.annotation), **(given or {})}
        alias = next((constant(one) for one in self._aliases(node)), None)
        name = alias if isinstance(alias, str) else name
        if kind.typed_dict:
            return Field(name, type_, is_required(node.annotation, kind.total), field_note(options))
        if constant(options.get("init")) is False:
            return None
        default = "default_factory" in options or ("default" in options and not is_ellipsis(options["default"]))
        if given is None and node.value is not None:
            default = not (kind.model and is_ellipsis(node.value))
        return Field(name, type_, not default, field_note(options))


def _bases(node: ast.ClassDef) -> list[str | None]:
    return [last_name(base.value if isinstance(base, ast.Subscript) else base) for base in node.bases]


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
