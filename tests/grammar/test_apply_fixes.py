"""Check how fixes are applied: whole, safe ones only, and never two to the same text."""

from __future__ import annotations

import pytest

from lcc.grammar.apply_fixes import apply_fixes
from lcc.grammar.diagnostics import Diagnostic, Edit, Fix, Severity
from lcc.grammar.source import Span


def fix(*edits: tuple[int, int, str], safe: bool = True) -> Diagnostic:
    changes = tuple(Edit(Span(start, end), text) for start, end, text in edits)
    return Diagnostic("L001", Severity.WARNING, "m", fix=Fix("f", changes, safe))


@pytest.mark.parametrize(
    ("fixes", "text", "count"),
    [
        ([], "abcdef", 0),
        ([fix((0, 1, "X"))], "Xbcdef", 1),
        ([fix((4, 5, "")), fix((0, 0, "__"))], "__abcdf", 2),
        ([fix((0, 1, "X"), safe=False)], "abcdef", 0),
        ([fix((0, 2, "X")), fix((1, 3, "Y"))], "Xcdef", 1),
        ([fix((0, 2, "X")), fix((2, 3, "Y"))], "XYdef", 2),
        ([fix((0, 1, "X"), (4, 5, "Y")), fix((4, 6, "Z"))], "XbcdYf", 1),
        ([fix((1, 1, "X")), fix((1, 1, "Y"))], "aXbcdef", 1),
        ([fix((0, 1, "X")), fix((0, 1, "X"))], "Xbcdef", 1),
        ([fix()], "abcdef", 0),
    ],
)
def test_fixes_change_the_text(fixes: list[Diagnostic], text: str, count: int) -> None:
    assert apply_fixes("abcdef", fixes) == (text, count)
