"""Which changing objects statements touch, and which of them each turn of a loop has for itself."""

from __future__ import annotations

import pytest

from lcc.grammar.ir import Apply, ForEach, Let, Statement, Task
from lcc.grammar.ir.blocks import block_statements
from lcc.grammar.ir.text_form import print_ir
from lcc.grammar.ir.text_reader import parse_ir
from lcc.passes.analysis.dependence.objects import EVERYTHING, Objects

START = "let l = `display list`(1)\nlet d = `display dict`()\n"


class Touches:
    """What the statements of a body touch, found by how they begin."""

    def __init__(self, lines: str) -> None:
        plan = parse_ir("strict {\n" + START + lines + "\n}\n")
        assert parse_ir(print_ir(plan)) == plan
        assert plan.body is not None
        self.statements = list(block_statements(plan.body))
        self.objects = Objects(plan.body)

    def of(self, op: str) -> set[str]:
        """Return what the statements that apply an operation, or call a tool, touch."""
        return {token for one in self.statements if _is(one, op) for token in self.objects.touches(one)}

    @property
    def restarts(self) -> list[tuple[str, ...]]:
        return [self.objects.restarts(one) for one in self.statements if isinstance(one, ForEach)]


def _is(statement: Statement, op: str) -> bool:
    if isinstance(statement, Task):
        return statement.tool == op
    return isinstance(statement, Let) and isinstance(statement.value, Apply) and statement.value.op == op


@pytest.mark.parametrize(
    "alias",
    [
        "let k = l",
        "let k = `subscript load`(`display list`(l), 0)",
        "do `subscript store`(d, 1, l)\nlet k = `method get`(d, 1)",
        "do `method append`(`method setdefault`(d, 1, `display list`()), l)\nlet k = `subscript load`(`subscript load`(d, 1), 0)",
        "let (a, (b, *c)) = `display tuple`(1, `display tuple`(2, l))\nlet k = `subscript load`(c, 0)",
        "for %1 k in `method values`(`display dict`(1, l)) {\n}",
        "for %1 (n, k) in `builtin zip`(`display list`(1), `display list`(l)) {\n}",
        "let k = `builtin next`(`builtin iter`(`display list`(l)), None)",
        "let k = `builtin max`(`display list`(l), key=(lambda x: `builtin str`(x)))",
        "let k = `subscript load`(`builtin sorted`(`display list`(l), key=(lambda x: `builtin len`(x))), 0)",
        "let k = `subscript load`([list x for x in `display list`(l)], 0)",
        "let k = (l if 1 else 2)",
        "let k = or(0, l)",
        'inline %1 "helper" with own1 {\n  let own1 = l\n  return own1\n}\nlet k = %1',
        "gather %1 {\n  part {\n  } gives l\n}\nlet k = `subscript load`(%1, 0)",
        "for %1 n in `display list`(1) {\n} yield l\nlet k = `subscript load`(%1, 0)",
        "let k = `display list`()\nlet k = `operator +=`(l, k)",
        "let k = `subscript load`(`operator +`(`display list`(l), `display list`()), 0)",
        "let k = `subscript load`(`subscript load`(`builtin list`(`builtin enumerate`(`display list`(l))), 0), 1)",
        "let k = `module functools.reduce`((lambda a, b: b), `display list`(l, l))",
    ],
)
def test_an_alias_has_the_token_of_its_object(alias: str) -> None:
    found = Touches(f"{alias}\ndo `method append`(k, 2)\n%9 = f(x=l)")
    assert found.of("method append") & found.of("f")


@pytest.mark.parametrize(
    "view",
    [
        "`method values`(d)",
        "`builtin iter`(`method items`(d))",
        "`builtin zip`(l, `method keys`(d))",
        "`module itertools.islice`(`builtin reversed`(d), 2)",
        "[lazy x for x in l if `operator in`(x, d)]",
    ],
)
def test_what_reads_later_touches_what_is_behind_it(view: str) -> None:
    found = Touches(f"let v = {view}\ndo `subscript store`(d, 1, 2)\nlet n = `builtin list`(v)")
    assert found.of("subscript store") & found.of("builtin list")


