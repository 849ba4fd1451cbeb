"""Read and write golden files of passes.

    === tools
    declarations in Python stub syntax, for all cases
    === case what the case shows
    === level 2                     (optional: a pipeline instead of the pass that the file is named after)
    === language ir                 (optional: the input is the text of an IR, not a plan)
    the input
    ---
    the text of the IR that comes out
    ; merged: what was done or left, and why

A file that holds anything else is an error, not a case that is skipped.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

KEYS = frozenset({"level", "language", "passes"})


class GoldenError(ValueError):
    """A golden file that can't be read. The message names the line."""


@dataclass
class Case:
    """One case; `output` is None where it is still to be blessed."""

    title: str
    keys: dict[str, str] = field(default_factory=dict)
    input: str = ""
    output: str | None = None


@dataclass
class Golden:
    """One file."""

    path: Path
    tools: str = ""
    cases: list[Case] = field(default_factory=list)

    def text(self) -> str:
        """Return the file that holds these cases."""
        parts = [f"=== tools\n{self.tools}"] if self.tools else []
        for case in self.cases:
            keys = "".join(f"=== {key} {value}\n" for key, value in case.keys.items())
            parts.append(f"=== case {case.title}\n{keys}{case.input}---\n{case.output or ''}")
        return "\n".join(parts)


def read_golden(path: Path, text: str | None = None) -> Golden:
    """Read a golden file; raise GoldenError for what is no case."""
    golden = Golden(path)
    case: Case | None = None
    in_tools = False
    lines = (path.read_text(encoding="utf-8") if text is None else text).splitlines()
    for number, line in enumerate(lines, 1):
        where = f"{path.name}:{number}"
        if line.startswith("=== "):
            key, _, value = line[4:].partition(" ")
            if key == "tools":
                if golden.tools or golden.cases or value:
                    raise GoldenError(f"{where}: tools stands once, first, alone on its line")
                in_tools = True
            elif key == "case":
                if not value or any(other.title == value for other in golden.cases):
                    raise GoldenError(f"{where}: a case needs a title of its own")
                case, in_tools = Case(value), False
                golden.cases.append(case)
            elif case is None or case.input or case.output is not None:
                raise GoldenError(f"{where}: {key} stands outside of a case's head")
            elif key not in KEYS or not value or key in case.keys:
                raise GoldenError(f"{where}: unknown or repeated key {key}; keys: {', '.join(sorted(KEYS))}")
            else:
                case.keys[key] = value
        elif in_tools:
            golden.tools += f"{line}\n"
        elif case is None:
            raise GoldenError(f"{where}: text before the first case")
        elif line == "---":
            if case.output is not None:
                raise GoldenError(f"{where}: a case has one `---`")
            case.output = ""
        elif case.output is None:
            case.input += f"{line}\n"
        else:
            case.output += f"{line}\n"
    golden.tools = golden.tools.rstrip("\n") + "\n" if golden.tools else ""
    for one in golden.cases:
        if one.output is None or not one.input.strip():
            raise GoldenError(f"{path.name}: case `{one.title}` has no pair of input, `---` and output")
        one.output = one.output.rstrip("\n") + "\n"
    return golden
