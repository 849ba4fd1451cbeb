"""Check how Python files declare tools, read without running them."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import given, strategies as st

from lcc.grammar.diagnostics import Severity
from lcc.grammar.signatures import (
    ANY,
    INT,
    MISSING,
    Batch,
    CallLimits,
    Cost,
    DictType,
    Effect,
    Field,
    ListType,
    LiteralType,
    Parameter,
    RecordType,
    Type,
    show,
)
from lcc.grammar.signatures.declaration import Stub
from lcc.grammar.signatures.stubs import read_stub


def read(text: str, path: str = "tools.pyi") -> Stub:
    return read_stub(dedent(text), path)


def faults(stub: Stub) -> list[tuple[str, str]]:
    """Return each diagnostic's code and the text that it points to."""
    return [(d.code, stub.source.text[d.span.start : d.span.end]) for d in stub.diagnostics if d.span is not None]


def test_a_stub_declares_all_its_public_functions() -> None:
    stub = read(
        '''
        import lcc

        @lcc.tool(effect="read", resource=["web", "cache:{query}"], cost=0.8, cost_usd=1e-3, tokens=20, concurrency=4,
                  rate=2, timeout=30, retries=2, max_result_bytes=1000, trusted=True, batch="find_all", max_batch=9)
        async def find(query: str, /, limit: int = 10, *, exact: bool = False, ctx: lcc.Context) -> list[str]:
            """Find pages.

            Args:
                query: what to look for
            """

        def find_all(calls: list[dict[str, str]]): ...
        def _hidden(): ...
        '''
    )
    assert not stub.diagnostics
    find, find_all = stub.signatures
    assert str(find) == "find(query: str, /, limit: int = 10, *, exact: bool = False) -> list[str]"
    assert find.description == "Find pages."
    assert [p.description for p in find.parameters] == ["what to look for", "", ""]
    assert find.parameters[0].positional_only
    assert find.effect is Effect.READ
    assert [r.pattern for r in find.resources] == ["web", "cache:{query}"]
    assert find.trusted
    assert find.batch == Batch("find_all", 9)
    assert find.cost == Cost(0.8, 0.001, 20)
    assert find.limits == CallLimits(4, 2.0, 30.0, 2, 1000)
    assert find_all.effect is Effect.UNDECLARED
    assert find_all.result == ANY
    assert {name: stub.source.text[span.start : span.end] for name, span in stub.places.items()} == {
        "find": "find",
        "find_all": "find_all",
    }


def test_an_effect_without_a_resource_touches_the_outside() -> None:
    stub = read(
        '@tool(effect="write", idempotent=True)\ndef save(): ...\n@tool(effect="pure", fold=True)\ndef add(): ...'
    )
    save, add = stub.signatures
    assert [r.pattern for r in save.resources] == ["outside"]
    assert save.may_retry
    assert add.resources == ()
    assert add.fold


def test_in_a_module_only_declared_functions_are_tools() -> None:
    stub = read(
        """
        import lcc as compiler
        from lcc import tool as plan_tool
        from langchain.tools import tool

        @compiler.tool
        def one(): ...

        @plan_tool(effect="pure")
        def two(): ...

        @tool
        def other(): ...

        def helper(): ...

        three = compiler.tool(helper, name="three", effect="read")
        """,
        "tools.py",
    )
    assert [s.name for s in stub.signatures] == ["one", "two", "three"]
    assert not stub.diagnostics


def test_the_name_can_be_chosen() -> None:
    stub = read('@tool(name="web.search-v2")\ndef search(query: str): ...\n@tool\ndef _private(): ...')
    assert [s.name for s in stub.signatures] == ["web.search-v2", "_private"]


def test_defaults_that_are_literals_are_known() -> None:
    (signature,) = read(
        "def f(a=1, b=-2.5, c=None, d='x', e=[1, {'k': True}], f=..., g=(1, 2), h=len, i=1e999): ..."
    ).signatures
    assert [p.default for p in signature.parameters[:5]] == [1, -2.5, None, "x", [1, {"k": True}]]
    assert all(p.default is MISSING and not p.required for p in signature.parameters[5:])


