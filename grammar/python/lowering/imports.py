"""Treat imports: the named parts of some modules; everything else is refused."""

from __future__ import annotations

from typing import Final

from lcc.grammar.ir.operations import CONSTANTS, MODULES
from lcc.grammar.ir.operations.table import LOOPS, refuse
from lcc.grammar.python import tree
from lcc.grammar.python.lowering.awaits import Awaits
from lcc.grammar.python.lowering.names.bindings import Binding, Ignored, Path
from lcc.grammar.python.lowering.names.program_rules import UNAVAILABLE, Refused, unavailable
from lcc.grammar.source import Span

ANNOTATIONS: Final = frozenset({"typing", "typing_extensions", "collections.abc", "__future__"})
"""Modules whose names stand in annotations only."""

_STEPS: Final = ("asyncio", "time")
"""Modules whose functions are steps of the program."""


class Imports(Awaits):
    """Imports."""

    def imported(self, node: tree.Import | tree.ImportFrom) -> None:
        """Bind what an import binds."""
        if isinstance(node, tree.Import):
            for one in node.names:
                self._module(one)
            return
        for one in node.names:
            self.bind(one.asname or one.name, self._part(node.module, one), one.span)

    def _module(self, node: tree.alias) -> None:
        if node.name in ANNOTATIONS:
            self.bind(node.asname or node.name.partition(".")[0], Ignored(node.name), node.span)
            return
        self._check_module(node.name, node.span)
        self.bind(node.asname or node.name, Path(node.name), node.span)

    def _check_module(self, name: str, span: Span) -> None:
        if name not in MODULES and name not in _STEPS:
            raise unavailable(refuse(name, [*MODULES, *_STEPS], "the module"), span)

    def _part(self, module: str, node: tree.alias) -> Binding:
        if node.name == "*":
            raise Refused(UNAVAILABLE, "`import *` is not available", node.span, "name what you use")
        if module in ANNOTATIONS:
            return Ignored(node.name)
        self._check_module(module, node.span)
        found = Path(module, node.name)
        if module == "time" and node.name != "sleep":
            raise unavailable(refuse(node.name, ["sleep"], f"in {module}, the name"), node.span)
        if module == "time" or module == "asyncio" or str(found) in LOOPS or str(found) in CONSTANTS:
            return found
        if not any(name == node.name or name.startswith(f"{node.name}.") for name in MODULES[module]):
            known = [name.partition(".")[0] for name in MODULES[module]]
            raise unavailable(refuse(node.name, known, f"in {module}, the name"), node.span)
        return found
