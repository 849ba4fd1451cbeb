"""What `--tools` and a project name: sources of tools, read or imported.

In: `FILE.py`, `FILE.pyi`, `FILE.json`, `package.module`, each with `:name` for one tool. Out: signatures, or bound tools, and
diagnostics that say where.
Must not know: plans.

Read `sources`: what is named, and `Loaded`, which gathers what is found. `load` then goes one way with each source: it is read
without running it, or goes through `importing`; `joining` puts a declaration and its implementation together.
"""

from lcc.toolset.load import Row, Toolset, load_bound, load_static, rows

__all__ = ["Row", "Toolset", "load_bound", "load_static", "rows"]
