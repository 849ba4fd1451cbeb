"""Run plan files as tests: `pytest -p lcc.pytest_plugin`, or `pytest_plugins = ["lcc.pytest_plugin"]` in conftest.py.

pytest then collects `test_*.plan`; comments at their head say what they are run with, and what they give.

    # tools: fakes.py
    # input: city = "Paris"
    # join: ["sunny"]
    1. forecast($city)
    2. join($1)

It isn't a plug-in that is found by itself: pytest would rewrite all of lcc then. `tools`: as `--tools` takes them, seen from the file; without one, those of the project. `input`: JSON. One of `join`, `answer` (JSON) and
`fails` (a part of the message of an error) says what is expected. Destructive tools may be called: they are fakes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

_SAID: Final = re.compile(r"^#\s*(tools|input|join|answer|fails):\s*(.+?)\s*$", re.MULTILINE)
_HEAD: Final = re.compile(r"\A(?:#.*\n|\s*\n)*")


class PlanFailed(Exception):
    """A plan didn't give what its file says, or can't be run. The message says what came."""


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> PlanFile | None:
    """Collect a plan file whose name begins with `test_`."""
    if file_path.suffix == ".plan" and file_path.name.startswith("test_"):
        return PlanFile.from_parent(parent, path=file_path)
    return None


class PlanFile(pytest.File):
    """A plan file, which is one test."""

    def collect(self) -> Iterator[pytest.Item]:
        """Yield the test."""
        yield PlanItem.from_parent(self, name=self.path.stem)


class PlanItem(pytest.Item):
    """A plan that is run, and what it is to give."""

    def runtest(self) -> None:
        """Run the plan; raise PlanFailed if it gives something else."""
        text = self.path.read_text(encoding="utf-8")
        said = _SAID.findall(head[0] if (head := _HEAD.match(text)) else "")
        expected = [(key, value) for key, value in said if key in ("join", "answer", "fails")]
        if len(expected) != 1:
            raise PlanFailed(
                "say what the plan gives in one comment at its head: `# join: …`, `# answer: …` or `# fails: …`"
            )
        [(key, value)] = expected
        wanted = value if key == "fails" else _json(key, value)
        given = self._given(text, said)
        if key != "fails" and given.get("failed") is None:
            found = given.get(key, None if key == "join" else "nothing: it has no answer(…)")
            if found != wanted:
                raise PlanFailed(
                    f"{key}: {json.dumps(found, ensure_ascii=False)}\nexpected: {json.dumps(wanted, ensure_ascii=False)}"
                )
        elif key != "fails" or value not in str(given.get("failed")):
            came = given.get("failed") or f"no failure, but {json.dumps(given, ensure_ascii=False)}"
            raise PlanFailed(f"the plan gave {came}")

    def _given(self, text: str, said: list[tuple[str, str]]) -> dict[str, Any]:
        """Return what a run gave: `join`, `answer`, or as `failed` what went wrong."""
        import lcc
        from lcc.grammar.diagnostics.render import render
        from lcc.runtime.inputs import RunError
        from lcc.toolset import load_bound

        specs = [str(self.path.parent / value) for key, value in said if key == "tools"]
        toolset = load_bound(specs, near=self.path.parent)
        wrong = [render(found, source, color=False) for source, found in toolset.by_source() if toolset.failed]
        if wrong:
            raise PlanFailed("\n".join(wrong))
        inputs = dict(_input(value) for key, value in said if key == "input")
        try:
            result = lcc.run(text, toolset.tools.values(), inputs, options=lcc.Options(approve=_yes))
        except (lcc.CompileError, RunError) as error:
            return {"failed": str(error)}
        if result.ok:
            shown = result.to_json()
            return {key: shown[key] for key in ("join", "answer") if key in shown}
        failed = [
            record.error.shown for record in result.tasks.values() if record.error is not None and record.error.counts
        ]
        return {"failed": "; ".join([*failed, *([] if result.failure is None else [result.failure.shown])])}

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Return what went wrong, without the way through this module."""
        if isinstance(excinfo.value, PlanFailed):
            return f"{self.path}\n{excinfo.value}"
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Return where the test is."""
        return self.path, 0, f"plan {self.name}"


async def _yes(request: object) -> bool:
    return True


def _input(said: str) -> tuple[str, Any]:
    name, _, value = said.partition("=")
    return name.strip(), _json("input", value)


def _json(key: str, text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise PlanFailed(f"`# {key}: {text.strip()}` is no JSON: {error}") from None
