"""Say what a line of a model's output is that no statement begins with: a fence, a made-up result, a mark between plans, prose."""

from __future__ import annotations

import re
from enum import Flag, auto
from typing import Final

from lcc.grammar.lenient.heads import SPACE

FENCE: Final = re.compile(
    rf"{SPACE}*+(?:[>*-]{SPACE}++)?(?:`{{3,}}|~{{3,}}){SPACE}*+[A-Za-z0-9_+.-]*+{SPACE}*+(?:`{{3,}})?{SPACE}*+\Z"
)
NOTHING: Final = re.compile(
    rf"(?:{SPACE}|[-*_=#~•·>|`,;.()\[\]{{}}]|</?(?:plan|output|tool_calls?|function_calls?|tools?|code|answer|response|result|actions?)>|<\|[A-Za-z_0-9]{{1,30}}\|>|\[/?(?:TOOL_CALLS|INST)\]|</?s>|)*+\Z",
    re.IGNORECASE,
)
OBSERVATION: Final = re.compile(
    rf"(?:{SPACE}|[>*_`#-]|)*+(?:observations?|output|results?|response|tool (?:output|result|response)|returns?|obs|answer \d+)"
    rf"(?:{SPACE}*+[#$]?\d{{1,6}})?(?:\*\*)?{SPACE}*+(?:[:：=]|->|=>)",
    re.IGNORECASE,
)
REACT_INPUT: Final = re.compile(
    rf"(?:{SPACE}|[>*_`-]|)*+(?:(?:action|tool|function){SPACE}*+)?(?:input|args|arguments|parameters)(?:{SPACE}*+\d{{1,4}})?(?:\*\*)?{SPACE}*+[:：](?:\*\*)?{SPACE}*+",
    re.IGNORECASE,
)
PLAIN_CALL: Final = re.compile(
    rf"(?:{SPACE}|[-*•>]|\*\*|)*+(?:[^\W\d_]{{1,12}}{SPACE}?)?(?P<number>\d{{1,9}}){SPACE}*+[.):：、](?:{SPACE}|\*\*|`|)*+"
    rf"(?P<name>[A-Za-z_][A-Za-z0-9_./-]*+)(?:\*\*|`)?(?=\W)"
    rf"(?P<mark>{SPACE}*+[:：]{SPACE}*+|{SPACE}++[-–—]{SPACE}++|{SPACE}++(?=[\"'“$\[{{]|[A-Za-z_]\w*+{SPACE}*+=)|)(?P<given>[^\r\n]*)"
)
"""A numbered line that begins with a name and may give it arguments without parentheses: `1. search: tides`."""
_RESULT_OF: Final = re.compile(rf"(?:{SPACE}|[>*_`]|)*+(?:=>|->|→|>>>|\$\d+{SPACE}*=){SPACE}*+\S")
_CORRECTION: Final = re.compile(
    r"\b(?:wait|oops|sorry|apologi[sz]e|actually|correction|corrected|correcting|mistake|wrong|incorrect|revised?|revising|redo|instead|"
    r"on second thought|let me (?:fix|correct|redo|revise|rewrite|try|start|reconsider|re-?plan)|scratch that|never ?mind|updated plan|better plan|improved plan|"
    r"final plan|fixed|should (?:have been|be)|i meant|start over|hmm|no,)\b",
    re.IGNORECASE,
)
_CONTINUATION: Final = re.compile(
    r"\s*(?:#{2,}\s*(?:\Z|question|example|user|task|input|query)|(?:question|q|user|human|input|query|example|task|instruction|problem)\s*\d*\s*[:：]|<\|(?:im_start|user|start_header_id|endoftext|eot_id)|-{3,}\s*\Z|={3,}\s*\Z)",
    re.IGNORECASE,
)
_ALTERNATIVE: Final = re.compile(
    r"\b(?:option|alternative|choice|possibility)\s*(?:[a-d1-4]|one|two|three)\b|\balternatively\b|\balternative(?:s| plan)?\b|\bor else\b|"
    r"\bwhich (?:one|of|plan|option)\b|\bwould you (?:prefer|like)\b|\bprefer\b|\banother (?:option|approach|way)\b|\A\W*or\W*\Z",
    re.IGNORECASE,
)
_VERSION: Final = re.compile(
    r"\b(?:variant|version|approach|plan|strategy)\s*(?:[a-d1-4]|one|two|three)\b", re.IGNORECASE
)
_SECOND_BATCH: Final = re.compile(
    r"\b(?:second|third|fourth|next|last|final|further|more)\s+(?:batch|block|part|round|group|set|phase|step)",
    re.IGNORECASE,
)
_NUMBERED: Final = re.compile(
    rf"(?:{SPACE}|[-*•>#_`]|)*+(?:(?:step|task|action)\s*)?(?P<number>\d{{1,9}})\s*[.):]", re.IGNORECASE
)
_CALLS: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*\(")
_REFERS: Final = re.compile(r"\$\{?\d")
_CONDITION: Final = re.compile(
    rf"(?:{SPACE}|[-*•>#_`]|\d{{1,3}}[.)]|)*+(?:if|else|elif|otherwise|for (?:each|every|all)|while|repeat|until|unless|when(?:ever)?)\b[^\r\n]*[:：]\s*\Z",
    re.IGNORECASE,
)
_DANGLING: Final = re.compile(
    rf"(?:{SPACE}|[-*•]|)*+(?:step\s*)?(?:\d{{1,9}}(?:\s*[.):](?:\s*[A-Za-z_][A-Za-z0-9_/-]*)?)?|join|joi|Action:?\s*\w*|Action Input:?.*|Thought)\s*\Z",
    re.IGNORECASE,
)


class Mark(Flag):
    """What prose says about the plans around it."""

    NONE = 0
    CORRECTION = auto()
    CONTINUATION = auto()
    ALTERNATIVE = auto()
    VERSION = auto()
    BATCH = auto()


def marks_of(line: str) -> Mark:
    """Return what a line of prose says about the plan that follows."""
    mark = Mark.NONE
    line = line[:400]
    if _CONTINUATION.match(line):
        mark |= Mark.CONTINUATION
    if _CORRECTION.search(line):
        mark |= Mark.CORRECTION
    if _ALTERNATIVE.search(line):
        mark |= Mark.ALTERNATIVE
    if _VERSION.search(line):
        mark |= Mark.VERSION
    if _SECOND_BATCH.search(line):
        mark |= Mark.BATCH
    return mark


def is_observation(line: str) -> bool:
    """Whether a line gives what a tool is said to have returned."""
    return OBSERVATION.match(line) is not None or _RESULT_OF.match(line) is not None


def step_number(line: str) -> int | None:
    """Return the number that a line begins with, if it is numbered."""
    found = _NUMBERED.match(line[:60])
    return int(found["number"]) if found else None


def is_unreadable_step(line: str) -> bool:
    """Whether a numbered line seems to want something done that can't be read: it names a call or a result."""
    line = line[:2000]
    return _CALLS.search(line) is not None or _REFERS.search(line) is not None


def is_condition(line: str) -> bool:
    """Whether a line makes what follows depend on something."""
    return _CONDITION.match(line[:400]) is not None


def is_cut(line: str) -> bool:
    """Whether a last line looks like a statement that the text ended in."""
    return _DANGLING.match(line[:200]) is not None and len(line) < 200
