"""Keep plans as files of a cache.

The cache is off unless it is asked for: an old plan may name what isn't so any more.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

from lcc.ask.memory import Round
from lcc.grammar.syntax.print_plan import print_plan
from lcc.models.request import Message
from lcc.runtime.text_files import Unreadable, read_text_file


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