def test_classes_become_records() -> None:
    stub = read(
        """
        import enum
        from dataclasses import dataclass, field
        from typing import Annotated, ClassVar, List as L, NamedTuple, NewType, NotRequired, Required, TypedDict
        from pydantic import BaseModel, Field

        class Place(TypedDict):
            name: str
            note: NotRequired[str]

        class Loose(Place, total=False):
            size: int
            must: Annotated[Required[int], "x"]

        @dataclass
        class Point:
            x: float
            y: float = 0.0
            tags: list[str] = field(default_factory=list)
            hidden: int = field(init=False)
            kind: ClassVar[str] = "p"

        class Model(BaseModel):
            at: Point
            alias: int = Field(alias="other")
            optional: int = Field(default=3)
            _private: int = 0

        class Open(BaseModel, extra="allow"):
            at: Point

        class Colour(enum.Enum):
            RED = "red"
            BLUE = "blue"

        class Pair(NamedTuple):
            left: int
            right: str

        class Plain:
            size: int

        class Node(TypedDict):
            children: list["Node"]

        Id = NewType("Id", int)
        Functional = TypedDict("Functional", {"a b": int})
        Ids = L[Id]

        def f(place: Place, loose: Loose, point: Point, model: Model, open: Open, colour: Colour, pair: Pair,
              plain: Plain, node: Node, id: Id, functional: Functional, ids: Ids): ...
        """
    )
    assert not stub.diagnostics
    types = {p.name: p.type for p in stub.signatures[0].parameters}

    def fields(name: str) -> dict[str, tuple[str, bool]]:
        type_ = types[name]
        assert isinstance(type_, RecordType)
        return {f.name: (show(f.type), f.required) for f in type_.fields}

    assert fields("place") == {"name": ("str", True), "note": ("str", False)}
    assert fields("loose") == {**fields("place"), "size": ("int", False), "must": ("int", True)}
    assert fields("point") == {"x": ("float", True), "y": ("float", False), "tags": ("list[str]", False)}
    assert fields("model") == {"at": ("Point", True), "other": ("int", True), "optional": ("int", False)}
    assert isinstance(types["open"], RecordType)
    assert not types["open"].closed
    assert types["colour"] == LiteralType(("red", "blue"))
    assert show(types["pair"]) == "Any"
    assert fields("plain") == {"size": ("int", True)}
    assert fields("node") == {"children": ("list", True)}
    assert show(types["id"]) == "int"
    assert fields("functional") == {"a b": ("int", True)}
    assert show(types["ids"]) == "list[int]"


def test_a_class_with_an_unknown_base_may_have_more_fields() -> None:
    stub = read("from shapes import Base\nclass Place(Base):\n    name: str\ndef find() -> Place: ...")
    (find,) = stub.signatures
    assert isinstance(find.result, RecordType)
    assert not find.result.closed
    assert [(d.code, d.severity) for d in stub.diagnostics] == [("T013", Severity.REMARK)]


def test_an_unknown_type_is_any_and_reported_once() -> None:
    stub = read("def f(a: strr, b: list[strr]) -> 'strr': ...")
    assert str(stub.signatures[0]) == "f(a: Any, b: list) -> Any"
    assert [(d.code, d.severity, d.help) for d in stub.diagnostics] == [
        ("T013", Severity.WARNING, "did you mean `str`?")
    ]


