"""Document the V codes: what `verify` reports. Examples in the language `ir` are for what no text can say."""

from __future__ import annotations

from typing import Final

from lcc.grammar.diagnostics import Rule
from lcc.passes.verify.body_errors import BODIES

_TOOLS: Final = """\
from typing import Any, TypedDict
import lcc

class Place(TypedDict):
    name: str
    height: float

@lcc.tool(effect="read")
def search(query: str, limit: int = 10) -> str: ...
@lcc.tool(effect="read")
def find(query: str) -> list[Place]: ...
@lcc.tool(effect="pure")
def convert(value: float, unit: str) -> float: ...
@lcc.tool(effect="write")
def save(path: str, text: str) -> None: ...
def post(text: str) -> None: ...
"""

STRUCTURE: Final = (
    Rule(
        "V001",
        "duplicate-id",
        "two tasks, or a task and the join, have the same id",
        "A reference to the id could mean either of them.",
        '1. search("tides")\n1. search("moon")\n2. join()\n',
        '1. search("tides")\n2. search("moon")\n3. join()\n',
    ),
    Rule(
        "V002",
        "no-such-result",
        "a reference names no task before its reader",
        "Results flow forward only: a task can read what stands before it, and neither itself, nor what comes later, nor the "
        "join, nor a task that isn't there.",
        '1. summarize($2)\n2. search("tides")\n3. join()\n',
        '1. search("tides")\n2. summarize($1)\n3. join()\n',
    ),
    Rule(
        "V003",
        "missing-join",
        "the plan has no join",
        "Without a join nobody can tell a whole plan from one that was cut off, or which results are wanted.",
        '1. search("tides")\n',
        '1. search("tides")\n2. join()\n',
    ),
    Rule(
        "V010",
        "no-such-element",
        "a reference names an element that a fan-out doesn't have",
        "The length of a literal list is known, and so is that of a fan-out over it and over that one's results. A place past the "
        "end is a mistake that would fail in every run.",
        '1. search(each ["tides", "moon"])\n2. summarize($1[2])\n3. join()\n',
        '1. search(each ["tides", "moon"])\n2. summarize($1[1])\n3. join()\n',
    ),
    Rule(
        "V011",
        "two-fan-outs",
        "a call has more than one `each`",
        "It is not said whether the lists go in step or every pair is meant.",
        "1. distance(each [1, 2], each [3, 4])\n2. join()\n",
        "1. distance(each [1, 2], 3)\n2. join()\n",
    ),
    Rule(
        "V012",
        "not-a-list",
        "`each` stands before something that is no list",
        "A fan-out runs once for each element of a list.",
        '1. search(each "tides")\n2. join()\n',
        '1. search(each ["tides"])\n2. join()\n',
    ),
    Rule(
        "V013",
        "positional-after-keyword",
        "a positional argument follows a keyword argument",
        "As in Python: after a keyword, places don't count any more.",
        '1. search(query="tides", 3)\n2. join()\n',
        '1. search("tides", limit=3)\n2. join()\n',
    ),
    Rule(
        "V014",
        "repeated-argument",
        "an argument is given twice",
        "Only one of the two values could be used.",
        '1. search(query="tides", query="moon")\n2. join()\n',
        '1. search(query="tides")\n2. join()\n',
    ),
    Rule(
        "V015",
        "reserved-name",
        "`join`, `answer` or `each` is used as a name",
        "These words belong to the language.",
        '1. search("tides", "each"=3)\n2. join()\n',
        '1. search("tides", limit=3)\n2. join()\n',
    ),
    Rule(
        "V016",
        "answer-arity",
        "`answer` doesn't have exactly one value",
        "The answer is that value. A parser never makes such a plan; one that a program built can't be run.",
        "from lcc.grammar.ir import Join, Plan, Ref, Task\nfrom lcc.passes.verify import verify\n\n"
        'print(verify(Plan(tasks=(Task(1, "search"),), join=Join((), direct=True)), {}))\n',
        "from lcc.grammar.ir import Join, Plan, Ref, Task\nfrom lcc.passes.verify import verify\n\n"
        'print(verify(Plan(tasks=(Task(1, "search"),), join=Join((Ref(1),), direct=True)), {}))\n',
        front_end="api",
    ),
    Rule(
        "V017",
        "repeated-input",
        "an input is declared twice",
        "Two declarations may differ in type and default.",
        'input city: str\ninput city: str = "Paris"\n1. search($city)\n2. join()\n',
        'input city: str = "Paris"\n1. search($city)\n2. join()\n',
    ),
    Rule(
        "V018",
        "input-type",
        "the type of an input is no type, or its default doesn't fit it",
        "Inputs are checked before anything runs; the default has to pass that check too.",
        'input days: int = "three"\n1. forecast($days)\n2. join()\n',
        "input days: int = 3\n1. forecast($days)\n2. join()\n",
    ),
    Rule(
        "V019",
        "no-such-input",
        "a value names an input that isn't declared",
        "Inputs are declared at the top of a plan, so that a run can ask for them.",
        "%1 = search($city)\njoin 1=%1\n",
        "input city: str\n%1 = search($city)\njoin 1=%1\n",
        front_end="ir",
    ),
    Rule(
        "V020",
        "join-labels",
        "two values of a join have the same label",
        "The results of a labelled join are a dict by label; one of the two would be lost.",
        '1. search("tides")\n2. search("moon")\n3. join("1"=$1, "1"=$2)\n',
        '1. search("tides")\n2. search("moon")\n3. join("1"=$1, "2"=$2)\n',
    ),
    Rule(
        "V024",
        "malformed-ir",
        "an id is not positive, or an order edge names no task before its own",
        "A parser never makes such a plan; one that a program built can't be run.",
        "%1 = search() after %2\n%2 = search()\njoin 1=%1\n",
        "%1 = search()\n%2 = search() after %1\njoin 1=%1\n",
        front_end="ir",
    ),
)

