"""Check what is said of somebody else's tools beside their declarations."""

from __future__ import annotations

import pytest

import lcc
from lcc.python_tools.declare import ToolError


def find(query: str) -> str:
    """Find something."""
    return query


@lcc.tool(effect="write", resource="a:{path}", cost=2.0, concurrency=3)
def put(path: str) -> str:
    return path


def test_an_effect_is_said_by_name_or_pattern_and_the_rest_stays() -> None:
    found = {tool.name: tool.signature for tool in lcc.with_effects([find, put], {"f*": "read", "put": "destructive"})}
    assert (str(found["find"].effect), found["find"].description) == ("read", "Find something.")
    assert (str(found["put"].effect), found["put"].cost.seconds, found["put"].limits.concurrency) == (
        "destructive",
        2.0,
        3,
    )
    assert lcc.with_effects([put], {})[0].signature == lcc.with_effects([put], {"put": {"cost": 2.0}})[0].signature


def test_the_name_goes_before_patterns_and_tools_are_called_as_before() -> None:
    tools = lcc.with_effects([find, put], {"*": "read", "put": {"effect": "write", "resource": "b:{path}"}})
    assert [str(tool.signature.effect) for tool in tools] == ["read", "write"]
    assert tools[1].signature.resources[0].pattern == "b:{path}"
    assert lcc.run("1. find('x')\n2. put($1)\n3. answer($2)", tools=tools).answer == "x"


def test_what_cannot_be_said_is_refused() -> None:
    with pytest.raises(ValueError, match="effects must be a table of effects; of `find`"):
        lcc.with_effects([find], {"find": "reads"})
    with pytest.raises(ToolError, match="no tool is called so"):
        lcc.with_effects([find], {"fnd": "read"})
    with pytest.raises(ToolError, match="names no parameter `place`"):
        lcc.with_effects([find], {"find": {"effect": "read", "resource": "a:{place}"}})
