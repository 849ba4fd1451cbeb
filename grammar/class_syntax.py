"""Read what a class definition says about its fields, from its syntax alone."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass

from lcc.grammar.signatures import LiteralType, Type
from lcc.grammar.signatures.python_text import last_name


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


def field_options(value: ast.expr | None) -> dict[str, ast.expr] | None:
    """Return the options of `field(…)` or `Field(…)`; None for any other default."""
    if not isinstance(value, ast.Call) or last_name(value.func) not in ("field", "Field"):
        return None
    options = {keyword.arg: keyword.value for keyword in value.keywords if keyword.arg}
    if value.args:
        options["default"] = value.args[0]
    return options


def constant(node: ast.expr | None) -> object:
    """Return the value of a constant; None for any other expression."""
    return node.value if isinstance(node, ast.Constant) else None


def is_ellipsis(node: ast.expr) -> bool:
    """Whether an expression is `...`."""
    return constant(node) is ...


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
