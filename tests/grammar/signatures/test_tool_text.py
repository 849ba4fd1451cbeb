"""Check what models and people are told of tools: one line each, and records once."""

from __future__ import annotations

from typing import Any

from lcc.grammar.signatures import STR, Field, ListType, Parameter, RecordType, Signature
from lcc.grammar.signatures.json_functions import read_functions
from lcc.grammar.signatures.stubs import read_stub
from lcc.grammar.signatures.tool_text import tools_text


def told(*functions: dict[str, Any]) -> list[str]:
    stub = read_functions(list(functions))
    assert not stub.diagnostics
    return tools_text(stub.signatures).splitlines()


def _tool(properties: dict[str, Any], required: list[str], name: str = "f", **more: Any) -> dict[str, Any]:
    return {"name": name, "inputSchema": {"type": "object", "properties": properties, "required": required, **more}}


def test_a_record_is_told_once_with_its_fields() -> None:
    stop = {
        "type": "object",
        "properties": {
            "city": {"type": "string", "description": "where to sleep."},
            "nights": {"type": "integer", "minimum": 1, "maximum": 14, "default": 2},
            "by": {"enum": ["train", "boat"]},
            "at": {"type": "string", "format": "date-time"},
        },
        "required": ["city"],
    }
    both = [_tool({"stops": {"type": "array", "items": stop}}, ["stops"], name) for name in ("plan_trip", "book_trip")]
    assert told(*both) == [
        "plan_trip(stops: list[Stops]) -> Any",
        "book_trip(stops: list[Stops]) -> Any",
        "Records, written as dicts:",
        "class Stops: city: str; nights: int = ...; by: Literal['train', 'boat'] = ...; at: str = ..."
        "  # city: where to sleep; nights: 1 to 14; default 2; at: date-time",
    ]


def test_records_of_one_name_and_other_fields_are_told_apart() -> None:
    one = {"type": "object", "properties": {"a": {"type": "string"}}, "title": "Item"}
    other = {"type": "object", "properties": {"b": {"type": "string"}}, "title": "Item"}
    assert told(_tool({"x": one, "y": other}, ["x", "y"])) == [
        "f(x: Item, y: Item2) -> Any",
        "Records, written as dicts:",
        "class Item: a: str = ...",
        "class Item2: b: str = ...",
    ]


def test_a_record_in_itself_is_named() -> None:
    node = {"type": "object", "properties": {"kids": {"type": "array", "items": {"$ref": "#/$defs/Node"}}}}
    assert told(_tool({"node": {"$ref": "#/$defs/Node"}}, [], **{"$defs": {"Node": node}}))[-1] == (
        "class Node: kids: list[Node] = ..."
    )


def test_what_a_parameter_takes_beyond_its_type_is_told() -> None:
    properties = {
        "stars": {"type": "integer", "minimum": 1, "maximum": 5, "description": "how good"},
        "code": {"type": "string", "pattern": "^[A-Z]{2}$", "minLength": 2, "maxLength": 2},
        "tags": {"type": "array", "items": {"type": "string", "format": "uuid"}, "minItems": 1, "uniqueItems": True},
        "ratio": {"type": "number", "exclusiveMinimum": 0},
    }
    assert told(_tool(properties, list(properties))) == [
        "f(stars: int, code: str, tags: list[str], ratio: float) -> Any  # stars: how good (1 to 5); "
        "code: 2 characters, matches ^[A-Z]{2}$; tags: at least 1 item, no item twice, each uuid; ratio: above 0"
    ]


def test_a_result_is_told() -> None:
    function = {**_tool({}, []), "outputSchema": {"type": "object", "properties": {"moment": {"type": "string"}}}}
    assert told(function) == ["f() -> FResult", "Records, written as dicts:", "class FResult: moment: str = ..."]


def test_tools_without_records_take_one_line_and_no_more_than_what_they_declare() -> None:
    stub = read_stub('@tool(effect="write")\ndef put(book: str, shelf: int = 3) -> list[str]:\n    "Put a book."\n')
    assert tools_text(stub.signatures) == "put(book: str, shelf: int = 3) -> list[str]  # changes things; Put a book"


def test_a_record_that_is_read_from_a_class_is_told_with_its_descriptions() -> None:
    text = (
        "from pydantic import BaseModel, Field\n"
        "class Loan(BaseModel):\n"
        "    title: str = Field(description='of the book')\n"
        "    days: int = Field(14, ge=1, le=30)\n"
        "def lend(loan: Loan) -> None: ...\n"
    )
    assert tools_text(read_stub(text).signatures).splitlines() == [
        "lend(loan: Loan) -> None",
        "Records, written as dicts:",
        "class Loan: title: str; days: int = ...  # title: of the book; days: 1 to 30",
    ]


def test_a_type_without_a_name_is_a_record() -> None:
    record = RecordType("object", (Field("a", STR),))
    text = tools_text([Signature("f", (Parameter("x", ListType(record)),))])
    assert text.splitlines()[-1] == "class Record: a: str"
