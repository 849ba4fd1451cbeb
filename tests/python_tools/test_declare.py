"""Check `@lcc.tool`: what it keeps of a function, what it refuses, what signature it makes."""

from __future__ import annotations

import copy
import enum
import functools
import inspect
import pickle
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal, NewType, TypeVar

import pydantic
import pytest
import typing_extensions

from lcc.grammar.signatures import MISSING, Effect, RecordType, show
from lcc.python_tools.declare import ToolError, declaration_of, tool
from lcc.python_tools.function import tool_of
from lcc.runtime.context import Context
from lcc.runtime.graph.batches import BatchResults

if TYPE_CHECKING:
    from decimal import Decimal as Missing

Id = NewType("Id", int)
T = TypeVar("T")


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


@dataclass
class Point:
    x: float
    y: float = 0.0


class Place(pydantic.BaseModel):
    name: str
    at: Point
    near: list[Place] = []


class Note(typing_extensions.TypedDict):
    text: str
    by: typing_extensions.NotRequired[str]


@tool(effect="read", resource="web:{query}", cost=0.5, timeout=3)
def search(query: str, limit: int = 10, *, exact: bool = False) -> list[str]:
    """Find pages.

    Args:
        query: what to look for
    """
    return [query] * limit


@tool
async def fetch(url: str) -> str:
    return url


class Api:
    def __init__(self, key: str) -> None:
        self.key = key

    @tool(effect="pure")
    def get(self, name: str) -> str:
        return self.key + name

    @tool
    @staticmethod
    def fixed(name: str) -> str:
        return name

    @classmethod
    @tool
    def made(cls, name: str) -> str:
        return cls.__name__ + name

    def plain(self, name: str) -> str:
        return self.key + name

    async def later(self, name: str) -> str:
        return self.key + name

    def __call__(self, name: str) -> str:
        return self.key + name


def test_a_declared_function_is_the_function_it_was() -> None:
    def original(x: int) -> int:
        return x + 1

    assert tool(original) is original
    assert tool(effect="pure")(original) is not original
    assert search("x", 2) == ["x", "x"]
    assert search.__name__ == "search"
    assert inspect.iscoroutinefunction(fetch)
    assert not hasattr(search, "__wrapped__")
    assert Api("k").get("x") == "kx"
    assert Api.fixed("x") == "x"
    assert Api.made("x") == "Apix"


def test_a_declaration_becomes_a_signature() -> None:
    made = tool_of(search)
    assert str(made.signature) == "search(query: str, limit: int = 10, *, exact: bool = False) -> list[str]"
    assert made.signature.effect is Effect.READ
    assert [r.pattern for r in made.signature.resources] == ["web:{query}"]
    assert made.signature.cost.seconds == 0.5
    assert made.signature.limits.timeout == 3
    assert made.signature.description == "Find pages."
    assert made.signature.parameters[0].description == "what to look for"
    assert made.function is search
    assert tool_of(search) is made


def test_a_function_that_is_not_declared_is_an_undeclared_tool() -> None:
    def add(a: int, b: int = 1) -> int:
        return a + b

    made = tool_of(add)
    assert str(made.signature) == "add(a: int, b: int = 1) -> int"
    assert made.signature.effect is Effect.UNDECLARED
    assert declaration_of(add) is None


def test_bound_methods_are_tools_without_their_object() -> None:
    api = Api("k")
    assert str(tool_of(api.get).signature) == "get(name: str) -> str"
    assert tool_of(api.get).signature.effect is Effect.PURE
    assert tool_of(api.get).function("x") == "kx"
    assert str(tool_of(Api.fixed).signature) == "fixed(name: str) -> str"
    assert str(tool_of(Api.made).signature) == "made(name: str) -> str"
    assert str(tool_of(api.plain).signature) == "plain(name: str) -> str"
    assert str(tool_of(tool(api.__call__, name="call")).signature) == "call(name: str) -> str"


def test_two_objects_are_two_tools() -> None:
    one, two = tool_of(Api("1").get), tool_of(Api("2").get)
    assert (one.function("x"), two.function("x")) == ("1x", "2x")


def test_what_can_not_carry_a_declaration_is_wrapped() -> None:
    api = Api("k")
    get = tool(api.plain, effect="read", name="lookup")
    assert get("x") == "kx"
    assert tool_of(get).name == "lookup"
    assert tool_of(get).function == api.plain
    assert declaration_of(Api.plain) is None
    later = tool(api.later, effect="read")
    assert inspect.iscoroutinefunction(later)
    assert tool_of(later).signature.effect is Effect.READ
    assert str(tool_of(tool(len, effect="pure")).signature) == "len(obj: Any, /) -> Any"


