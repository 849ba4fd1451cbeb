"""The project that the tests on editing have open: tools of a harbour, and a plan for them."""

TOOLS = '''from typing import TypedDict
import lcc

class Berth(TypedDict):
    name: str
    metres: float

@lcc.tool(effect="read", resource="harbour", trusted=True)
def berths(port: str, least: float = 0.0) -> list[Berth]:
    """List the berths of a port."""

@lcc.tool(effect="read", resource="harbour", trusted=True)
def berth(name: str) -> Berth:
    """Find one berth."""

@lcc.tool(effect="write", resource="harbour")
def book(berth: str, nights: int = 1) -> str: ...
'''

PLAN = """input port: str = "Hôlm"
1. berths($port)
2. berth("😀 $port")
3. book("😀😀 $2.name of ${1}", nights=2)
4. join($3)
"""
