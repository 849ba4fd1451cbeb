"""Say what a run would take, in lines and as JSON: exactly for plans of calls alone, from least to most for plans with a body."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from lcc.cli.views.source_tasks import SourceTasks
from lcc.grammar.diagnostics.terminal import escape
from lcc.grammar.diagnostics.wording import plural, seconds
from lcc.grammar.values import Json
from lcc.passes.analysis.estimate import Estimate
from lcc.passes.analysis.estimate_body import Amounts, BodyEstimate, Span
from lcc.passes.declaring import Declaring, Freed, Taken


def estimate_lines(found: Estimate, named: SourceTasks) -> Iterator[str]:
    """Yield what is said of an estimate of calls alone."""
    spread = (
        "" if found.spread is None else f" ({seconds(found.spread[0])} to {seconds(found.spread[1])} in 8 runs of 10)"
    )
    yield f"makespan  {seconds(found.makespan)}{spread}; one after another {seconds(found.work)}"
    money = f", {found.usd:.6f} USD" if found.usd else ""
    tokens = f", {found.tokens} tokens" if found.tokens else ""
    yield f"calls     {found.calls}{tokens}{money}"
    for tool in found.tools:
        yield f"  {escape(tool.tool)}: {plural(tool.calls, 'call')}, {seconds(tool.seconds)}"
    yield f"critical path, {seconds(found.critical_seconds)}:"
    for id_ in found.critical_path:
        yield f"  {id_}. {named.call(id_)}"
    for assumption in found.assumptions:
        yield f"assumed: {escape(assumption)}"


def estimate_json(found: Estimate) -> dict[str, Json]:
    """Return such an estimate as JSON."""
    return {
        "makespan": found.makespan,
        "spread": None if found.spread is None else list(found.spread),
        "work": found.work,
        "calls": found.calls,
        "tokens": found.tokens,
        "usd": found.usd,
        "critical_path": [str(id_) for id_ in found.critical_path],
        "critical_seconds": found.critical_seconds,
        "tools": {
            t.tool: {"calls": t.calls, "seconds": t.seconds, "tokens": t.tokens, "usd": t.usd} for t in found.tools
        },
        "assumptions": list(found.assumptions),
    }


def body_lines(found: BodyEstimate, named: SourceTasks) -> Iterator[str]:
    """Yield what is said of an estimate from least to most."""
    whole = found.tally.whole
    yield f"makespan  {_range(found.makespan, seconds)}; one after another {_range(whole.seconds, seconds)}"
    tokens = f", {_range(whole.tokens, _number)} tokens" if whole.tokens.most else ""
    money = f", {_range(whole.usd, lambda usd: f'{usd:.6f}')} USD" if whole.usd.most else ""
    yield f"calls     {_range(whole.calls, _number)}{tokens}{money}"
    for tool, amounts in sorted(found.tally.tools.items()):
        calls = f"{_range(amounts.calls, _number)} call{'' if amounts.calls.most == 1 else 's'}"
        yield f"  {escape(tool)}: {calls}, {_range(amounts.seconds, seconds)}"
    yield f"critical path of the longest run, {seconds(found.critical_seconds)}:"
    for id_, turns in found.critical_path:
        yield f"  {id_}. {named.call(id_)}{f'  × {turns} in turn' if turns > 1 else ''}"
    for assumption in found.assumptions:
        yield f"assumed: {escape(assumption)}"


def _range(span: Span, shown: Callable[[float], str]) -> str:
    least, most = shown(span.least) if span.least else "0", shown(span.most) if span.most else "0"
    return least if least == most else f"{least} to {most}"


def _number(value: float) -> str:
    return f"{value:,.0f}"


def body_json(found: BodyEstimate) -> dict[str, Json]:
    """Return an estimate from least to most as JSON: each amount is a list of the two."""
    return {
        "makespan": _pair(found.makespan),
        **_amounts(found.tally.whole),
        "critical_path": [str(id_) for id_, _ in found.critical_path],
        "critical_seconds": found.critical_seconds,
        "tools": {tool: _amounts(amounts) for tool, amounts in sorted(found.tally.tools.items())},
        "assumptions": list(found.assumptions),
    }


def _amounts(amounts: Amounts) -> dict[str, Json]:
    return {
        "calls": _pair(amounts.calls),
        "work": _pair(amounts.seconds),
        "tokens": _pair(amounts.tokens),
        "usd": _pair(amounts.usd),
    }


def _pair(span: Span) -> Json:
    return [span.least, span.most]


def declaring_lines(found: Declaring) -> Iterator[str]:
    """Yield what declaring effects would free: a tool, then what each effect would change."""
    for freed in found.freed:
        held = f"; {plural(freed.held, 'other call')} wait{'s' * (freed.held == 1)} for it" if freed.held else ""
        name = f"undeclared: {escape(freed.tool)}, " if freed.tool else "all of them, "
        yield f"{name}{plural(freed.written, 'call')} in the plan{held}"
        said = {effect.value: _freed(taken, found.now) for effect, taken in freed.as_.items()}
        if len(set(said.values())) == 1:
            yield f"  declared as a {' or as '.join(said)}: {next(iter(said.values()))}"
        else:
            yield from (f"  declared as {'a ' * (effect == 'read')}{effect}: {text}" for effect, text in said.items())


def _freed(taken: Taken, now: Taken) -> str:
    parts = []
    if taken.makespan < now.makespan:
        parts.append(f"{seconds(taken.makespan)} instead of {seconds(now.makespan)}")
    if taken.calls < now.calls:
        parts.append(f"{_number(taken.calls)} of {_number(now.calls)} calls")
    return ", ".join(parts) or "no less time, and as many calls"


def declaring_json(found: Declaring) -> Json:
    """Return the same as JSON: for each tool, and for all of them under an empty name."""
    return {freed.tool: _freed_json(freed) for freed in found.freed}


def _freed_json(freed: Freed) -> Json:
    taken: dict[str, Json] = {effect.value: dict(one._asdict()) for effect, one in freed.as_.items()}
    return {"calls": freed.written, "held": freed.held, **taken}
