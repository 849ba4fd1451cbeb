"""On which calls a call depends, by its arguments or by whether it is made."""

from __future__ import annotations

import pytest

from lcc.grammar.ir.text_reader import parse_ir
from lcc.passes.analysis.dependence.objects import Objects
from lcc.passes.analysis.dependence.slices import slices


def depends(lines: str, call: int) -> set[int]:
    """Return the calls that one depends on."""
    body = parse_ir("strict {\n" + lines + "\n}\n").body
    assert body is not None
    found = slices(body, Objects(body).touches)
    assert found is not None
    return set(found[call])


@pytest.mark.parametrize(
    ("lines", "call", "wanted"),
    [
        ("%1 = f(x=1)\n%2 = f(x=1)", 2, set()),
        ("%1 = f(x=1)\n%2 = f(x=%1)", 2, {1}),
        ("%1 = f(x=1)\nlet a = %1\nlet b = a\n%2 = f(x=b)", 2, {1}),
        ("%1 = f(x=1)\nif %1 {\n  %2 = f(x=1)\n}\n%3 = f(x=1)", 2, {1}),
        ("%1 = f(x=1)\nif %1 {\n  %2 = f(x=1)\n}\n%3 = f(x=1)", 3, set()),
        ("%1 = f(x=1)\nif %1 {\n  answer 1\n}\n%3 = f(x=1)", 3, {1}),
        ("%1 = f(x=1)\nif %1 {\n  raise `ValueError`\n}\n%3 = f(x=1)", 3, {1}),
        ("let l = `display list`()\n%1 = f(x=1)\ndo `method append`(l, %1)\nlet k = l\n%2 = f(x=k)", 2, {1}),
        ("let l = `display list`()\nlet k = l\n%1 = f(x=1)\ndo `method append`(l, %1)\n%2 = f(x=k)", 2, {1}),
        ("try {\n  %1 = f(x=1)\n} except {\n  %2 = f(x=1)\n}", 2, {1}),
        ("try {\n  %1 = f(x=1)\n} except {\n  let a = 1\n}\n%2 = f(x=1)", 2, set()),
        ("try {\n  %1 = f(x=1)\n} except `Exception` as e {\n  let a = `builtin str`(e)\n}\n%2 = f(x=a)", 2, {1}),
        ("for %1 i in `display list`(1, 2) {\n  %2 = f(x=1)\n}", 2, set()),
        ("for %1 i in `display list`(1, 2) {\n  %2 = f(x=1)\n  if %2 {\n    break\n  }\n}", 2, {2}),
        (
            "for %1 i in `display list`(1, 2) {\n  try {\n    %2 = f(x=1)\n    break\n  } except {\n    let a = 1\n  }\n}",
            2,
            {2},
        ),
        ("let a = 0\nwhile %1 `operator <`(a, 3) {\n  %2 = f(x=1)\n  let a = %2\n}", 2, {2}),
        (
            "let a = 0\nfor %1 i in `display list`(1, 2) {\n  if `operator <`(a, 3) {\n    %2 = f(x=1)\n    let a = %2\n  }\n}",
            2,
            {2},
        ),
        (
            'inline %1 "g" with own1 {\n  %2 = f(x=1)\n  if %2 {\n    return 1\n  }\n  %3 = f(x=1)\n}\n%4 = f(x=1)',
            3,
            {2},
        ),
        (
            'inline %1 "g" with own1 {\n  %2 = f(x=1)\n  if %2 {\n    return 1\n  }\n  %3 = f(x=1)\n}\n%4 = f(x=1)',
            4,
            set(),
        ),
        ('inline %1 "g" with own1 {\n  %2 = f(x=1)\n  return %2\n}\n%4 = f(x=%1)', 4, {2}),
        ("gather %1 {\n  part for a in `display list`(1) {\n    %2 = f(x=a)\n  } gives %2\n}\n%3 = f(x=%1)", 3, {2}),
        ("let a = 0\nwhile %1 `operator <`(a, 3) {\n  %2 = f(x=1)\n  let a = %2\n}\n%3 = f(x=1)", 3, set()),
    ],
)
def test_a_call_depends_on_what_decides_it(lines: str, call: int, wanted: set[int]) -> None:
    assert depends(lines, call) == wanted
