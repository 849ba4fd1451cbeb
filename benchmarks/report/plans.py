"""Write what shorter plans, streaming and the optimizer change: forms of lcc beside lcc itself, question by question."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import mean

from benchmarks.evaluations import load
from benchmarks.intervals import interval, ratio
from benchmarks.paper import STREAMING
from benchmarks.report.ratios import OURS, paired, times
from benchmarks.rows import Row, by_strategy

FORMS = {
    "lcc-recorded": "with the record's thoughts",
    OURS: "calls alone",
    "lcc-each": "with `each`",
    "lcc-answer": "with `answer`",
    "lcc-short": "with both",
    "lcc-steps": "with steps",
    "lcc-steps-answer": "with steps and `answer`",
    "lcc-python": "as a program",
    "lcc-python-answer": "as a program with `answer`",
    "lcc-python-no-examples": "the same without examples",
}


def plans(rows: Sequence[Row]) -> str:
    """Return the table of forms of plans: tokens, calls, time, and the change against calls alone."""
    lines = [
        "| evaluation | plan | of the plan | prompt tokens | completion tokens | joiner calls | tool calls | seconds | change | money, change |",
        "|" + "---|" * 10,
    ]
    for name in dict.fromkeys(row.evaluation for row in rows):
        strategies = by_strategy(row for row in rows if row.evaluation == name and row.answer is not None)
        for form, says in FORMS.items():
            if form in strategies and OURS in strategies:
                lines.append(
                    "| " + " | ".join([load(name).title, says, *_form(strategies[form], strategies[OURS])]) + " |"
                )
    return "\n".join(lines)


def _form(mine: Sequence[Row], ours: Sequence[Row]) -> list[str]:
    pairs = paired(mine, ours, "seconds")
    low, high = interval(pairs, ratio)
    same = mine is ours
    return [
        f"{mean(row.plan_tokens for row in mine):.1f}",
        f"{mean(row.prompt for row in mine):,.1f}",
        f"{mean(row.completion for row in mine):,.1f}",
        f"{mean(row.joiner_calls for row in mine):.2f}",
        f"{mean(row.tool_calls for row in mine):.1f}",
        f"{mean(row.seconds for row in mine):.2f}",
        "" if same else f"{_percent(ratio(pairs))} ({_percent(low)} to {_percent(high)})",
        "" if same else _percent(ratio(paired(mine, ours, "usd"))),
    ]


def _percent(value: float) -> str:
    return f"{(value - 1) * 100:+.1f} %"


def streaming(rows: Sequence[Row]) -> str:
    """Return how much faster it is to run a plan while it is written."""
    lines = ["| evaluation | plan first, s | streaming, s | gain | paper |", "|" + "---|" * 5]
    for name in dict.fromkeys(row.evaluation for row in rows):
        strategies = by_strategy(row for row in rows if row.evaluation == name)
        pairs = paired(strategies.get("lcc-plan-first", []), strategies.get(OURS, []), "seconds")
        if pairs:
            low, high = interval(pairs, ratio)
            first, streamed = mean(one for one, _ in pairs), mean(one for _, one in pairs)
            said = times(STREAMING[name]) if name in STREAMING else ""
            cells = [
                load(name).title,
                f"{first:.2f}",
                f"{streamed:.2f}",
                f"{times(first / streamed)} ({low:.2f}–{high:.2f})",
                said,
            ]
            lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)
