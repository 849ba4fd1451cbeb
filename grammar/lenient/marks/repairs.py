"""State what models write otherwise than the language has it, and what that means: one table of repairs, one of refusals.

A repair is made only where one reading is sensible. Each is reported with its code, its place and the change. `lcc explain` shows the rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from lcc.grammar.diagnostics import Diagnostic, Edit, Fix, Rule, Severity
from lcc.grammar.source import Span

_TOOLS: Final = (
    "def search(query: str) -> str: ...\n"
    "def math(expression: str) -> float: ...\n"
    "def translate(text: str, target_lang: str) -> str: ...\n"
    "def summarize(text: str | list, max_words: int = 50) -> str: ...\n"
)
"""The tools that the examples call."""


@dataclass(frozen=True, slots=True)
class Repair(Rule):
    """One idea of how a model's text differs from the language, and what it means.

    `message`: the fact, for a diagnostic. `fix`: what the change does. `counts`: whether a task that it touched was read
    otherwise than it is written; numbering, fences and prose don't count. `safe`: the change may be made without being asked
    for, since every reader would read the text so and the rest of it means the same afterwards.
    """

    message: str = ""
    fix: str = ""
    counts: bool = True
    safe: bool = False

    def told(self, span: Span, text: str | None = None, message: str = "") -> Diagnostic:
        """Return the warning about a place; `text`: what is to be written there instead. `message`: the fact, if it isn't the usual one."""
        fix = None if text is None else Fix(self.fix, (Edit(span, text),), self.safe)
        return Diagnostic(self.code, Severity.WARNING, message or self.message, span, None, fix=fix)


def error(code: str, message: str, span: Span, help: str | None = None) -> Diagnostic:
    """Return an error."""
    return Diagnostic(code, Severity.ERROR, message, span, help)


def _row(
    code: str, name: str, summary: str, fix: str, why: str, bad: str, good: str,
    *, tools: str = "", counts: bool = True, safe: bool = False, message: str = "",
) -> Repair:  # fmt: skip
    return Repair(code, name, summary, why, bad, good, tools, "model", message or summary, fix, counts, safe)


# fmt: off
NUMBERING: Final = _row("R001", "numbering", "a call is numbered in another style", "write the number as in `1. `",
    "Models write `1)`, `Step 1:`, `**1.**`, `- 1.`, full-width or other scripts' digits. The number is read as the id that it says.",
    '1) search("tides")\n2) join()\n', '1. search("tides")\n2. join()\n', counts=False, safe=True)

MISSING_NUMBER: Final = _row("R002", "missing-number", "a call has no number", "number it by its place",
    "A call without a number gets the number of its place in the plan, which is what models mean when they refer to it.",
    'search("tides")\nsearch("moon")\njoin()\n', '1. search("tides")\n2. search("moon")\n3. join()\n', counts=False, safe=True)

RENUMBERED: Final = _row("R003", "renumbered", "a number is used twice, or is no id", "renumber it by its place",
    "A second call of the same number gets the number of its place. A reference means the latest call of that number before it.",
    '1. search("tides")\n1. search("moon")\n2. join()\n', '1. search("tides")\n2. search("moon")\n3. join()\n')

TOOL_NAME: Final = _row("R004", "tool-name", "a tool's name is off by case, hyphens or underscores", "correct the name",
    "Exactly one tool in scope has the name if case, `-` and `_` are ignored. Any other difference is left for `verify` to report.",
    '1. Search("tides")\n2. join()\n', '1. search("tides")\n2. join()\n', tools=_TOOLS, message="the tool is called {0}")

ASSIGNMENT: Final = _row("R006", "assignment", "the result of a call is assigned to a name", "number the call instead",
    "A name before `=` is a name for the result; where it is used later it is a reference to the call.",
    'a = search("tides")\njoin(a)\n', '1. search("tides")\n2. join($1)\n', tools=_TOOLS, counts=False)

JSON_CALL: Final = _row("R007", "json-call", "calls are written as data, in a native format, or as a program", "write it as a call",
    'Models trained on function calling write `{"name": …, "arguments": {…}}` or calls between tags. The arguments become keywords; a format without a join has an implied one.',
    '1. {"name": "search", "arguments": {"query": "tides"}}\n2. join()\n', '1. search(query="tides")\n2. join()\n')

