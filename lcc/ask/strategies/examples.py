"""Load examples for a strategy: each is a question, and what the model is to write for it.

For `lcc` they are plan files (lcc.ask.planning.few_shots). For `react` they are texts that begin with their question:

    Question: How high is Mount Everest?
    Thought: I look it up.
    Action: search("Mount Everest")
    Observation: Mount Everest is 8849 m high.
    Thought: That is it.
    Action: Finish(8849 m)

For `rewoo` and `skeleton` they are texts of the same kind, with a plan, or points, behind the question.

An example that is wrong teaches what is wrong, so each is read, and its calls verified.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from lcc.ask.planning.few_shots import FewShot, example_texts, load_few_shots, read_program_shot, wrong_example
from lcc.ask.strategies.react_reply import End, Unreadable, read_step
from lcc.compiler import CompileError, check
from lcc.grammar import front_ends
from lcc.grammar.diagnostics import has_errors
from lcc.grammar.signatures import NO_TOOLS, Tools

_QUESTION: Final = re.compile(r"\A\ufeff?\s*Question[ \t]*:[ \t]*(?P<question>.*)\Z", re.DOTALL | re.IGNORECASE)
_OBSERVATION: Final = re.compile(r"^Observation[^\n:]*:", re.MULTILINE | re.IGNORECASE)
_PLAN: Final = re.compile(r"^[ \t]*Plan\b[^\n:]*:", re.MULTILINE | re.IGNORECASE)
_POINT: Final = re.compile(r"^[ \t]*1[.)]", re.MULTILINE)
_STEP: Final = re.compile(r"^(?:Thought|Action)\b[^\n:]*:", re.MULTILINE | re.IGNORECASE)


def load_examples(
    strategy: str, given: Sequence[FewShot | str | Path], tools: Tools, language: str = "plan"
) -> tuple[FewShot, ...]:
    """Return examples, those that are paths loaded and checked; raise CompileError for a wrong one."""
    paths = [one for one in given if not isinstance(one, FewShot)]
    made = tuple(one for one in given if isinstance(one, FewShot))
    if language == "python":
        return (*made, *(read_program_shot(text, tools, path) for text, path in example_texts(paths, "*.py")))
    if strategy == "lcc":
        return (*made, *load_few_shots(paths, tools))
    read = {"rewoo": read_rewoo, "skeleton": read_skeleton}.get(strategy, read_trajectory)
    return (*made, *(read(text, tools, path) for text, path in example_texts(paths, "*.txt")))


def read_trajectory(text: str, tools: Tools, path: str = "<example>") -> FewShot:
    """Read a question with the steps that lead to its answer, as ReAct takes them; raise CompileError."""
    asked = _QUESTION.match(text)
    first = _STEP.search(asked["question"]) if asked else None
    if asked is None or first is None:
        raise wrong_example("the example is not `Question: …` and then steps of Thought and Action", path, text)
    steps = asked["question"][first.start() :].strip()
    *calls, last = _steps(steps)
    for number, written in enumerate(calls, 1):
        step = read_step(written, tools)
        if isinstance(step, Unreadable):
            raise wrong_example(f"step {number} of the example: {step.why}", path, text)
        if isinstance(step, End):
            raise wrong_example(f"step {number} of the example is its end, and more follows", path, text)
    if not isinstance(read_step(last, tools), End):
        raise wrong_example("the example doesn't end with `Action: Finish(…)`", path, text)
    return FewShot(asked["question"][: first.start()].strip(), steps)


def read_rewoo(text: str, tools: Tools, path: str = "<example>") -> FewShot:
    """Read a question with the plan for it, as ReWOO's planner writes it; raise CompileError."""
    return _planned(text, tools, path, "rewoo", _PLAN)


def read_skeleton(text: str, tools: Tools, path: str = "<example>") -> FewShot:
    """Read a question with the points of its answer; raise CompileError."""
    return _planned(text, NO_TOOLS, path, "skeleton", _POINT)


def _planned(text: str, tools: Tools, path: str, front_end: str, begins: re.Pattern[str]) -> FewShot:
    asked = _QUESTION.match(text)
    first = begins.search(text, asked.start("question")) if asked else None
    if asked is None or first is None:
        raise wrong_example("the example is not `Question: …` and then what the model is to write", path, text)
    parsed = front_ends.parse(text[first.start() :].strip(), front_end, path=path, tools=tools)
    found = check(parsed, tools)
    if has_errors(found):
        raise CompileError(found, parsed.source)
    return FewShot(text[asked.start("question") : first.start()].strip(), parsed.source.text)


def _steps(text: str) -> Iterator[str]:
    """Yield the steps without the observations between them."""
    at = 0
    for found in _OBSERVATION.finditer(text):
        yield text[at : found.start()]
        following = _STEP.search(text, found.end())
        at = following.start() if following else len(text)
    yield text[at:]
