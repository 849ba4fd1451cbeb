"""State what is not repaired: two readings, a text that was cut, no plan at all."""

from __future__ import annotations

from typing import Final

from lcc.grammar.diagnostics import Rule

AMBIGUOUS: Final = Rule(
    "R042",
    "ambiguous",
    "a text can be read in two ways",
    "Both readings are as likely, and a guess could run the wrong call. The message names them. A text with so many readings that "
    "trying them takes too long is refused, too.",
    '1. f(subject="Bonjour, body=1)\n2. join()\n',
    '1. f(subject="Bonjour", body=1)\n2. join()\n',
    front_end="model",
)
CUT: Final = Rule(
    "R043",
    "cut",
    "the text ends inside of a statement",
    "What is missing could be anything, so a call that was cut is never completed. The calls before it stand.",
    '1. search("tides")\n2. search("mo',
    '1. search("tides")\n2. search("moon")\n3. join()\n',
    front_end="model",
)
NO_PLAN: Final = Rule(
    "R044",
    "no-plan",
    "there is no call in the text",
    "The model described what it would do, or asked back, and called nothing.",
    "1. Look up the tides.\n2. Answer.\n",
    '1. search("tides")\n2. join()\n',
    front_end="model",
)
UNREAD: Final = Rule(
    "R045",
    "not-understood",
    "something beside the calls is neither a call nor an aside",
    "Prose, a condition, a mark or a tag beside a call may forbid it, put it under a condition or only mention it. A plan with something in it "
    "that isn't understood is refused as a whole. Asides are thoughts and comments in known marks, labels and prefaces of a closed list, and "
    "paragraphs that stand apart.",
    '1. search("tides")\n2. if $1 is high then search("floods")\n3. join()\n',
    '1. search("tides")\n2. search("floods")\n3. join()\n',
    front_end="model",
)
RULES: Final = (AMBIGUOUS, CUT, NO_PLAN, UNREAD)