CALL_BRACKET: Final = _row("R008", "call-bracket", "a call has square or other brackets", "write parentheses",
    "ReWOO writes `search[…]`; others use full-width parentheses. The brackets enclose the arguments all the same.",
    '1. search["tides"]\n2. join()\n', '1. search("tides")\n2. join()\n', tools=_TOOLS)

UNCLOSED_CALL: Final = _row("R010", "open-call", "a call is not closed before the next statement", "close it",
    "The arguments are complete and only brackets are missing. Where the text ends inside of a call, nothing is repaired: what is missing could be anything.",
    '1. search("tides"\n2. join()\n', '1. search("tides")\n2. join()\n')

EXTRA_BRACKET: Final = _row("R011", "extra-bracket", "there is a closing bracket too many", "remove it",
    "The call is complete without it.",
    '1. search("tides"))\n2. join()\n', '1. search("tides")\n2. join()\n')

MISSING_QUOTE: Final = _row("R012", "missing-quote", "a string lacks one of its quotes", "insert it",
    "The quote belongs before the next one, where an argument can end, or before a name that the tool needs; there has to be one such place.",
    '1. search(tides")\n2. join()\n', '1. search("tides")\n2. join()\n', tools=_TOOLS)

INNER_QUOTE: Final = _row("R013", "inner-quote", "a string holds its own quote without an escape", "escape it",
    "Quotes end a string only where an argument can end. Quotes before that, in pairs, and apostrophes are text.",
    '1. search("who said "cogito ergo sum" first")\n2. join()\n', '1. search("who said \\"cogito ergo sum\\" first")\n2. join()\n')

RAW_NEWLINE: Final = _row("R014", "raw-newline", "a string in single or double quotes goes over several lines", "write the line break as `\\n`",
    "The line break is part of the text.",
    '1. search("tides\nand moon")\n2. join()\n', '1. search("tides\\nand moon")\n2. join()\n')

BARE_TEXT: Final = _row("R015", "unquoted-text", "an argument stands outside of quotes", "quote it",
    "The text is taken as it stands, without the space around it. A tool with one parameter takes its commas too.",
    "1. search(In Cold Blood)\n2. join()\n", '1. search("In Cold Blood")\n2. join()\n', tools=_TOOLS)

SMART_QUOTES: Final = _row("R016", "smart-quotes", "a string stands in other quotes than the language's", "write straight quotes",
    "Word processors and chat interfaces turn quotes into typographic ones, and Markdown writes a backslash before them. Inside of a string they are text.",
    "1. search(“tides”)\n2. join()\n", '1. search("tides")\n2. join()\n')

PUNCTUATION: Final = _row("R017", "punctuation", "punctuation between arguments is not the language's", "write `,` and `=`",
    "Full-width marks of Chinese, Japanese and Korean input methods, JSON's `city: \"Paris\"`, and a comma that separates nothing. Inside of strings they are text.",
    '1. translate("tides"，, target_lang: "fr")\n2. join()\n', '1. translate("tides", target_lang="fr")\n2. join()\n', tools=_TOOLS)

ODD_CHARACTER: Final = _row("R018", "invisible", "invisible characters stand between tokens", "remove it",
    "Zero-width spaces, joiners and byte-order marks say nothing outside of strings. Inside of them they are text: emoji need them.",
    '1.\u200b search(\u200b"tides")\n2. join()\n', '1. search("tides")\n2. join()\n', counts=False, safe=True)

MARKDOWN_ESCAPE: Final = _row("R019", "markdown-escape", "Markdown's backslashes stand outside of strings", "remove it",
    '`get\\_weather`, `search\\(` and `\\$1` are how Markdown writes `get_weather`, `search(` and `$1`.',
    '1. search\\("tides"\\)\n2. join(\\$1)\n', '1. search("tides")\n2. join($1)\n', tools=_TOOLS)

STRING_PREFIX: Final = _row("R020", "prefixed-string", "a string has a prefix", "write the string without it",
    "In an f-string, `{$1}` is the reference; a raw string keeps its backslashes; `b` and `u` say nothing here.",
    '1. search("tides")\n2. search(f"more about {$1}")\n3. join()\n', '1. search("tides")\n2. search("more about $1")\n3. join()\n', counts=False)

CONCATENATION: Final = _row("R021", "concatenation", "texts and results are put together by `+`", "write one string",
    "Where one side is a text, the sum is a text with the results in it, which is exactly what a string with references says.",
    '1. search("tides")\n2. search("more about " + $1)\n3. join()\n', '1. search("tides")\n2. search("more about $1")\n3. join()\n')