def test_reading_an_iterator_changes_it() -> None:
    found = Touches("let v = `builtin iter`(l)\nlet n = `builtin list`(v)\nlet m = `builtin sum`(v)")
    assert found.of("builtin list") & found.of("builtin sum")


def test_an_iterator_that_only_a_loop_reads_has_no_token() -> None:
    found = Touches("for %1 (i, x) in `builtin enumerate`(l) {\n  %2 = f(x=x)\n}")
    assert not {token for one in found.statements for token in found.objects.touches(one)}


def test_what_nothing_changes_is_not_touched() -> None:
    found = Touches("%1 = f(x=1)\n%2 = g(x=`attribute id`(%1))\nlet n = `builtin len`(l)")
    assert not found.of("f") | found.of("g") | found.of("builtin len")


def test_an_answer_that_is_changed_is_touched_by_who_reads_it_in_any_part() -> None:
    found = Touches(
        "%1 = f(x=1)\ndo `method append`(`attribute rows`(%1), 1)\n%2 = g(x=`attribute id`(%1))\n%3 = h(x=2)"
    )
    assert found.of("g") == found.of("method append") != set()
    assert not found.of("h")


def test_handing_on_touches_nothing() -> None:
    """The calls of turns that add to one list don't wait for each other."""
    found = Touches(
        "for %1 i in `display list`(1, 2) {\n  %2 = f(x=i)\n  %3 = g(x=`attribute id`(%2))\n"
        '  do `method append`(l, `display dict`("m", %2, "of", l))\n}'
    )
    assert not found.of("f") | found.of("g")
    assert len(found.of("method append")) == 1


def test_what_a_turn_makes_and_reaches_by_its_own_names_restarts() -> None:
    found = Touches(
        "for %1 i in `display list`(1, 2) {\n  let row = `display dict`()\n  %2 = f(x=i)\n"
        '  do `subscript store`(row, "a", %2)\n  %3 = g(x=row)\n  do `method append`(l, row)\n}'
    )
    assert found.restarts == [tuple(found.of("subscript store"))]
    assert found.of("g") == found.of("subscript store")


@pytest.mark.parametrize(
    "lines",
    [
        "  let row = `subscript load`(l, 0)",
        "  if i {\n    let row = `display dict`()\n  }",
        "  %5 = h(x=row)",
        "  %5 = h(x=l)",
        "  for %6 row in l {\n  }",
        "  let row = `builtin next`(v, row)",
    ],
)
def test_what_another_turn_may_reach_does_not(lines: str) -> None:
    made = (
        "  let row = `display dict`()\n"
        if "let row =" not in lines and "if i" not in lines and "h(x=row" not in lines
        else ""
    )
    found = Touches(
        "let row = `display dict`()\nlet v = `builtin iter`(l)\n"
        f"for %1 i in `display list`(1, 2) {{\n{made}{lines}\n"
        '  do `subscript store`(row, "a", i)\n  do `method append`(l, row)\n  let row = `display dict`()\n}'
    )
    stored = found.of("subscript store")
    assert stored
    assert not [token for token in found.restarts[0] if token in stored]


def test_what_is_not_understood_makes_all_objects_one() -> None:
    found = Touches("do `method frobnicate`(l)\nlet n = `builtin len`(d)\n%1 = f(x=1)")
    assert found.of("builtin len") == {EVERYTHING}
    assert not found.of("f")


def test_what_takes_long_to_follow_is_one_object() -> None:
    """A chain of names against the order of the text, and statements that all touch all, end soon."""
    names = "\n".join(f"  let a{n} = a{n + 1}" for n in range(500))
    chain = Touches(
        f"let a500 = l\nfor %1 i in `display list`(1, 2) {{\n{names}\n}}\ndo `method append`(a0, 1)\n%2 = f(x=l)"
    )
    assert chain.of("method append") & chain.of("f")
    lists = "\n".join(
        f"let b{n} = `display list`()\ndo `method extend`(b{n}, l)\ndo `method append`(l, b{n})\n%{n + 1} = f(x=l)"
        for n in range(460)
    )
    wide = Touches(lists)
    assert wide.of("f") == {EVERYTHING}
