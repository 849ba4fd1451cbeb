"""Document the P codes: what the parser of plan files reports."""

from __future__ import annotations

from typing import Final

from lcc.grammar.diagnostics import Rule

REFERENCE_FORMS: Final = 'a reference is `$1`, `$1.name`, `$1[0]`, `$1["key"]` or `${1.name}`; `$city` names an input'
CONSTANT_DEFAULT: Final = "a default is a constant; write `$$` for a dollar in a text"

RULES: Final = (
    Rule(
        "P001",
        "not-a-statement",
        "a line is not a statement of the plan language",
        "A line that nothing understands is a call that never runs. A plan file holds inputs, thoughts, comments, numbered "
        "calls and a join; anything else is refused rather than dropped.",
        '1) search("tides")\n2. join()\n',
        '1. search("tides")\n2. join()\n',
    ),
    Rule(
        "P002",
        "syntax",
        "something stands where the grammar has no place for it",
        "The call can't be read. The message says what was found and what could stand there.",
        '1. search(, "tides")\n2. join()\n',
        '1. search("tides")\n2. join()\n',
    ),
    Rule(
        "P003",
        "unclosed-call",
        "a call is not closed before the next statement begins",
        "Without its closing parenthesis nobody knows where the call ends, and a guess could run the wrong call.",
        '1. search("tides"\n2. join()\n',
        '1. search("tides")\n2. join()\n',
    ),
    Rule(
        "P004",
        "unclosed-string",
        "a string is not closed on its line",
        "Strings in single or double quotes end on the line on which they begin; longer ones stand in triple quotes. A string "
        "that isn't closed would swallow the rest of the plan.",
        '1. search("tides)\n2. join()\n',
        '1. search("tides")\n2. join()\n',
    ),
    Rule(
        "P005",
        "missing-comma",
        "two values stand side by side without a comma",
        "Python would join two neighbouring strings into one; a model nearly always means two arguments. The plan language "
        "reads neither silently.",
        '1. search("tides" "moon")\n2. join()\n',
        '1. search("tides", "moon")\n2. join()\n',
    ),
    Rule(
        "P006",
        "bare-text",
        "text stands outside of quotes",
        "A word is a name only where a loop gives it one, and nothing calls a tool inside of a value. Text stands in quotes; the "
        "result of another call is referred to by its number.",
        "1. search(tides)\n2. join()\n",
        '1. search("tides")\n2. join()\n',
    ),
    Rule(
        "P007",
        "number",
        "a number is not a decimal number within the limits",
        "Leading zeros, underscores, hexadecimal, NaN and infinities mean different things to different readers, or nothing "
        "in JSON. Numbers have at most 1,000 digits.",
        "1. wait(007)\n2. join()\n",
        "1. wait(7)\n2. join()\n",
    ),
    Rule(
        "P008",
        "escape",
        "a backslash in a string begins no escape",
        "`\\d` stays as it stands, as in Python, with a warning. An escape that is begun and not completed is an error.",
        '1. search("\\x4")\n2. join()\n',
        '1. search("\\x41")\n2. join()\n',
    ),
    Rule(
        "P009",
        "lone-surrogate",
        "a string holds half of a surrogate pair",
        "Half a pair is no character: it can't be written to a file or sent to a tool. Two halves, one after the other, are "
        "read as the character that they make.",
        '1. search("\\ud83d")\n2. join()\n',
        '1. search("\\ud83d\\ude00")\n2. join()\n',
    ),
    Rule(
        "P010",
        "dollar-amount",
        "a dollar in a text is an amount of money, or refers to no task",
        "`$1,000` and `$1.50` are money, and `$5` is where task 5 doesn't exist. In a plan file a dollar that is only a "
        "dollar is written `$$`, so that adding a task never changes what a text means.",
        '1. search("phones under $1,000")\n2. join()\n',
        '1. search("phones under $$1,000")\n2. join()\n',
    ),
    Rule(
        "P011",
        "malformed-reference",
        "a reference is not well formed",
        f"{REFERENCE_FORMS[0].upper()}{REFERENCE_FORMS[1:]}.",
        '1. search("tides")\n2. search(${1 name})\n3. join()\n',
        '1. search("tides")\n2. search(${1.name})\n3. join()\n',
    ),
    Rule(
        "P012",
        "duplicate-key",
        "a dict has the same key twice",
        "Which of the two counts differs from reader to reader.",
        '1. get({"a": 1, "a": 2})\n2. join()\n',
        '1. get({"a": 1, "b": 2})\n2. join()\n',
    ),
    Rule(
        "P013",
        "nesting",
        "brackets are nested too deeply",
        "No plan needs more than 64 levels; text that has them is hostile or broken, and every reader of the plan would have "
        "to recurse as deeply.",
        "1. get(" + "[" * 70 + "]" * 70 + ")\n2. join()\n",
        "1. get([[[]]])\n2. join()\n",
    ),
    Rule(
        "P015",
        "too-many",
        "the text, the number of tasks, or the arguments of a call are over the limit",
        "The limits (16 MiB of text, 200,000 tasks, 100 arguments a call) bound what hostile text can cost. They are "
        "configurable.",
        "1. get(" + ", ".join(["1"] * 101) + ")\n2. join()\n",
        "1. get([" + ", ".join(["1"] * 101) + "])\n2. join()\n",
    ),
    Rule(
        "P016",
        "encoding",
        "the text is not UTF-8, or holds characters that text can't have",
        "Plan files are UTF-8. Binary data has no meaning in them.",
        "1. get(\x00)\n2. join()\n",
        "1. get(0)\n2. join()\n",
    ),
    Rule(
        "P017",
        "empty",
        "there is no statement in the text",
        "An empty plan computes nothing; most often the wrong file was named.",
        "# nothing yet\n",
        '1. search("tides")\n2. join()\n',
    ),
    Rule(
        "P018",
        "after-the-end",
        "something follows the join",
        "After `join` or `answer` only comments and `<END_OF_PLAN>` may follow: a call there would never be read.",
        '1. search("tides")\n2. join()\n3. search("moon")\n',
        '1. search("tides")\n2. search("moon")\n3. join()\n',
    ),
    Rule(
        "P019",
        "two-joins",
        "the plan ends twice",
        "A plan hands its results over once.",
        '1. search("tides")\n2. join($1)\n3. join()\n',
        '1. search("tides")\n2. join($1)\n',
    ),
    Rule(
        "P021",
        "string-prefix",
        "a string has a prefix",
        "The language has one kind of string. `f` is not needed, since `$1` is interpolated in every text; write backslashes "
        "twice instead of `r`.",
        '1. search("tides")\n2. search(f"height of {$1}")\n3. join()\n',
        '1. search("tides")\n2. search("height of $1")\n3. join()\n',
    ),
    Rule(
        "P022",
        "near-input",
        "a dollar is followed by a name that is almost an input's",
        "`$name` that names no input is text. One letter off is most likely a slip, and the tool would get the name instead "
        "of the value.",
        'input city: str = "Paris"\n1. search("hotels in $ciy")\n2. join()\n',
        'input city: str = "Paris"\n1. search("hotels in $city")\n2. join()\n',
    ),
    Rule(
        "P025",
        "end-arguments",
        "`join` or `answer` has arguments that it can't have",
        '`join` takes values, `answer` exactly one. Labels (`join("1"=$1)`) are ids of tasks.',
        '1. search("tides")\n2. join(x=$1)\n',
        '1. search("tides")\n2. join($1)\n',
    ),
    Rule(
        "P026",
        "id",
        "the number before a call is no id",
        "Ids are positive integers of at most nine digits without leading zeros.",
        '007. search("tides")\n8. join()\n',
        '7. search("tides")\n8. join()\n',
    ),
    Rule(
        "P027",
        "input-default",
        "the default of an input refers to something",
        "Inputs are known before anything runs, so a default is a constant.",
        "input city: str = $country\n1. search($city)\n2. join()\n",
        'input city: str = "Paris"\n1. search($city)\n2. join()\n',
    ),
    Rule(
        "P028",
        "step-form",
        "a step isn't written as its kind is",
        "A loop is `2. for x in $1:` with its body below, indented; `yield` is the last line of a body and has no number. Behind a call stand, in "
        "this order, `if failed $2`, `after $3`, `after ok $3`, `when …`.",
        '1. search("tides")\n2. search("moon") if $1\n3. join()\n',
        '1. search("tides")\n2. search("moon") when $1\n3. join()\n',
    ),
    Rule(
        "P029",
        "text-expression",
        "a `${…}` in a text can't be read as an expression",
        "`${1.name}` is a part of a result; in anything else a result is `$1`. Quotes inside are of the other kind than those around the text, and "
        "`}` stands on the same line. `$${` is text.",
        '1. count("tides")\n2. search("${1 + 1} tides")\n3. join()\n',
        '1. count("tides")\n2. search("${$1 + 1} tides")\n3. join()\n',
    ),
    Rule(
        "P023",
        "loop-name",
        "a loop gives a name that can't be one",
        "A name that is also an input, or a word of the language, would mean two things in the body.",
        'input city: str = "Paris"\n1. for city in ["Rome"]:\n    2. search(city)\n3. join()\n',
        'input city: str = "Paris"\n1. for town in ["Rome"]:\n    2. search(town)\n3. join()\n',
    ),
    Rule(
        "P090",
        "unreadable-file",
        "a file can't be read or written",
        "The operating system refused: the file doesn't exist, is a folder, or belongs to somebody else.",
        bad="$ lcc check tide.plan\n",
        good='$ cat tides.plan\n1. search("tides")\n2. join()\n$ lcc check tides.plan\n',
        front_end="terminal",
    ),
)
