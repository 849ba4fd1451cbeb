"""Lay out the Markdown of a checkout as the site's generator reads it: pages, pictures, and the files that pages link to.

The pages stay as they are for who reads them in the repository. Here their links are turned to where things stand on the site, the words behind a fence
become its title, and flowcharts are drawn. A source file that a page links to gets a page of its own, so that no link leaves the site for the repository.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from docs.site.diagrams import svg_of

_FENCE = re.compile(r"(?m)^( *)```(\S+)?[ \t]*([^\n]*)\n((?:.*\n)*?)\1```[ \t]*$")
_LINK = re.compile(r"(?<=\]\()([^)\s]+)(?=\))")
_ROW = re.compile(r"(?m)^\|.*$")
_CODE = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")
_LANGUAGES = {"plan": "lcc-plan", "pyi": "python", "sh": "console", "ir": "text", "lark": "text", "dot": "text"}
_HOMES = {"README.md": "index.md", "docs/index.md": "all-pages.md", "examples/README.md": "examples.md"}
_SHOWN_AS = {".py": "python", ".pyi": "python", ".plan": "lcc-plan", ".md": "markdown", ".json": "json"}
_CARRIED = {".png", ".svg", ".ipynb"}
EXPLORER = "<!-- explorer -->"
"""Where a page shows the explorer."""


def lay_out(tree: Path, into: Path, explorer: str) -> None:
    """Write the site's pages of a checkout into a folder. `explorer`: the HTML that stands where a page shows the explorer."""
    roots = [tree / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")]
    waiting = [*roots, *sorted((tree / "docs").rglob("*.md")), tree / "examples" / "README.md"]
    done: set[Path] = set()
    while waiting:
        path = waiting.pop()
        if path in done:
            continue
        done.add(path)
        target = into / place_of(path, tree)
        target.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix in _CARRIED:
            shutil.copyfile(path, target)
        elif path.suffix == ".md":
            text, linked = page_of(path, tree)
            target.write_text(text.replace(EXPLORER, explorer), encoding="utf-8")
            waiting += linked
        else:
            target.write_text(_file_page(path, tree), encoding="utf-8")


def place_of(path: Path, tree: Path) -> str:
    """Return where a file of the checkout stands among the site's pages."""
    name = path.relative_to(tree).as_posix()
    if name in _HOMES:
        return _HOMES[name]
    if path.suffix == ".md" and path.parent == tree:
        return path.name.lower()
    if name.startswith("docs/") and path.suffix in {".md", *_CARRIED}:
        return name.removeprefix("docs/")
    return f"files/{name}" if path.suffix in {".md", *_CARRIED} else f"files/{name}.md"


def page_of(path: Path, tree: Path) -> tuple[str, list[Path]]:
    """Return a page as the generator reads it, and the files of the checkout that it links to."""
    text = path.read_text(encoding="utf-8")
    linked: list[Path] = []

    def moved(match: re.Match[str]) -> str:
        target, hash_sign, anchor = match[1].partition("#")
        there = (path.parent / target).resolve()
        if not target or "://" in match[1] or not there.is_relative_to(tree) or not there.exists():
            return match[1]
        linked.append(there)
        here = PurePosixPath(place_of(path, tree)).parent
        return os.path.relpath(place_of(there, tree), here).replace(os.sep, "/") + hash_sign + anchor

    return _outside_of_fences(text, lambda prose: _ROW.sub(_bare_pipes, _LINK.sub(moved, prose))), linked


def _bare_pipes(row: re.Match[str]) -> str:
    """Return a row of a table in which pipes in code stand alone: in the repository they are escaped, on the site the sign would be shown."""
    return _CODE.sub(lambda code: code[0].replace("\\|", "|"), row[0])


def _outside_of_fences(text: str, change: Callable[[str], str]) -> str:
    parts, at = [], 0
    for match in _FENCE.finditer(text):
        parts += [change(text[at : match.start()]), _fence(match)]
        at = match.end()
    return "".join([*parts, change(text[at:])])


def _fence(match: re.Match[str]) -> str:
    indent, language, tags, body = match.groups()
    if language == "mermaid":
        return f'\n<div class="diagram">{svg_of(body)}</div>\n'
    named = re.search(r"\bfile=(\S+)", tags)
    title = f' title="{named[1]}"' if named else ""
    return f"{indent}```{_LANGUAGES.get(language or 'text', language or 'text')}{title}\n{body}{indent}```"


def _file_page(path: Path, tree: Path) -> str:
    if path.is_dir():
        text = "\n".join(sorted(one.name for one in path.iterdir() if not one.name.startswith(("__", "."))))
    else:
        text = path.read_text(encoding="utf-8")
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
    head = f"---\nsearch:\n  exclude: true\n---\n# {path.relative_to(tree).as_posix()}\n\n"
    return f"{head}{fence}{_SHOWN_AS.get(path.suffix, 'text')}\n{text.rstrip()}\n{fence}\n"
