"""Find tools by words, with an index that leaves nothing open."""

from __future__ import annotations

import gc
import sqlite3

import pytest

from lcc.python_tools.collect import as_tools
from lcc.python_tools.tool_index import ToolIndex


def moon_phase(day: str) -> str:
    """Tell how much of the moon is lit."""
    return day


def tide_table(harbour: str) -> str:
    """Tell when the water is high."""
    return harbour


def test_the_best_tools_are_found_first() -> None:
    index = ToolIndex(tool.signature for tool in as_tools([moon_phase, tide_table]).values())
    assert index.search("high water harbour", 5) == ["tide_table"]
    assert index.search("", 1) == ["moon_phase"]


def test_an_index_that_nobody_holds_is_closed() -> None:
    index = ToolIndex(tool.signature for tool in as_tools([moon_phase]).values())
    connection = index._index
    del index
    gc.collect()
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        connection.execute("SELECT 1")