def test_one_function_can_be_declared_twice() -> None:
    def find(query: str) -> str:
        return query

    first = tool(find, name="first", effect="read")
    second = tool(find, name="second", effect="pure")
    assert [tool_of(f).name for f in (first, second)] == ["first", "second"]
    assert [tool_of(f).signature.effect for f in (first, second)] == [Effect.READ, Effect.PURE]
    assert second("x") == "x"


def test_a_decorator_above_is_what_gets_called() -> None:
    def shout(function: Callable[[str], str]) -> Callable[[str], str]:
        @functools.wraps(function)
        def loud(text: str) -> str:
            return function(text).upper()

        return loud

    @shout
    @tool(effect="pure")
    def echo(text: str) -> str:
        return text

    made = tool_of(echo)
    assert made.function("x") == "X"
    assert made.signature.effect is Effect.PURE


def test_the_context_is_not_a_parameter_of_the_plan() -> None:
    def one(query: str, ctx: Context) -> str:
        return query

    def two(query: str, *, ctx: Context | None = None) -> str:
        return query

    assert tool_of(one).context_parameter == "ctx"
    assert tool_of(two).context_parameter == "ctx"
    assert str(tool_of(one).signature) == "one(query: str) -> str"
    assert tool_of(search).context_parameter is None


def test_all_kinds_of_hints_become_types() -> None:
    def f(
        plain: Any,
        number: Id,
        anything: T,
        choice: Literal["a", 1],
        colour: Colour,
        when: datetime,
        note: Note,
        point: Point | None,
        place: Place,
        several: tuple[int, str],
        bounded: Annotated[int, pydantic.Field(gt=0, description="how many")],
        described: Annotated[str, "what it is"],
        /,
    ) -> dict[str, Place]:
        raise NotImplementedError

    signature = tool_of(f).signature
    assert show(signature.parameters[5].type) == "Any", "a date may be a number"
    assert {p.name: show(p.shown) for p in signature.parameters} == {
        "plain": "Any",
        "number": "int",
        "anything": "Any",
        "choice": "Literal['a', 1]",
        "colour": "Literal['red', 'blue']",
        "when": "str",
        "note": "Note",
        "point": "Point | None",
        "place": "Place",
        "several": "list[int | str]",
        "bounded": "int",
        "described": "str",
    }
    assert show(signature.result) == "dict[str, Place]"
    assert all(p.positional_only for p in signature.parameters)
    assert [p.description for p in signature.parameters[-2:]] == ["how many", "what it is"]
    place = signature.parameters[8].type
    assert isinstance(place, RecordType)
    assert [(f.name, show(f.type), f.required) for f in place.fields] == [
        ("name", "str", True),
        ("at", "Point", True),
        ("near", "list[Place]", False),
    ]


def test_only_defaults_that_are_json_values_are_known() -> None:
    def f(a: int = 1, b: list[int] = [1], c: Any = (1,), d: Any = Colour.RED, e: float = float("inf")) -> None: ...  # noqa: B006

    assert [p.default for p in tool_of(f).signature.parameters] == [1, [1], MISSING, MISSING, MISSING]


def test_a_result_type_that_json_can_not_describe_is_anything() -> None:
    def f() -> Iterator[object]:
        return iter(())

    def g() -> Callable[[], int]:
        return lambda: 1

    assert show(tool_of(g).signature.result) == "Any"
    assert show(tool_of(f).signature.result) in ("Any", "list")


@pytest.mark.parametrize(
    ("options", "message", "code"),
    [
        ({"effect": "reads"}, "did you mean `read`?", "T006"),
        ({"efect": "read"}, "a tool has no option `efect` (did you mean `effect`?)", "T005"),
        ({"resource": "web"}, "a resource says nothing without an effect", "T007"),
        ({"effect": "pure", "resource": ["web"]}, "a pure tool touches nothing", "T007"),
        ({"effect": "read", "resource": ["{nothing}"]}, "names no parameter `nothing`", "T012"),
        ({"timeout": float("nan")}, "`timeout` must be a number above 0", "T006"),
        ({"timeout": 10**400}, "`timeout` must be a number above 0, not a number that large", "T006"),
        ({"retries": object()}, "`retries` must be an integer, 0 or more, not object", "T006"),
        ({"name": "join"}, "`join` is reserved", "T008"),
        ({"name": "two words"}, "can't name a tool", "T008"),
    ],
)
def test_options_that_do_not_fit_are_refused_at_once(options: dict[str, Any], message: str, code: str) -> None:
    def f(query: str) -> str:
        return query

    with pytest.raises(ToolError) as caught:
        tool(**options)(f)
    assert message in str(caught.value)
    assert caught.value.code == code


