"""One tool that takes a program, runs it and reports: what every adapter makes a tool of its framework of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from lcc.python_tools.collect import as_tools, tools_given
from lcc.python_tools.lifespan import OpenTools
from lcc.runtime.options import Options
from lcc.serving.desk import Desk, DeskSettings, Report
from lcc.serving.going import Going
from lcc.serving.offer import how_to_run

NAME: Final = "run_program"
PARAMETERS: Final[Mapping[str, Any]] = {
    "type": "object",
    "properties": {
        "program": {"type": "string", "description": "the text of the whole program"},
        "inputs": {"type": "object", "description": "values of the names that the program declares as inputs"},
    },
    "required": ["program"],
    "additionalProperties": False,
}


class ProgramTool:
    """Tools, as one tool. `description` tells the rules of programs and the tools; `options` hold for every run.

    A destructive call is asked about by `options.approve`; without one it is refused, since nobody could resume the run.
    """

    name = NAME

    def __init__(self, tools: Iterable[object], options: Options | None = None) -> None:
        self._given = tools_given(tools)
        self._settings = DeskSettings(options or Options(), pauses=False)
        self.description = how_to_run({name: tool.signature for name, tool in as_tools(self._given).items()})
        self.parameters: dict[str, Any] = {**PARAMETERS}

    async def __call__(self, program: str, inputs: Mapping[str, Any] | None = None) -> Report:
        """Run a program, and return its report; what is wrong with it is in there, too."""
        async with OpenTools(self._given) as tools, Desk(as_tools(tools), self._settings) as desk:
            made = await desk.run(program, inputs or {})
            return desk.report(made) if isinstance(made, Going) else made
