"""Say what a line is that no statement begins with: an aside of the closed list, or something that is not understood."""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import Final

from lcc.grammar.lenient.marks.heads import beginning
from lcc.grammar.lenient.marks.prefaces import LABELS, is_preface
from lcc.grammar.reading.template_marks import MARK
from lcc.grammar.tolerant.tool_names import SPACE, ToolNames

_LANGUAGES: Final = (
    "te?xt|plain|plaintext|plan|lcc|python3?|py|ipython|tool_code|tool_calls?|code|json5?|jsonc|jsonl|ya?ml|javascript|js|jsx|typescript|ts|xml|html|markdown|md|"
    "bash|sh|shell|console|none|output|steps|actions?|function_calls?|rust|go|java|ruby|swift|kotlin|csharp"
)
"""What a fence may say that it holds; `diff` is none of it."""
FENCE: Final = re.compile(
    rf"{SPACE}*+(?:[*-]{SPACE}++)?(?:(?:{LABELS}){SPACE}*+[:：]{SPACE}*+)?(?:`{{3,}}|~{{3,}}){SPACE}*+(?:{_LANGUAGES})?{SPACE}*+(?:`{{3,}})?(?:<end_code>)?{SPACE}*+\Z",
    re.IGNORECASE,
)
NOTHING: Final = re.compile(
    rf"(?:{SPACE}|[-*_=#•·,;.()\[\]{{}}`\"']|{MARK}|)*+\Z",
    re.IGNORECASE,
)
"""Rules, brackets and marks without a word."""
_ELISION: Final = re.compile(r"[^\w\r\n]*(?:\.{3,9}|…)[^\w\r\n]*\Z")
"""A line that stands for others, which were left out."""
_LABELLED: Final = re.compile(
    rf"(?:{SPACE}|[>*_`#-]|)*+(?:(?P<made_up>observations?|output|results?|response|tool (?:output|result|response)|obs)(?:{SPACE}*+[#$]?\d{{1,6}})?"
    rf"|plan|question|task|request|query|user request|final answer|answer|code|thought)(?:\*\*)?{SPACE}*+[:：]",
    re.IGNORECASE,
)
"""Labels of dialects with a text behind them: what the model made up, ReWOO's thoughts, the request, the answer."""
CONTINUATION: Final = re.compile(
    r"\s*(?:(?:question|q|user|human|input|query|example|task|instruction|problem)\s*\d*\s*[:：]|<\|(?:im_start|user|start_header_id|endoftext|eot_id))",
    re.IGNORECASE,
)
_CALLS: Final = re.compile(r"(?<![A-Za-z_])([A-Za-z_][A-Za-z0-9_./-]{0,200}+)\s?(?:[(（]|(?P<spelled>[:：]\s?[\"'“]))")
SPEAKS_OF_STEP: Final = re.compile(
    rf"\$\{{?\d|#E\d|(?<!\w)(?:{LABELS})\s?#?\d|(?<!\w)(?:steps?|calls?|tasks?|actions?) (?:one|two|three|four|five)\b",
    re.IGNORECASE,
)
_MARKUP: Final = re.compile(
    rf"\A{SPACE}*+(?:[<>\[\]{{}}|~=@\\/\"'`^&%$+;(]|--)|<[A-Za-z/|!?｜]|◁|/\*|\*/|-->|~~|\{{\s*[\"'“]|[\u2610-\u2612\u2717\u2718\u274c\U0001f6ab]"
)
ENDS_IN_COLON: Final = re.compile(r"[:：][\s*_`]*\Z")
_COMMENT: Final = re.compile(rf"{SPACE}*+(?:[-*]{SPACE}++)?//")


PROSE_AND_WRITES: Final = "prose beside a call that writes, or that is not declared to read, is not understood: it may say that the call is not to be made"


class Line(Enum):
    """What a line is. PROSE is an aside only in a paragraph that stands apart; ODD is none anywhere."""

    NOTHING = auto()
    COMMENT = auto()
    FENCE = auto()
    PREFACE = auto()
    LABEL = auto()
    OBSERVATION = auto()
    PROSE = auto()
    ODD = auto()


def line_of(line: str, names: ToolNames) -> Line:
    """Return what a line is, judging by its form."""
    if FENCE.match(line):
        return Line.FENCE
    if _COMMENT.match(line):
        return Line.COMMENT
    if NOTHING.match(line):
        return Line.ODD if _ELISION.match(line) else Line.NOTHING
    if is_preface(line):
        return Line.PREFACE
    if mentions_call(line, names):
        return Line.ODD
    labelled = _LABELLED.match(line)
    if labelled and labelled["made_up"]:
        return Line.OBSERVATION
    if labelled and ">" not in labelled[0] and not ENDS_IN_COLON.search(line) and not SPEAKS_OF_STEP.search(line):
        return Line.LABEL
    return Line.ODD if _MARKUP.search(line) else Line.PROSE


def mentions_call(line: str, names: ToolNames) -> bool:
    """Whether a tool's name, or any name if no tools are known, stands before a bracket."""
    for found in _CALLS.finditer(line):
        name = found[1]
        unknown = not found["spelled"] and found[0][-2:-1] != " " and (not names.known or "_" in name)
        if names.find(name) or unknown:
            return True
    return False


def step_number(line: str) -> int | None:
    """Return the number that a line begins with, if it is numbered."""
    begun = beginning(line, 0, 60)
    return begun.number if begun.marked else None
