"""Check that the product knows none of the programs that it is measured on.

They are not part of this repository. Name the folder that holds them in LCC_CORPUS; without it this test skips.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAMS = Path(os.environ.get("LCC_CORPUS", "") or "/nonexistent") / "programs"
TELLING = 30
"""How long a line is that nobody writes twice by chance."""


@pytest.mark.skipif(not (PROGRAMS / "programs.jsonl").is_file(), reason="LCC_CORPUS names no folder with programs")
def test_the_product_holds_no_tool_and_no_line_of_them() -> None:
    folders = ("grammar", "passes", "runtime", "lcc")
    files = [path for folder in folders for kind in ("*.py", "*.lark") for path in (ROOT / folder).rglob(kind)]
    text = "\n".join(path.read_text(encoding="utf-8") for path in files)
    tools = re.findall(r"(?m)^async def ([a-z]\w*_\w+)\(", (PROGRAMS / "world.py").read_text(encoding="utf-8"))
    rows = [json.loads(row) for row in (PROGRAMS / "programs.jsonl").read_text(encoding="utf-8").splitlines()]
    lines = {
        line.strip()
        for row in rows
        for line in row["source"].splitlines()
        if len(line.strip()) >= TELLING and " import " not in line
    }
    assert len(tools) > 20
    assert len(lines) > 100
    assert [tool for tool in tools if re.search(rf"\b{tool}\b", text)] == []
    assert [line for line in lines if line in text] == []