ARITHMETIC: Final = _row("R022", "arithmetic", "a number is written as arithmetic", "write its value",
    "Constant arithmetic for a parameter that takes a number has one value. Arithmetic over results has none before they are known.",
    '1. search("tides")\n2. summarize($1, max_words=2 * 30)\n3. join()\n', '1. search("tides")\n2. summarize($1, max_words=60)\n3. join()\n', tools=_TOOLS)

NESTED_CALL: Final = _row("R023", "nested-call", "a call stands inside of a call", "make it a task of its own",
    "The inner call becomes a task of its own and the outer one refers to it. That is exact: it was going to run first.",
    '1. math(search("tides"))\n2. join()\n', '1. search("tides")\n2. math($1)\n3. join()\n', tools=_TOOLS)

MISSING_COMMA: Final = _row("R024", "no-comma", "two arguments stand side by side without a comma", "insert it",
    "A keyword always begins an argument. Two strings are two arguments if the tool takes that many.",
    '1. translate("tides" "fr")\n2. join()\n', '1. translate("tides", "fr")\n2. join()\n', tools=_TOOLS)

KEYWORD_ORDER: Final = _row("R027", "keyword-order", "a positional argument follows a keyword", "put it first",
    "The positional arguments fill the first parameters in order, and no keyword names one of those. A parameter that the tool takes by position only, before the `/` of its declaration, has no name in a call.",
    '1. summarize(max_words=20, "tides")\n2. join()\n', '1. summarize("tides", max_words=20)\n2. join()\n', tools=_TOOLS)

JOIN_ARGUMENTS: Final = _row("R028", "join-arguments", "`join` has arguments that it can't have", "name the results alone",
    "Prose, keywords and calls inside of `join` say nothing to it. What counts is which results it reads.",
    '1. search("tides")\n2. join([$1], final=True)\n', '1. search("tides")\n2. join($1)\n', counts=False)

BARE_JOIN: Final = _row("R029", "bare-join", "`join` has no parentheses", "write `join()`",
    "The word alone on its line ends the plan.",
    '1. search("tides")\n2. join\n', '1. search("tides")\n2. join()\n', counts=False, safe=True)

REFERENCE_STYLE: Final = _row("R030", "reference-style", "a reference is written in another notation", "write it as `$1`",
    "`#E1`, `{{1}}`, `<1>`, `result_1` and names of assigned results refer to a task where one precedes that has the number or the name.",
    '1. search("tides")\n2. summarize({{1}})\n3. join()\n', '1. search("tides")\n2. summarize($1)\n3. join()\n', tools=_TOOLS, counts=False)

RESULT_PATH: Final = _row("R031", "result-path", "a path names the output of a tool that returns no object", "drop the path",
    "`$1.output` is how other languages name the result itself. A text or a number has no field, so nothing else can be meant.",
    '1. search("tides")\n2. summarize($1.output)\n3. join()\n', '1. search("tides")\n2. summarize($1)\n3. join()\n', tools=_TOOLS)

OBJECT_ARGUMENT: Final = _row("R032", "object-argument", "the arguments of a call are given as one object", "write them as keywords",
    "Every key is a parameter of the tool, and its first parameter takes no object.",
    '1. translate({"text": "tides", "target_lang": "fr"})\n2. join()\n', '1. translate(text="tides", target_lang="fr")\n2. join()\n', tools=_TOOLS)

FORWARD_REFERENCE: Final = _row("R033", "forward-reference", "a call refers to a later one", "put it after that one",
    "The calls have an order in which each stands after what it reads, so they are put in that order.",
    '1. math("$2 + 1")\n2. search("tides")\n3. join($1)\n', '2. search("tides")\n1. math("$2 + 1")\n3. join($1)\n')

STUTTER: Final = _row("R034", "stutter", "a call is written twice with the same number", "drop the repetition",
    "The same number and the same call: a repetition, not a second call.",
    '1. search("tides")\n1. search("tides")\n2. join()\n', '1. search("tides")\n2. join()\n', counts=False, safe=True)

TRAILING_TEXT: Final = _row("R035", "trailing-text", "text follows a call on its line", "drop it",
    "Comments in other languages' styles and remarks say nothing to a plan.",
    '1. search("tides") // the basics\n2. join();\n', '1. search("tides")\n2. join()\n', counts=False, safe=True)