def test_the_branches_of_a_version_check_declare_once() -> None:
    stub = read(
        """
        import sys
        if sys.version_info >= (3, 12):
            def f(a: int): ...
        else:
            def f(a: str): ...
        """
    )
    assert [str(s) for s in stub.signatures] == ["f(a: int) -> Any"]
    assert not stub.diagnostics


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("@tool(effect=EFFECT)\ndef f(): ...", [("T004", "EFFECT")]),
        ("@tool(cost=1 + 1)\ndef f(): ...", [("T004", "1 + 1")]),
        ("@tool(**options)\ndef f(): ...", [("T004", "**options")]),
        ('@tool("read")\ndef f(): ...', [("T006", '"read"')]),
        ('@tool(efect="read")\ndef f(): ...', [("T005", 'efect="read"')]),
        ('@tool(effect="reads")\ndef f(): ...', [("T006", 'effect="reads"')]),
        ("@tool(effect=3)\ndef f(): ...", [("T006", "effect=3")]),
        ("@tool(effect=['read'])\ndef f(): ...", [("T006", "effect=['read']")]),
        ("@tool(timeout=0)\ndef f(): ...", [("T006", "timeout=0")]),
        ("@tool(cost=-1)\ndef f(): ...", [("T006", "cost=-1")]),
        ("@tool(concurrency=True)\ndef f(): ...", [("T006", "concurrency=True")]),
        ("@tool(concurrency=1.5)\ndef f(): ...", [("T006", "concurrency=1.5")]),
        ("@tool(cost=1e999)\ndef f(): ...", [("T004", "1e999")]),
        ("@tool(isolation='vm')\ndef f(): ...", [("T006", "isolation='vm'")]),
        ("@tool(resource=[])\ndef f(): ...", [("T006", "resource=[]")]),
        ("@tool(resource=[3], effect='read')\ndef f(): ...", [("T006", "resource=[3]")]),
        ("@tool(resource='a{b', effect='read')\ndef f(): ...", [("T006", "resource='a{b'")]),
        ("@tool(resource='web')\ndef f(): ...", [("T007", "resource='web'")]),
        ("@tool(effect='pure', resource='web')\ndef f(): ...", [("T007", "resource='web'")]),
        ("@tool(effect='read', fold=True)\ndef f(): ...", [("T007", "fold=True")]),
        ("@tool(idempotent=True)\ndef f(): ...", [("T007", "idempotent=True")]),
        ("@tool(effect='destructive', idempotent=True)\ndef f(): ...", [("T007", "idempotent=True")]),
        ("@tool(effect='write', retries=1)\ndef f(): ...", [("T007", "retries=1")]),
        ("@tool(effect='read', batch='g')\ndef f(): ...", [("T007", "batch='g'")]),
        ("@tool(effect='write', batch='g', max_batch=2)\ndef f(): ...", [("T007", "batch='g'")]),
        ("def join(): ...", [("T008", "join")]),
        ("@tool(name='two words')\ndef f(): ...", [("T008", "name='two words'")]),
        ("def f(): ...\ndef f(): ...", [("T009", "f")]),
        ("@overload\ndef f(a: int): ...\n@overload\ndef f(a: str): ...", [("T009", "f")]),
        ("def f(*args: int): ...", [("T010", "args: int")]),
        ("def f(**kwargs): ...", [("T010", "kwargs")]),
        ("def f(each: int): ...", [("T011", "each: int")]),
        ("@tool(effect='write', resource='file:{name}')\ndef f(path): ...", [("T012", "resource='file:{name}'")]),
        ("def f(a: [int]): ...", [("T014", "[int]")]),
        ("def f() -> 3: ...", [("T014", "3")]),
        ("def f(a: 'in t'): ...", [("T014", "'in t'")]),
        ("x = 1", [("T003", "")]),
        ("def é(a: [int]): ...", [("T014", "[int]"), ("T008", "é")]),
    ],
)
def test_every_fault_is_reported_where_it_stands(text: str, expected: list[tuple[str, str]]) -> None:
    stub = read(text)
    assert sorted(faults(stub)) == sorted(expected)
    assert all(d.severity in (Severity.ERROR, Severity.WARNING) for d in stub.diagnostics)


def test_a_module_may_have_tools_that_only_running_it_shows() -> None:
    (found,) = read("from elsewhere import search", "tools.py").diagnostics
    assert (found.code, found.severity) == ("T003", Severity.WARNING)


def test_a_faulty_tool_does_not_take_the_others_with_it() -> None:
    stub = read("def good(): ...\ndef join(): ...\ndef fine(): ...")
    assert [s.name for s in stub.signatures] == ["good", "fine"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("def f(:", "not Python: invalid syntax"),
        ("def f()\n", "not Python: expected ':'"),
        ("x = (" * 300, "not Python: too many nested parentheses"),
        ("x = " + "-" * 50_000 + "1", "not Python: nested too deeply"),
        ("x = " + "a." * 50_000 + "a", "not Python: nested too deeply"),
        ("x = 'a\0'", "not Python: source code string cannot contain null bytes"),
        ("x = " + "9" * 5_000, "not Python: exceeds the limit"),
        ("  x = 1", "not Python: unexpected indent"),
        ("def f():\n\treturn 1\n        return 2", "not Python: inconsistent use of tabs"),
    ],
)
def test_what_is_no_python_is_a_located_error(text: str, message: str) -> None:
    stub = read_stub(text, "tools.pyi")
    (found,) = stub.diagnostics
    assert found.code == "T002"
    assert message in found.message
    assert found.span is not None
    assert found.span.end <= len(text)


def test_types_that_grow_without_end_are_cut() -> None:
    lines = ["from typing import TypedDict", "class A0(TypedDict):\n    x: int"]
    lines += [f"class A{n}(TypedDict):\n    x: A{n - 1} | None\n    y: A{n - 1} | None" for n in range(1, 30)]
    stub = read_stub("\n".join([*lines, "def f(a: A29): ...", "def g(a: int): ..."]))
    assert {d.code for d in stub.diagnostics} == {"T014"}
    assert [s.name for s in stub.signatures] == ["f", "g"]


