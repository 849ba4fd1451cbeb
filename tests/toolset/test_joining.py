"""Check that a declaration and its implementation are compared and combined."""

from __future__ import annotations

import pytest
from hypothesis import given
from strategies import signatures

from lcc.grammar.signatures import Cost, Effect, Signature
from lcc.grammar.signatures.stubs import read_stub
from lcc.toolset.joining import combine, disagreements


def declare(text: str) -> Signature:
    (signature,) = read_stub(text, "tools.pyi").signatures
    return signature


@given(signatures())
def test_a_declaration_agrees_with_itself(signature: Signature) -> None:
    assert not list(disagreements(signature, signature))
    assert combine(signature, signature) == signature


@pytest.mark.parametrize(
    ("declared", "made"),
    [
        ("def f(a: int) -> str: ...", "def f(a: float) -> str: ..."),
        ("def f(a: int) -> str: ...", "def f(a) : ..."),
        ("def f(a): ...", "def f(a: int) -> str: ..."),
        ("def f(a: int): ...", "def f(a: int, b: int = 1): ..."),
        ("def f(a: int): ...", "def f(a: int = 3): ..."),
        ("def f(a: int = ...): ...", "def f(a: int = 3): ..."),
        ("def f(b: int, a: int): ...", "def f(a: int, b: int): ..."),
        ("def f() -> float: ...", "def f() -> int: ..."),
        ("def f() -> str | None: ...", "def f() -> str: ..."),
        ('@tool(effect="read")\ndef f(): ...', "def f(): ..."),
        ("def f(): ...", '@tool(effect="read")\ndef f(): ...'),
        ('@tool(effect="read", resource="web")\ndef f(): ...', '@tool(effect="read")\ndef f(): ...'),
        ('@tool(effect="read")\ndef f(): ...', '@tool(effect="read", resource="web")\ndef f(): ...'),
    ],
)
def test_an_implementation_may_take_more_and_return_less(declared: str, made: str) -> None:
    assert not list(disagreements(declare(declared), declare(made)))


@pytest.mark.parametrize(
    ("declared", "made", "message"),
    [
        ("def f(a): ...", "def f(): ...", "the implementation has no parameter `a`"),
        ("def f(): ...", "def f(a): ...", "the implementation requires `a`, which the declaration doesn't have"),
        ("def f(a=1): ...", "def f(a): ...", "the implementation requires `a`, the declaration doesn't"),
        ("def f(a=1): ...", "def f(a=2): ...", "`a` is by default 1, in the implementation 2"),
        ("def f(a=1): ...", "def f(a=True): ...", "`a` is by default 1, in the implementation True"),
        (
            "def f(a: float): ...",
            "def f(a: int): ...",
            "`a` is declared `float`, the implementation takes `int`",
        ),
        (
            "def f() -> int: ...",
            "def f() -> float: ...",
            "the implementation returns `float`, the declaration says `int`",
        ),
        ("def f() -> str: ...", "def f() -> int: ...", "the implementation returns `int`, the declaration says `str`"),
        (
            '@tool(effect="pure")\ndef f(): ...',
            '@tool(effect="write")\ndef f(): ...',
            "the implementation's effect is write, the declaration says pure",
        ),
        (
            '@tool(effect="read", resource="a")\ndef f(): ...',
            '@tool(effect="read", resource="b")\ndef f(): ...',
            "the implementation's resources are `b`, the declaration's `a`",
        ),
        ("def f(b, a): ...", "def f(a, b, /): ...", "takes its positional parameters in another order"),
    ],
)
def test_every_disagreement_is_named(declared: str, made: str, message: str) -> None:
    (found,) = disagreements(declare(declared), declare(made))
    assert message in found


def test_what_the_declaration_leaves_open_the_implementation_says() -> None:
    declared = declare('def f(a, b=...): "Short."')
    made = declare(
        '@tool(effect="write", resource="x", idempotent=True, cost=3)\n'
        'def f(a: int, /, b: str = "z") -> str:\n    """Long.\n\n    Args:\n        a: first\n    """\n'
    )
    both = combine(declared, made)
    assert str(both) == "f(a: int, /, b: str = 'z') -> str"
    assert both.description == "Short."
    assert both.parameters[0].description == "first"
    assert both.parameters[0].positional_only
    assert (both.effect, both.idempotent, both.cost) == (Effect.WRITE, True, Cost(3.0))
    assert [r.pattern for r in both.resources] == ["x"]


@pytest.mark.parametrize("order", [1, -1])
def test_resources_that_one_side_names_count(order: int) -> None:
    sides = (
        declare('@tool(effect="read", resource="web")\ndef f(): ...'),
        declare('@tool(effect="read")\ndef f(): ...'),
    )
    assert [r.pattern for r in combine(*sides[::order]).resources] == ["web"]


def test_what_the_declaration_says_counts() -> None:
    both = combine(
        declare('@tool(effect="read", cost=1)\ndef f(a: int): ...'), declare("@tool(cost=9)\ndef f(a: float): ...")
    )
    assert (str(both), both.effect, both.cost) == ("f(a: int) -> Any", Effect.READ, Cost(1.0))
