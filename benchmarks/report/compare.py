"""Compare two results: the same evaluations, strategies and questions, before and after."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import mean

from benchmarks.intervals import interval, ratio
from benchmarks.rows import Results, Row

Key = tuple[str, str, str]


def compare(before: Results, after: Results) -> str:
    """Return a table of what changed; questions that only one side has are left out, and counted."""
    one, other = _cells(before), _cells(after)
    lines = [
        f"before: {_said(before)}",
        f"after: {_said(after)}",
        "",
        "| evaluation | strategy | point | questions | seconds | change | prompt | completion | match |",
        "|" + "---|" * 9,
    ]
    left_out = 0
    for key in one:
        if key not in other:
            left_out += len(one[key])
            continue
        common = [question for question in one[key] if question in other[key]]
        left_out += len(one[key].keys() ^ other[key].keys())
        if common:
            pairs = [(one[key][question], other[key][question]) for question in common]
            lines.append("| " + " | ".join([*key, str(len(common)), *_changes(pairs)]) + " |")
    left_out += sum(len(rows) for key, rows in other.items() if key not in one)
    if left_out:
        lines += ["", f"{left_out} rows have no counterpart."]
    return "\n".join(lines)


def _cells(results: Results) -> dict[Key, dict[str, Row]]:
    found: dict[Key, dict[str, Row]] = {}
    for row in results.rows:
        found.setdefault((row.evaluation, row.strategy, row.point), {})[row.question] = row
    return found


def _changes(pairs: Sequence[tuple[Row, Row]]) -> list[str]:
    seconds = [(new.seconds, old.seconds) for old, new in pairs]
    low, high = interval(seconds, ratio)
    sure = "" if low <= 1 <= high else " !"
    return [
        f"{mean(old for _, old in seconds):.3f} → {mean(new for new, _ in seconds):.3f}",
        f"{(ratio(seconds) - 1) * 100:+.1f} % ({(low - 1) * 100:+.1f} to {(high - 1) * 100:+.1f}){sure}",
        _moved([old.prompt for old, _ in pairs], [new.prompt for _, new in pairs]),
        _moved([old.completion for old, _ in pairs], [new.completion for _, new in pairs]),
        _moved([float(old.matches) for old, _ in pairs], [float(new.matches) for _, new in pairs]),
    ]


def _moved(old: Sequence[float], new: Sequence[float]) -> str:
    before, after = mean(old), mean(new)
    return f"{before:,.6g}" if before == after else f"{before:,.6g} → {after:,.6g}"


def _said(results: Results) -> str:
    about = results.about
    return ", ".join(str(about[name]) for name in ("commit", "date", "machine", "clock") if name in about)
