"""Answer the requests of a page, in a process that may be ended at any time."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from lcc.cli.explorer.page_request import Asked, WrongRequest, read_asked
from lcc.cli.explorer.panes import Looked, look
from lcc.cli.explorer.trial import Emit, NotTried, called_by, try_out
from lcc.grammar.values import Json
from lcc.pages.run_page import finding
from lcc.runtime.blocking import run_blocking
from lcc.toolset import Toolset, load_bound, load_static


@dataclass(frozen=True, slots=True)
class Setup:
    """What a process works with: as `--tools` and its options say, near a file or folder."""

    tools: tuple[str, ...]
    near: str
    trust_annotations: bool = False
    trust_project: bool = False

    def static(self) -> Toolset:
        """Load the declarations."""
        return load_static(self.tools, near=Path(self.near), trust_annotations=self.trust_annotations)

    def bound(self, needed: frozenset[str]) -> Toolset:
        """Load the tools that are needed, to be called; raise NotTried where that isn't possible."""
        toolset = load_bound(
            self.tools,
            near=Path(self.near),
            needed=needed,
            trust_project=self.trust_project,
            trust_annotations=self.trust_annotations,
        )
        if toolset.failed:
            raise NotTried("<br>".join(finding(one, source) for source, one in toolset.findings if one.is_error))
        return toolset


def work(connection: Connection, setup: Setup) -> None:
    """Answer one request after another, each by some replies and an end, until there are no more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the server ends this process
    sys.stdout = sys.stderr
    static = setup.static()
    bound: dict[frozenset[str], Toolset] = {}

    def emit(reply: Mapping[str, Json]) -> None:
        connection.send_bytes(json.dumps(reply).encode())

    def run(asked: Asked) -> None:
        called = called_by(asked, static)
        if called not in bound:
            bound[called] = setup.bound(called)
        run_blocking(lambda: try_out(asked, bound[called], emit))

    emit({})
    while True:
        try:
            request = json.loads(connection.recv_bytes())
        except (EOFError, OSError):
            return
        _answer(request, static, emit, run)
        emit({"end": True})


def _answer(request: dict[str, Json], static: Toolset, emit: Emit, run: Callable[[Asked], None]) -> None:
    try:
        asked = read_asked(request)
        if asked.runs:
            run(asked)
        else:
            emit(look(Looked(asked, static.signatures)))
    except NotTried as error:
        emit({"html": f'<p class="failure" role="alert">{error}</p>'})
    except WrongRequest as error:
        emit({"problem": str(error)})
    except Exception as error:  # a defect: the page says so, and goes on
        emit({"problem": f"{type(error).__name__}: {error}"[:2_000]})
