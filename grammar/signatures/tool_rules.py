"""Document the T codes: what can be wrong with the files that declare tools, and with the settings that name them.

Here `front_end` names the file that an example stands for: `pyi` a stub, `py` a module of tools, `json` function schemas,
`toml` a pyproject.toml. `tools` is the text of a `tools.pyi` beside it.
"""

from __future__ import annotations

from typing import Final

from lcc.grammar.diagnostics import Rule

_SEARCH: Final = "def search(query: str) -> str: ...\n"

UNREADABLE_FILE: Final = Rule(
    "T001",
    "unreadable-tools-file",
    "a file of tools can't be read: it is missing, not a regular file, too large, or not UTF-8",
    "Without the declarations, nothing of a plan can be checked against its tools.",
    '[tool.lcc]\ntools = ["tool.pyi"]\n',
    '[tool.lcc]\ntools = ["tools.pyi"]\n',
    _SEARCH,
    "toml",
)
SYNTAX: Final = Rule(
    "T002",
    "tools-syntax",
    "a file of tools is not the Python, JSON or TOML that its name promises",
    "Stubs are read with Python's own parser, of the Python that lcc runs on.",
    "def search(query: str -> str: ...\n",
    _SEARCH,
    "",
    "pyi",
)
NO_TOOLS: Final = Rule(
    "T003",
    "no-tools",
    "a file that is given for its tools declares none",
    "In a `.py` file only functions decorated with `@lcc.tool` are tools; in a `.pyi` file all public functions are.",
    "import lcc\n\ndef search(query: str) -> str:\n    return query\n",
    "import lcc\n\n@lcc.tool\ndef search(query: str) -> str:\n    return query\n",
    "",
    "py",
)
NOT_A_LITERAL: Final = Rule(
    "T004",
    "option-not-literal",
    "an option of a declaration is not a literal",
    "Declarations are read without running them, so that a plan can be checked where its tools can't or mustn't run.",
    f"@tool(effect=EFFECT)\n{_SEARCH}",
    f'@tool(effect="read")\n{_SEARCH}',
    "",
    "pyi",
)
UNKNOWN_OPTION: Final = Rule(
    "T005",
    "unknown-option",
    "a declaration has an option that doesn't exist",
    "A misspelled option would silently declare nothing.",
    f'@tool(efect="read")\n{_SEARCH}',
    f'@tool(effect="read")\n{_SEARCH}',
    "",
    "pyi",
)
WRONG_OPTION: Final = Rule(
    "T006",
    "wrong-option",
    "an option of a declaration has a value that it can't have",
    "What a tool does to the world decides what may be merged, dropped, retried and started early; it must be clear.",
    f'@tool(effect="reads")\n{_SEARCH}',
    f'@tool(effect="read")\n{_SEARCH}',
    "",
    "pyi",
)
CONTRADICTION: Final = Rule(
    "T007",
    "contradictory-declaration",
    "two options of a declaration contradict each other",
    "One of the two is wrong, and which one decides whether a call may be repeated, folded or dropped.",
    '@tool(effect="pure", resource="web")\n' + _SEARCH,
    '@tool(effect="read", resource="web")\n' + _SEARCH,
    "",
    "pyi",
)
BAD_TOOL_NAME: Final = Rule(
    "T008",
    "bad-tool-name",
    "a name can't be that of a tool, which is left out or called otherwise",
    "`join` and `answer` end a plan; other names are letters, digits, `_`, `.`, `/` and `-`, a letter or `_` first.",
    "def answer(query: str) -> str: ...\n",
    '@tool(name="answer_question")\ndef answer(query: str) -> str: ...\n',
    "",
    "pyi",
)
REPEATED_TOOL: Final = Rule(
    "T009",
    "repeated-tool",
    "two tools have one name",
    "A plan calls tools by name. Overloads are not supported: declare a union instead.",
    "def search(query: str) -> str: ...\ndef search(query: list[str]) -> str: ...\n",
    "def search(query: str | list[str]) -> str: ...\n",
    "",
    "pyi",
)
VARIADIC_PARAMETER: Final = Rule(
    "T010",
    "variadic-parameter",
    "a tool takes `*args` or `**kwargs`",
    "The parameters of a tool are all named, so that calls can be checked and a planner can be told about them.",
    "def add(*numbers: float) -> float: ...\n",
    "def add(numbers: list[float]) -> float: ...\n",
    "",
    "pyi",
)
RESERVED_PARAMETER: Final = Rule(
    "T011",
    "reserved-parameter",
    "a parameter has a name that the language reserves",
    "`each` marks the argument that makes a call a fan-out.",
    "def paint(each: str) -> None: ...\n",
    "def paint(item: str) -> None: ...\n",
    "",
    "pyi",
)
UNKNOWN_RESOURCE: Final = Rule(
    "T012",
    "unknown-resource-parameter",
    "a resource names a parameter that the tool doesn't have",
    "Writes to one resource keep the order of the plan, so it must be known which resource a call touches.",
    '@tool(effect="write", resource="file:{name}")\ndef save(path: str, text: str) -> None: ...\n',
    '@tool(effect="write", resource="file:{path}")\ndef save(path: str, text: str) -> None: ...\n',
    "",
    "pyi",
)
UNKNOWN_TYPE: Final = Rule(
    "T013",
    "unknown-type",
    "an annotation names a type that the file doesn't define, so `Any` is assumed",
    "Arguments and results of type `Any` aren't checked before the plan runs.",
    "from shapes import Place\n\ndef find(name: str) -> Place: ...\n",
    "from typing import TypedDict\n\nclass Place(TypedDict):\n    name: str\n\ndef find(name: str) -> Place: ...\n",
    "",
    "pyi",
)
NOT_A_TYPE: Final = Rule(
    "T014",
    "not-a-type",
    "an annotation is not a type",
    "The types of parameters and results are what calls are checked against.",
    "def paint(colour: [str]) -> None: ...\n",
    "def paint(colour: list[str]) -> None: ...\n",
    "",
    "pyi",
)
NOT_A_FUNCTION: Final = Rule(
    "T015",
    "not-a-function-schema",
    "a JSON file of tools holds something that declares no function",
    "A function has a name and a schema of its arguments. What has none is left out; the others can be called.",
    '[{"type": "function", "function": {"description": "finds things"}}]\n',
    '[{"type": "function", "function": {"name": "search", "description": "finds things"}}]\n',
    "",
    "json",
)
BAD_SCHEMA: Final = Rule(
    "T016",
    "bad-json-schema",
    "a part of a JSON Schema is malformed, so that anything may stand there",
    "What isn't understood is read as `Any`, and not checked. The rest of the schema is.",
    '[{"name": "search", "parameters": {"type": "object", "properties": {"query": {"type": "text"}}}}]\n',
    '[{"name": "search", "parameters": {"type": "object", "properties": {"query": {"type": "string"}}}}]\n',
    "",
    "json",
)
UNKNOWN_BATCH: Final = Rule(
    "T017",
    "unknown-batch-form",
    "a tool names a batch form that is not among the tools",
    "Its calls could not be put together into one.",
    '[tool.lcc]\ntools = ["tools.pyi:fetch"]\n',
    '[tool.lcc]\ntools = ["tools.pyi"]\n',
    '@tool(effect="read", batch="fetch_all", max_batch=20)\ndef fetch(url: str) -> str: ...\n'
    '@tool(effect="read")\ndef fetch_all(calls: list[dict[str, str]]) -> list[str]: ...\n',
    "toml",
)
BAD_SPEC: Final = Rule(
    "T018",
    "not-a-tools-source",
    "what is given as a source of tools is neither a file nor a module",
    "A source is `FILE.py`, `FILE.pyi`, `FILE.json` or `package.module`, each with `:name` behind it for one tool.",
    '[tool.lcc]\ntools = ["./tools"]\n',
    '[tool.lcc]\ntools = ["tools.pyi"]\n',
    _SEARCH,
    "toml",
)
NO_MODULE: Final = Rule(
    "T019",
    "tools-module-not-found",
    "a module of tools can't be found",
    "Modules are looked for among the installed packages, then in the current folder; or in that of pyproject.toml.",
    '[tool.lcc]\ntools = ["no_such.module"]\n',
    '[tool.lcc]\ntools = ["tools.pyi"]\n',
    _SEARCH,
    "toml",
)
FAILING_IMPORT: Final = Rule(
    "T020",
    "tools-module-fails",
    "a module of tools raised an exception, or left the process, when it was imported",
    "Its tools don't exist. The line shown is the last one of the tools file that was running.",
    'import os\nimport lcc\n\nKEY = os.environ["THIS_KEY_DOES_NOT_EXIST"]\n\n@lcc.tool\ndef search(query: str) -> str:\n    return query\n',
    'import os\nimport lcc\n\nKEY = os.environ.get("THIS_KEY_DOES_NOT_EXIST")\n\n@lcc.tool\ndef search(query: str) -> str:\n    return query\n',
    "",
    "py",
)
NO_SUCH_OBJECT: Final = Rule(
    "T021",
    "no-such-tool",
    "a source of tools has no tool of the name that is asked for after the colon",
    "The name is that of the function in the file, or of an object that holds tools.",
    '[tool.lcc]\ntools = ["tools.pyi:serch"]\n',
    '[tool.lcc]\ntools = ["tools.pyi:search"]\n',
    _SEARCH,
    "toml",
)
UNUSABLE_TOOL: Final = Rule(
    "T022",
    "unusable-tool",
    "a Python object can't be used as a tool",
    "A tool is a function or a bound method whose parameters have names, and types that JSON values can be turned into.",
    "import lcc\nfrom collections.abc import Callable\n\n@lcc.tool\ndef apply(function: Callable[[int], int]) -> int:\n    return function(1)\n",
    "import lcc\n\n@lcc.tool\ndef apply(number: int) -> int:\n    return number + 1\n",
    "",
    "py",
)
MISMATCH: Final = Rule(
    "T023",
    "mismatched-declaration",
    "a tool's declaration and its implementation disagree",
    "Plans are checked against the declaration and run by the implementation.",
    "import lcc\n\n@lcc.tool\ndef search(text: str) -> str:\n    return text\n",
    "import lcc\n\n@lcc.tool\ndef search(query: str) -> str:\n    return query\n",
    _SEARCH,
    "py",
)
NO_IMPLEMENTATION: Final = Rule(
    "T024",
    "no-implementation",
    "a tool is declared, but there is no Python function behind it",
    "A stub or a JSON schema is enough to check a plan. To run it, give the file that implements the tools too.",
    '[tool.lcc]\ntools = ["tools.pyi"]\n',
    "[tool.lcc]\ntools = []\n",
    _SEARCH,
    "toml",
)
UNKNOWN_SETTING: Final = Rule(
    "T025",
    "unknown-setting",
    "[tool.lcc] in pyproject.toml has a key that doesn't exist",
    "A misspelled setting would silently set nothing.",
    "[tool.lcc]\ntoools = []\n",
    "[tool.lcc]\ntools = []\n",
    "",
    "toml",
)
WRONG_SETTING: Final = Rule(
    "T026",
    "wrong-setting",
    "a setting in [tool.lcc] has a value that it can't have",
    "It would be ignored, or mean something else than it seems to.",
    "[tool.lcc]\ntools = 3\n",
    "[tool.lcc]\ntools = []\n",
    "",
    "toml",
)

RULES: Final[tuple[Rule, ...]] = (
    UNREADABLE_FILE,
    SYNTAX,
    NO_TOOLS,
    NOT_A_LITERAL,
    UNKNOWN_OPTION,
    WRONG_OPTION,
    CONTRADICTION,
    BAD_TOOL_NAME,
    REPEATED_TOOL,
    VARIADIC_PARAMETER,
    RESERVED_PARAMETER,
    UNKNOWN_RESOURCE,
    UNKNOWN_TYPE,
    NOT_A_TYPE,
    NOT_A_FUNCTION,
    BAD_SCHEMA,
    UNKNOWN_BATCH,
    BAD_SPEC,
    NO_MODULE,
    FAILING_IMPORT,
    NO_SUCH_OBJECT,
    UNUSABLE_TOOL,
    MISMATCH,
    NO_IMPLEMENTATION,
    UNKNOWN_SETTING,
    WRONG_SETTING,
)
