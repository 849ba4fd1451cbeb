"""Record what the explorer shows of the examples, so that it can be looked at where nothing runs."""

from __future__ import annotations

from pathlib import Path

from lcc.cli.explorer.opening import recorded_page
from lcc.cli.explorer.worker import Setup
from lcc.grammar.source import Source

_SHOWN = {
    "plan": ("a plan", "examples/plans/wasteful.plan", "examples/tools.py"),
    "python": ("a program", "examples/programs/overdue.py", "examples/programs/tools.py"),
}
"""By language: what it is called, the text, and its tools."""


def embedded(into: Path, tree: Path) -> str:
    """Write a page for each example into a folder, and return the HTML that shows them in another page."""
    into.mkdir(parents=True, exist_ok=True)
    links = []
    for front_end, (words, name, declared) in _SHOWN.items():
        path = tree / name
        tools = Setup((str(tree / declared),), str(path)).static().signatures
        page = recorded_page(Source(path.name, path.read_text(encoding="utf-8")), front_end, tools)
        (into / f"{front_end}.html").write_text(page, encoding="utf-8")
        links.append(f'<a href="explorer/{front_end}.html" target="explorer">{words}</a>')
    return (
        f"<p>Here it is with {' or '.join(links)}, as it was recorded: levels and tabs work, writing and running need <code>lcc explore</code>.</p>\n"
        '<iframe class="explorer" name="explorer" title="the explorer, recorded" src="explorer/plan.html"></iframe>'
    )