EARLY_JOIN: Final = _row("R036", "early-join", "the plan joins before its end", "drop this one",
    "Calls and another join follow, so the later one is meant.",
    '1. search("tides")\n2. join()\n3. search("moon")\n4. join()\n', '1. search("tides")\n3. search("moon")\n4. join()\n', counts=False)

PROSE: Final = _row("R037", "prose", "prose stands beside the plan", "drop it",
    "A known preface, a label of a dialect, or a paragraph that stands apart before or behind the calls is dropped. Anything else beside calls is an error, `R045`, and so is a paragraph beside a call that isn't declared to read, where tools are given.",
    'Here is the plan.\n1. search("tides")\n2. join()\n', '1. search("tides")\n2. join()\n', counts=False, safe=True)

FENCE: Final = _row("R038", "fence", "the plan stands in a Markdown fence", "drop the fence",
    "The fence and its language say nothing. A fence inside of a string is text.",
    '```\n1. search("tides")\n2. join()\n```\n', '1. search("tides")\n2. join()\n', counts=False, safe=True)

THINK_BLOCK: Final = _row("R039", "think-block", "the model thinks aloud in tags", "drop it",
    "Plans that are drafted in `<think>` are not the plan. Without an opening tag, everything before the closing one is thought.",
    '<think>\n1. search("a draft")\n</think>\n1. search("tides")\n2. join()\n', '1. search("tides")\n2. join()\n', counts=False, safe=True)

OBSERVATION: Final = _row("R040", "observation", "the model made up the result of a call", "drop it",
    "Only a tool's result is a result. What the model made up is dropped; where it used it in a later call, that text stays.",
    '1. search("tides")\nObservation: 12 m\n2. join()\n', '1. search("tides")\n2. join()\n', counts=False, safe=True)

SEVERAL_PLANS: Final = _row("R041", "several-plans", "there are several plans", "drop the other plan",
    "A plan that continues the prompt's examples is not for this question: the first counts. A correction replaces what it corrects.",
    '1. search("tides")\n2. join()\n<END_OF_PLAN>\n###\nQuestion: What is the moon?\n1. search("moon")\n2. join()\n<END_OF_PLAN>\n', '1. search("tides")\n2. join()\n<END_OF_PLAN>\n', counts=False)

MISSING_PARENTHESES: Final = _row("R046", "missing-parentheses", "the arguments of a call stand without parentheses", "write parentheses",
    "The line is numbered and begins with the name of a tool; what follows a colon, or stands in quotes, is what it is given.",
    '1. search: "tides"\n2. join()\n', '1. search("tides")\n2. join()\n', tools=_TOOLS)
AMBIGUOUS: Final = Rule("R042", "ambiguous", "a text can be read in two ways",
    "Both readings are as likely, and a guess could run the wrong call. The message says what is unclear. A text that takes too much work to read is refused, too.",
    '1. f(subject="Bonjour, body=1)\n2. join()\n', '1. f(subject="Bonjour", body=1)\n2. join()\n', front_end="model")

CUT: Final = Rule("R043", "cut", "the text ends inside of a statement",
    "What is missing could be anything, so a call that was cut is never completed. The calls before it stand.",
    '1. search("tides")\n2. search("mo', '1. search("tides")\n2. search("moon")\n3. join()\n', front_end="model")

NO_PLAN: Final = Rule("R044", "no-plan", "there is no call in the text",
    "The model described what it would do, or asked back, and called nothing.",
    "1. Look up the tides.\n2. Answer.\n", '1. search("tides")\n2. join()\n', front_end="model")

UNREAD: Final = Rule("R045", "not-understood", "something beside the calls is neither a call nor an aside",
    "Prose, a condition, a mark or a tag beside a call may forbid it, put it under a condition or only mention it. A plan with something in it that isn't understood is refused as a whole. Asides are thoughts and comments in known marks, labels and prefaces of a closed list, and paragraphs that stand apart.",
    '1. search("tides")\n2. if $1 is high then search("floods")\n3. join()\n', '1. search("tides")\n2. search("floods")\n3. join()\n', front_end="model")
# fmt: on

RULES: Final = tuple(
    sorted((row for row in tuple(globals().values()) if isinstance(row, Rule)), key=lambda row: row.code)
)
REPAIRS: Final = tuple(row for row in RULES if isinstance(row, Repair))
BY_CODE: Final = {repair.code: repair for repair in REPAIRS}