CALLS: Final = (
    Rule(
        "V004",
        "unknown-tool",
        "no tool of that name is in scope",
        "The call could only fail. The nearest name is suggested.",
        '1. serch("tides")\n2. join()\n',
        '1. search("tides")\n2. join()\n',
        _TOOLS,
    ),
    Rule(
        "V005",
        "missing-argument",
        "a call leaves out a parameter that has no default",
        "The tool can't be called without it.",
        "1. search(limit=3)\n2. join()\n",
        '1. search("tides", limit=3)\n2. join()\n',
        _TOOLS,
    ),
    Rule(
        "V006",
        "too-many-arguments",
        "a call has more positional arguments than the tool takes",
        "The rest would be lost.",
        '1. search("tides", 3, "en")\n2. join()\n',
        '1. search("tides", 3)\n2. join()\n',
        _TOOLS,
    ),
    Rule(
        "V007",
        "unknown-parameter",
        "a keyword names no parameter of the tool",
        "The nearest name is suggested. What a tool declares before a `/` has no name in calls: it is given by position.",
        '1. search("tides", limits=3)\n2. join()\n',
        '1. search("tides", limit=3)\n2. join()\n',
        _TOOLS,
    ),
    Rule(
        "V008",
        "argument-type",
        "an argument is not what the parameter takes",
        "Anything fits text, and becomes it; an int fits a float; everything else must fit exactly, through references, paths, "
        "texts and `each`. What doesn't would fail in the middle of a run.",
        '1. search("height of K2")\n2. convert($1, "ft")\n3. join()\n',
        '1. find("K2")\n2. convert($1[0].height, "ft")\n3. join()\n',
        _TOOLS,
    ),
    Rule(
        "V009",
        "no-such-path",
        "a path leads nowhere in the declared type of a result",
        "The tool declares what its results hold; this isn't among it.",
        '1. find("K2")\n2. search("mountains higher than $1[0].size")\n3. join()\n',
        '1. find("K2")\n2. search("mountains higher than $1[0].height")\n3. join()\n',
        _TOOLS,
    ),
    Rule(
        "V023",
        "container-as-text",
        "a list or dict is given where text is wanted",
        "It becomes its JSON, which is often what a model is to read, and sometimes a forgotten path.",
        '1. find("K2")\n2. search($1)\n3. join()\n',
        '1. find("K2")\n2. search($1[0].name)\n3. join()\n',
        _TOOLS,
    ),
)

REPAIRS: Final = (
    Rule(
        "V021",
        "repaired-write",
        "a call that writes was repaired, or reads a result that a repair chose",
        "A repair is a guess. A guess may cost a search, but not a file, a booking or a message: those must be written as they "
        "are meant.",
        '1. save("a.txt", "tides"\n2. join()\n',
        '1. save("a.txt", "tides")\n2. join()\n',
        _TOOLS,
        "model",
    ),
    Rule(
        "V022",
        "repaired-call",
        "a call of an undeclared tool was repaired, or reads a result that a repair chose",
        "Nobody said what the tool does, so it may write.",
        '1. post("tides"\n2. join()\n',
        '1. post("tides")\n2. join()\n',
        _TOOLS,
        "model",
    ),
)

RULES: Final = tuple(sorted((*STRUCTURE, *CALLS, *REPAIRS, *BODIES), key=lambda rule: rule.code))