def _generator() -> Iterator[int]:
    yield 1


async def _async_generator() -> AsyncIterator[int]:
    yield 1


def _unknown(query: Missing) -> None: ...


def _not_json(query: str, key: Callable[[str], int]) -> None: ...


def _variadic(*values: int) -> None: ...


def _keywords(**values: int) -> None: ...


def _reserved(each: int) -> None: ...


def _broken(query: 1 + None) -> None: ...  # type: ignore[valid-type]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (3, "an object of the class `int` can't be a tool"),
        (Api, "the class `Api` can't be a tool (give a bound method of an instance)"),
        (Api("k"), "an object of the class `Api` can't be a tool (give its bound method: `tool(it.__call__)`)"),
        (functools.partial(search, limit=1), "a partial can't be a tool"),
        (property(lambda self: 1), "a property can't be a tool"),
        (Api.get, "`Api.get` is a method without its object (give it bound: `Api(…).get`)"),
        (lambda x: x, "'<lambda>' can't name a tool"),
        (print, "`*args` can't be a parameter of a tool (take a list instead)"),
        (_variadic, "`*values` can't be a parameter of a tool (take a list instead)"),
        (_keywords, "`**values` can't be a parameter of a tool (take a dict instead)"),
        (_reserved, "`each` is reserved"),
        (_generator, "`_generator` is a generator, so it has no result (return a list)"),
        (_async_generator, "is a generator"),
        (_unknown, "the annotation of `query` names `Missing`, which the module doesn't define"),
        (_not_json, "parameter `key` has the type"),
        (_broken, "its annotations can't be read: TypeError"),
        (min, "doesn't tell its parameters"),
    ],
)
def test_what_can_not_be_a_tool_is_refused_with_the_remedy(value: Any, message: str) -> None:
    with pytest.raises(ToolError) as caught:
        tool_of(value)
    assert message in str(caught.value)
    assert "pydantic.dev" not in str(caught.value)


@pytest.mark.parametrize("value", [3, Api, Api("k"), functools.partial(search), "search"])
def test_the_decorator_refuses_what_is_no_function(value: Any) -> None:
    with pytest.raises(ToolError, match="can't be a tool"):
        tool(value)


def test_a_tool_can_be_made_again_in_another_process() -> None:
    api = Api("k")
    for function in (search, fetch, api.get, tool(api.plain, name="other", effect="read")):
        made = tool_of(function)
        again = pickle.loads(pickle.dumps(made))
        assert again.signature == made.signature
        assert again.convert({next(iter(made.signature.parameters)).name: "x"})
    changed = replace(tool_of(search), signature=replace(tool_of(search).signature, description="Other."))
    assert pickle.loads(pickle.dumps(changed)).signature.description == "Other."
    form = replace(tool_of(search), to_json=BatchResults(tool_of(search).to_json))
    failed = [ValueError("no")]
    assert pickle.loads(pickle.dumps(form)).to_json(failed) == form.to_json(failed)
    assert pickle.loads(pickle.dumps(MISSING)) is MISSING
    assert copy.copy(MISSING) is MISSING


@dataclass
class Counter:
    calls: list[str] = field(default_factory=list)

    @tool
    def note(self, text: str) -> int:
        self.calls.append(text)
        return len(self.calls)


def test_a_method_tool_keeps_the_state_of_its_object() -> None:
    counter = Counter()
    made = tool_of(counter.note)
    assert [made.function(text="a"), made.function(text="b")] == [1, 2]


def test_declaring_plain_tools_and_making_them_imports_no_heavy_package() -> None:
    program = (
        "import sys, lcc.python_tools.declare, lcc.python_tools.function\n"
        "@lcc.python_tools.declare.tool(effect='pure')\n"
        "def f(a: int, b: list[str] | None = None) -> dict[str, float]: return {}\n"
        "made = lcc.python_tools.function.tool_of(f)\n"
        "made.to_json(f(**made.convert({'a': 1, 'b': ['x']})))\n"
        "print([name for name in ('pydantic', 'pydantic_core', 'rich', 'anyio', 'lark') if name in sys.modules])\n"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"
