"""Keep plans as files: one that was asked for, and those of a cache.

The cache is off unless it is asked for: an old plan may name what isn't so any more.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import NamedTemporaryFile

from lcc.ask.memory import Round
from lcc.grammar.ir import Plan
from lcc.grammar.syntax.print_plan import print_plan
from lcc.models.request import Message
from lcc.runtime.result import TaskStatus
from lcc.runtime.text_files import Unreadable, read_text_file


def saved_plan(question: str, rounds: Sequence[Round]) -> str:
    """Return one plan file for all plans of a question: their calls in order, and the join of the last. Programs stand one after the other.

    Calls of earlier plans that failed are left out, as no later plan reads them; the file begins with the question.
    """
    comment = "".join(f"# {line}\n" for line in f"Request: {question}".splitlines())
    if rounds[-1].program is not None:
        head = "" if rounds[-1].written.join is None else "strict\n"  # a plan with steps, and no program in Python
        return comment + head + "".join([*(round_.kept for round_ in rounds[:-1]), rounds[-1].program])
    last = rounds[-1].written
    tasks = [
        task
        for round_ in rounds[:-1]
        for task in round_.written.tasks
        if (record := round_.records.get(task.id)) is not None and record.status is TaskStatus.OK
    ]
    join = last.join
    if join is not None and join.id in {task.id for task in tasks}:
        join = replace(join, id=None)
    whole = Plan(last.inputs, (*tasks, *last.tasks), join)
    return f"{comment}{print_plan(whole)}"


@dataclass(frozen=True, slots=True)
class PlanCache:
    """Plans by what they were asked for with: the model, the tools, the rules, the examples, the conversation, the question."""

    folder: Path

    def get(self, model: str, messages: Iterable[Message]) -> str | None:
        """Return the plan that was made for the same, if there is one."""
        try:
            return read_text_file(self._path(model, messages))
        except Unreadable:
            return None

    def put(self, model: str, messages: Iterable[Message], round_: Round) -> None:
        """Keep a plan. A cache that can't be written to is no error."""
        path = self._path(model, messages)
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with NamedTemporaryFile("w", dir=path.parent, delete=False, encoding="utf-8") as file:
                file.write(print_plan(round_.written) if round_.program is None else round_.program)
            os.replace(file.name, path)

    def _path(self, model: str, messages: Iterable[Message]) -> Path:
        digest = hashlib.sha256()
        for text in (model, *(part for m in messages for part in (m.speaker, m.text))):
            data = text.encode("utf-8", "surrogatepass")
            digest.update(b"%d:%s" % (len(data), data))
        return self.folder / f"{digest.hexdigest()}.plan"
