"""Read `--input name=value`: text for an input that takes text, JSON for any other."""

from __future__ import annotations

import json
from collections.abc import Iterable

from lcc.cli.bad_input import Usage
from lcc.grammar.ir import InputDecl, Plan
from lcc.grammar.signatures import ANY, Type, only_text
from lcc.grammar.signatures.annotations import AnnotationError, parse_annotation
from lcc.grammar.values import Json


def read_inputs(given: Iterable[str], plan: Plan) -> dict[str, Json]:
    """Return the inputs of a command line by name; raise Usage for one without `=` and for one that is given twice.

    A value for an input that takes only text is text as it stands. For any other it is JSON, or text where it isn't JSON.
    Whether a name is declared and a value fits is checked, against the plan, before anything runs.
    """
    types = {declaration.name: _type(declaration) for declaration in plan.inputs}
    inputs: dict[str, Json] = {}
    for pair in given:
        name, equals, text = pair.partition("=")
        if not equals:
            raise Usage(f"--input {pair}: write it as name=value")
        if name in inputs:
            raise Usage(f"--input {name}: given twice")
        inputs[name] = text if only_text(types.get(name, ANY)) else _json_or_text(text)
    return inputs


def _type(declaration: InputDecl) -> Type:
    try:
        return parse_annotation(declaration.type)
    except AnnotationError:
        return ANY  # the parser has refused it already


def _json_or_text(text: str) -> Json:
    try:
        value: Json = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return text
    return value


def _refuse(constant: str) -> Json:
    raise ValueError(f"{constant} is not a JSON number")