def test_definitions_that_lead_into_one_another_without_end_are_cut() -> None:
    deep = "list[" * 20
    close = "]" * 20
    lines = [f"A{n} = {deep}A{n + 1}{close}" for n in range(500)]
    stub = read_stub("\n".join([*lines, "def f(a: A0): ..."]))
    assert {d.code for d in stub.diagnostics} == {"T014"}


def test_reading_a_module_runs_nothing_of_it(tmp_path: Path) -> None:
    target = tmp_path / "owned"
    text = f"""
        import lcc
        open({str(target)!r}, "w").close()

        class Meta(type):
            def __new__(*args): open({str(target)!r}, "w").close()

        class Model(metaclass=Meta):
            x: "__import__('pathlib').Path({str(target)!r}).touch()"

        @lcc.tool(effect="read", name=open({str(target)!r}, "w").name)
        def f(a: Model = open({str(target)!r}, "w"), b: (lambda: open({str(target)!r}, "w"))() = 1) -> Model: ...
        """
    stub = read(text, "tools.py")
    assert stub.diagnostics
    assert not target.exists()


@given(st.text(alphabet=st.sampled_from("def f(a:int=1)->str\n @tol'\",*[]{}#=."), max_size=60))
def test_any_text_is_read_or_reported(text: str) -> None:
    stub = read_stub(text)
    for diagnostic in stub.diagnostics:
        assert diagnostic.span is not None
        assert 0 <= diagnostic.span.start <= diagnostic.span.end <= len(text)


def test_a_stub_without_annotations_takes_anything() -> None:
    (signature,) = read("def f(a, b=None): ...").signatures
    assert [p.type for p in signature.parameters] == [ANY, ANY]


def test_containers_without_parameters_hold_anything() -> None:
    (signature,) = read("def f(a: list, b: dict): ...").signatures
    assert [p.type for p in signature.parameters] == [ListType(ANY), DictType(ANY)]


OPEN_A = RecordType("A", (), closed=False)


def taken(text: str, parameter: str = "a") -> Parameter:
    signature = read(text, "tools.py").signatures[0]
    found = signature.parameter(parameter)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("class Base(BaseModel):\n    model_config = ConfigDict(alias_generator=f)\nclass A(Base):\n    x: int", OPEN_A),
        ("SAID = {'alias_generator': f}\nclass A(BaseModel):\n    model_config = ConfigDict(**SAID)\n    x: int", OPEN_A),
        ("@p.dataclasses.dataclass(config=elsewhere())\nclass A:\n    x: int", OPEN_A),
        ("class A(BaseModel):\n    x: int = Field(alias=NAME)", OPEN_A),
        ("class A(BaseModel):\n    x: int\n    @p.field_validator('x', mode='before')\n    def f(cls, v): ...", OPEN_A),
        ("class A(BaseModel):\n    x: int\n    @p.model_validator(mode='before')\n    def f(cls, v): ...", ANY),
        ("class A(BaseModel):\n    x: int\n    @mv(mode='wrap')\n    def f(cls, v, h): ...", ANY),
        ("class A:\n    @classmethod\n    def __get_pydantic_core_schema__(cls, source, handler): ...", ANY),
        ("class B(enum.Enum):\n    @classmethod\n    def _missing_(cls, v): ...\nclass A(str, B):\n    X = 'x'", ANY),
        ("A = t.Annotated[int, p.BeforeValidator(int)]", ANY),
        ("F = p.WrapValidator(f)\nA = t.Annotated[int, F]", ANY),
        ("A = t.Annotated[int, p.AfterValidator(f)]", INT),
        ("class A(BM):\n    x: int", RecordType("A", (Field("x", INT),))),
        ("class A(TypedDict):\n    x: Annotated[int, Field(alias='X')]", RecordType("A", (Field("X", INT),))),
        ("SAID = dict(extra='forbid')\nclass A(BaseModel):\n    model_config = SAID\n    x: int",
         RecordType("A", (Field("x", INT),))),
    ],
)  # fmt: skip
def test_what_the_text_of_a_type_cannot_tell_is_open(text: str, expected: Type) -> None:
    head = "import enum\nimport typing as t\nimport pydantic as p\nimport lcc\n"
    head += "from pydantic import BaseModel, BaseModel as BM, ConfigDict, Field, model_validator as mv\n"
    assert taken(f"{head}{text}\n@lcc.tool()\ndef use(a: A): ...").type == expected


@pytest.mark.parametrize("said", ["default=5, ge=0", "default_factory=make", "5"])
def test_a_default_may_stand_in_the_annotation(said: str) -> None:
    found = taken(f"@lcc.tool()\ndef use(a: Annotated[int, Field({said})]): ...")
    assert (found.type, found.required) == (INT, False)
