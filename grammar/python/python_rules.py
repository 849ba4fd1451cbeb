"""Document the P codes of programs in Python: what reading their text reports."""

from __future__ import annotations

from typing import Final

from lcc.grammar.diagnostics import Rule


def _rule(code: str, name: str, summary: str, why: str, bad: str, good: str) -> Rule:
    return Rule(code, name, summary, why, bad, good, front_end="python")


RULES: Final = (
    _rule(
        "P100",
        "program-syntax",
        "something stands where Python's grammar has no place for it",
        "The line can't be read. The message says what was found and what could stand there. The other lines are still read, "
        "so that every error of a program is reported at once.",
        "total = = 3\nanswer(total)\n",
        "total = 3\nanswer(total)\n",
    ),
    _rule(
        "P101",
        "program-indentation",
        "a line is indented in a way that Python doesn't read",
        "The indentation says which lines belong to a block. A head like `if x:` is followed by deeper lines, all of one block "
        "alike; other lines stand where the statement before them stands.",
        "if True:\nanswer(1)\n",
        "if True:\n    answer(1)\n",
    ),
    _rule(
        "P102",
        "program-tabs",
        "tabs and spaces are mixed in the indentation",
        "Whether lines belong together would depend on how wide a tab is shown, so CPython refuses it, too.",
        "if True:\n        x = 1\n\tanswer(x)\n",
        "if True:\n    x = 1\n    answer(x)\n",
    ),
    _rule(
        "P103",
        "program-bracket",
        "a bracket isn't closed, or by one of another kind",
        "Lines go on inside of brackets, so one that isn't closed would take the lines behind it for its own. A line that can't "
        "stand in brackets ends them.",
        "x = (1 + 2\ny = 3\nanswer(y)\n",
        "x = (1 + 2)\ny = 3\nanswer(y)\n",
    ),
    _rule(
        "P104",
        "program-string",
        "a string isn't closed",
        "A string in single or double quotes ends on its line; one in triple quotes takes everything up to the next three.",
        'x = "tides\nanswer(1)\n',
        'x = "tides"\nanswer(x)\n',
    ),
    _rule(
        "P105",
        "program-number",
        "a number isn't written as Python writes numbers",
        "`007` is octal in some languages and decimal in others; `12ab` is no number at all.",
        "x = 007\nanswer(x)\n",
        "x = 7\nanswer(x)\n",
    ),
    _rule(
        "P106",
        "program-character",
        "a character has no meaning in a program",
        "Curly quotes, invisible characters and `$` often come from a text that was formatted for reading.",
        "x = “tides”\nanswer(1)\n",
        'x = "tides"\nanswer(x)\n',
    ),
    _rule(
        "P107",
        "program-field",
        "a field of an f-string can't be read",
        "A field is a value in braces, perhaps with a conversion and a format; braces that belong to the text are doubled.",
        'x = f"{3!q}"\nanswer(1)\n',
        'x = f"{3!r}"\nanswer(x)\n',
    ),
    _rule(
        "P108",
        "program-escape",
        "an escape in a string isn't one, or writes no character",
        "`\\d` stays as it stands, which CPython warns of. `\\x` without its digits, a name that no character has and half of a "
        "surrogate pair are errors.",
        'x = "\\x4"\nanswer(1)\n',
        'x = "\\x41"\nanswer(x)\n',
    ),
    _rule(
        "P109",
        "program-target",
        "something is assigned to or deleted that can't be",
        "Names, attributes, items, and lists and tuples of them can be assigned to.",
        "3 = 2\nanswer(1)\n",
        "x = 2\nanswer(x)\n",
    ),
    _rule(
        "P110",
        "program-statement",
        "a statement of Python is not in the subset",
        "Programs call tools and compute with what these return: assignments, conditions, loops, handlers and helper functions. "
        "Classes, `with`, `match`, generators, decorators, `global` and star imports are left out; the help says what to write "
        "instead.",
        "class Tide:\n    pass\nanswer(1)\n",
        'tide = {"height": 3}\nanswer(tide)\n',
    ),
    _rule(
        "P111",
        "program-literal",
        "a literal of Python is not in the subset",
        "Values are those that JSON has, with sets, dates and a few more; there are no bytes and no complex numbers.",
        'x = b"tides"\nanswer(1)\n',
        'x = "tides"\nanswer(x)\n',
    ),
    _rule(
        "P112",
        "program-dunder",
        "a name with two underscores on both sides is used",
        "Such names reach behind values, to classes and modules, where a program has nothing to do. Only `__name__` can be read.",
        "x = (1).__class__\nanswer(1)\n",
        "x = 1\nanswer(x)\n",
    ),
    _rule(
        "P113",
        "program-argument-order",
        "arguments or parameters stand in an order that Python doesn't read",
        "Positional arguments come before named ones, parameters without a default before those with one.",
        "x = max(key=abs, [1])\nanswer(1)\n",
        "x = max([1], key=abs)\nanswer(x)\n",
    ),
    _rule(
        "P114",
        "program-nesting",
        "something is nested too deeply",
        "The limits keep a hostile text from exhausting whoever walks the tree: 64 brackets and blocks, 128 levels of one "
        "expression or clauses of one `if`.",
        "x = " + "[" * 65 + "]" * 65 + "\nanswer(1)\n",
        "x = [[]]\nanswer(x)\n",
    ),
    _rule(
        "P115",
        "program-clause",
        "a clause stands without its statement, or a `try` without a clause",
        "`elif` and `else` follow the block of an `if`, `except` and `finally` that of a `try`, in the same indentation.",
        "x = 1\nelse:\n    x = 2\nanswer(x)\n",
        "if True:\n    x = 1\nelse:\n    x = 2\nanswer(x)\n",
    ),
)
