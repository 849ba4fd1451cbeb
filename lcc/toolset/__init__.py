"""What `--tools` and a project name: sources of tools, read or imported.

In: `FILE.py`, `FILE.pyi`, `FILE.json`, `package.module`, each with `:name` for one tool. Out: signatures, or bound tools, and
diagnostics that say where.
Must not know: plans.

Read `load`, then the way of one name: `specs`, `sources` (read without running) or `importing`, `joining`.
"""

from lcc.toolset.load import Row, Toolset, as_tools, load_bound, load_static, rows

__all__ = ["Row", "Toolset", "as_tools", "load_bound", "load_static", "rows"]
