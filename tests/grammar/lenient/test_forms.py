"""Read plans in the forms that models write, and refuse what stands beside calls and isn't understood."""

from __future__ import annotations

import time

import pytest
from chunks import Standing, events_of
from lines_run import lines_run

from lcc.grammar.front_ends import parse
from lcc.grammar.ir import Const, Let
from lcc.grammar.lenient import parse_model
from lcc.grammar.signatures import Tools, tools_by_name
from lcc.grammar.signatures.stubs import read_stub
from lcc.grammar.syntax.parser import Parsed
from lcc.grammar.syntax.print_plan import print_plan

STUB = """
@tool(effect="read")
def tide(port: str, day: str = "today") -> str: ...
@tool(effect="read")
def chart(area: str) -> str: ...
@tool(effect="read")
def post_notice(board: str, text: str) -> None: ...
@tool(effect="read")
def clock() -> str: ...
"""
"""Declared to read, so that what refuses a text is its form: beside other calls all prose would."""
TOOLS: Tools = tools_by_name(read_stub(STUB, "tools.pyi").signatures)


def read(text: str) -> Parsed:
    return parse_model(text, tools=TOOLS)


CLOCK = '{"name": "clock", "arguments": {}}'
TWO = '1. tide(port="Brest")\n2. post_notice(board="quay", text=$1)\n3. join()\n'
FORMS = {
    "data": '[{"tool": "tide", "args": {"port": "Brest"}}, {"tool": "post_notice", "args": {"board": "quay", "text": "$1"}}]',
    "ids": '[{"id": "t", "name": "tide", "arguments": {"port": "Brest"}}, {"id": "n", "name": "post_notice", "arguments": '
    '{"board": "quay", "text": "{{t.output}}"}, "depends_on": ["t"]}]',
    "JavaScript's literals": "[{tool: 'tide', args: {port: 'Brest'}}, {tool: 'post_notice', args: {board: 'quay', text: '<step-1>'}},]",
    "ids from 0": '[{"task": "tide", "id": 0, "dep": [-1], "args": {"port": "Brest"}}, {"task": "post_notice", "id": 1, "dep": [0], '
    '"args": {"board": "quay", "text": "<GENERATED>-0"}}]',
    "a list of objects": '1. {"tool": "tide", "args": {"port": "Brest"}}\n2. {"tool": "post_notice", "args": {"board": "quay", "text": "$1"}}\n3. join()\n',
    "bullets of objects": '- {"id": 1, "tool": "tide", "args": {"port": "Brest"}}\n- {"tool": "post_notice", "args": {"board": "quay", "text": "$1"}}\n',
    "YAML": "steps:\n  - id: a\n    tool: tide\n    args:\n      port: Brest\n  - tool: post_notice\n    args: {board: quay, text: '${a}'}\n",
    "a table": '| Nr | Tool | Args |\n|---|---|---|\n| 1 | tide | port="Brest" |\n| 2 | `post_notice` | board="quay", text="$1" |\n',
    "labels": '**Schritt 1: Gezeiten**\n- Werkzeug: tide\n- Eingabe: `{"port": "Brest"}`\n\n**Schritt 2**\n- Tool: post_notice\n- Input: board="quay", text="$1"\n',
    "a program": 'port = "Brest"\nt = tide(port=port)\nawait post_notice(board="quay", text=t)\n',
    "JavaScript": 'const t = await tide({port: "Brest"});\nawait post_notice({board: "quay", text: t}); // and that is all\n',
}
NATIVE = (
    '<tool_call>{"name": "tide", "arguments": {"port": "Brest"}}</tool_call>',
    "<tool_call>tide\n<arg_key>port</arg_key>\n<arg_value>Brest</arg_value>\n</tool_call>",
    "<tool_call><function=tide><parameter=port>\nBrest\n</parameter></function></tool_call>",
    '<function=tide>{"port": "Brest"}</function>',
    '<x:function_calls><x:invoke name="tide"><x:parameter name="port">Brest</x:parameter></x:invoke></x:function_calls>',
    "<tide><port>Brest</port></tide>",
    '[TOOL_CALLS]tide[ARGS]{"port": "Brest"}',
    '[TOOL_CALLS] [{"name": "tide", "arguments": {"port": "Brest"}}]',
    '<|tool_call_begin|>functions.tide:0<|tool_call_argument_begin|>{"port": "Brest"}<|tool_call_end|>',
    '<｜tool▁call▁begin｜>tide<｜tool▁sep｜>{"port": "Brest"}<｜tool▁call▁end｜>',
    '<|channel|>analysis<|message|>post_notice("a", "b")?<|end|><|start|>assistant<|channel|>commentary to=functions.tide <|constrain|>json<|message|>{"port": "Brest"}<|call|>',
    'assistant<|channel|>commentary to=functions.tide <|constrain|>json<|message|>{"port": "Brest"}',
    "<start_function_call>call:tide{port:<escape>Brest<escape>}<end_function_call>",
    '<|tool_call>call:tide{port:<|"|>Brest<|"|>}<tool_call|>',
    '<|python_tag|>tide(port="Brest")<|eom_id|>',
    '<|python_tag|>tide.call(port="Brest")<|eom_id|>',
    'Action: ```json\n[{"tool_name": "tide", "parameters": {"port": "Brest"}}]\n```',
    '[tide(port="Brest")]',
    '<<function>>tide(port="Brest")',
    '<|tools_prefix|>[{"tide": {"port": "Brest"}}]<|tools_suffix|>',
    '<answer>tide(port="Brest")</answer>',
    '```tool_code\nprint(default_api.tide(port="Brest"))\n```',
)


@pytest.mark.parametrize("form", FORMS)
def test_a_plan_is_read_in_every_form(form: str) -> None:
    parsed = read(FORMS[form])
    assert parsed.ok, parsed.diagnostics
    assert print_plan(parsed.plan) == TWO
    assert not parsed.repaired


@pytest.mark.parametrize("text", NATIVE)
def test_a_native_format_is_read_and_joins_everything(text: str) -> None:
    parsed = read(text)
    assert parsed.ok, parsed.diagnostics
    assert print_plan(parsed.plan) == '1. tide(port="Brest")\n2. join()\n'


CALL = 'post_notice("quay", "gale")'
AROUND = (
    "Do not run this: {}",
    "Falls nötig: {}",
    "Si besoin : {}",
    "Opcional: {}",
    "Если нужно: {}",
    "跳过：{}",
    "必要なら {}",
    "건너뜀: {}",
    "إذا لزم الأمر: {}",
    "Atla: {}",
    "{} if the harbour master agrees",
    "{} (nur bei Sturm)",
    "{} - optional",
    "{} or clock()",
    "{} ?",
    "~~{}~~",
    "<del>{}</del>",
    '"{}"',
    "> {}",
    "-- {}",
    "; {}",
    "% {}",
    "not {}",
    "❌ {}",
    "🚫 {}",
    "[x] {}",
    "<draft>{}</draft>",
    "if $1: {}",
    "unless $1, {}",
    "| {} |",
    "$ {}",
    "lambda: {}",
    "x if {} else y",
    "// {}",
    "# {}",
    "/* {} */",
    "<!-- {} -->",
    "{{# {} #}}",
    "<think>{}</think>",
    "<thinking>{}</thinking>",
    "[THINK]{}[/THINK]",
    "◁think▷{}◁/think▷",
    "Thought: {}",
    "Gedanke: {}",
    "思考：{}",
)
LINES = (
    "1. clock()\n{}\n3. join()\n",
    "1. clock()\n2. {}\n3. join()\n",
    "{}\n2. clock()\n3. join()\n",
    "1. clock()\n\n{}\n\n3. join()\n",
)


@pytest.mark.parametrize("around", AROUND)
def test_a_call_with_something_around_it_is_never_made(around: str) -> None:
    for line in LINES:
        for call in (CALL, f"2. {CALL}", '{"name": "post_notice", "arguments": {"board": "quay", "text": "gale"}}'):
            text = line.format(around.format(call))
            parsed = read(text)
            assert not parsed.ok or "post_notice" not in [task.tool for task in parsed.plan.tasks], text
            standing = Standing(events_of(list(text), TOOLS))
            assert {task.id: task for task in parsed.plan.tasks} == standing.tasks


@pytest.mark.parametrize(
    "before",
    [
        "If the harbour master agrees:",
        "Wenn der Wind dreht:",
        "Example:",
        "Optional:",
        "Only in a storm.",
        "Entweder:",
        "如果有风：",
        "もし風が強ければ：",
        "<proposal>",
        "```diff\n-",
    ],
)
@pytest.mark.parametrize("gap", ["\n", "\n\n"])
def test_a_line_above_a_call_is_known_or_refuses_it(before: str, gap: str) -> None:
    if gap == "\n\n" and not before.endswith((":", "：", ">", "-")):
        return  # a paragraph that stands apart before the plan is an aside
    for calls in (
        f"1. {CALL}\n2. join()\n",
        '[{"name": "post_notice", "arguments": {"board": "q", "text": "g"}}]',
        f"r = {CALL}\nprint(r)\n",
    ):
        assert not read(f"{before}{gap}{calls}").ok


@pytest.mark.parametrize(
    "before",
    [
        "Here is the plan:",
        "Sure, here is the plan:",
        "Plan:",
        "Hier ist der Plan:",
        "Voici le plan :",
        "Este es el plan:",
        "以下是计划：",
        "手順：",
        "계획:",
        "Вот план:",
    ],
)
def test_a_known_preface_is_an_aside(before: str) -> None:
    assert read(f"{before}\n1. clock()\n2. join()\n").ok
    assert read(f'{before}\n[{{"name": "clock", "arguments": null}}]').ok


@pytest.mark.parametrize(
    "text",
    [
        '[{"name": "clock"}, {"name": "tide", "arguments": {"port": "Brest"}, "condition": "if late"}]',
        '{"name": "tide", "arguments": {"port": "Brest"}} or {"name": "clock"}',
        '{"name": "tide", "arguments": {...}}',
        '{"name": "tide", "arguments": {"port": "Bre',
        '[{"id": 1, "name": "clock", "depends_on": [7]}]',
        '[{"id": 1, "name": "clock"}, {"id": 1, "name": "tide", "arguments": {"port": "a"}}]',
        'if clock() == "noon":\n    tide("Brest")\njoin()\n',
        "1. clock()\nif $1:\n    tide('Brest')\n",
        'if clock() == "noon":\n    final_answer(1)\n',
        't = tide("Brest")\nchart(f"{t} or $1")\n',
        'while clock():\n    tide("Brest"\n',
        "```python\nclock()\n```\n\n```python\nclock(\n```\n",
        't = tide("Brest")\nchart(t.strip())\njoin()\n',
        't = tide("Brest")\nchart(t[:3])\njoin()\n',
        't = tide("Brest")\nprint(chart("{t}"))\n',
        'async def main():\n    t = await tide("Brest")\n    await chart("{t}")\nasyncio.run(main())\n',
        "print(tide(port))\n",
        '1. clock()\n\n- {"name": "tide", "arguments": {"port": "Brest"}}\n\njoin()\n',
        '1. {"id": 4, "name": "clock"}\n2. {"name": "tide", "arguments": {"port": "Brest"}}\n3. join()\n',
        "| Tool | Input | When |\n|---|---|---|\n| tide | Brest | if late |\n",
        "<example>\n[tide(port='Brest')]\n</example>",
        "<|channel|>analysis<|message|>1. clock()\n2. join()<|end|>",
        "1. clock()\n...\n3. join()\n",
        '1. clock() && tide("Brest")\n2. join()\n',
        '(1. tide("Brest"))\n2. clock()\n3. join()\n',
        '1. clock()\nx2. tide("Brest")\n3. join()\n',
        '1. clock()\n-2. tide("Brest")\n3. join()\n',
        "```python\nclock()\n```\n\n```python\ntide('Brest')\n```\n",
        '1. clock()\n2. chart("a {step2} b")\n3. join()\n',
    ],
)
def test_what_is_not_understood_is_refused_with_a_place(text: str) -> None:
    parsed = read(text)
    found = [d for d in parsed.diagnostics if d.is_error]
    assert found
    assert found[0].span is not None
    assert not parsed.ok


@pytest.mark.parametrize(
    "text",
    [
        'if clock() == "noon":\n    tide("Brest")\n',
        "try:\n    clock()\nexcept Exception:\n    tide('Brest')\n",
        'Here is the plan:\n```python\nfor port in ["Brest", "Dover"]:\n    tide(port)\n```\n',
        't = tide("Brest")\nchart(t.strip())\n',
        "def level(port):\n    return int(tide(port)) + 1\nprint(level('Brest'))\n",
        "    n = 0\n    while n < 2:\n        tide(str(n))\n        n += 1\n",
        "import asyncio\n\nasync def main():\n    for port in ['a']:\n        await tide(port)\n\nasyncio.run(main())\n",
    ],
)
def test_a_program_with_more_than_calls_is_no_plan_of_calls(text: str) -> None:
    parsed = read(text)
    assert not parsed.ok
    assert parsed.plan.body is None
    (found,) = [one for one in parsed.diagnostics if one.is_error]
    assert "more than calls" in found.message
    assert found.span is not None
    assert 0 <= found.span.start < found.span.end <= len(text)


@pytest.mark.parametrize(
    ("text", "tools"),
    [
        ("const t = await tide(`Brest`);\nawait chart(`at ${t}, ${t}`);\n", ["tide", "chart"]),
        ('import asyncio\nt, c = await asyncio.gather(tide("Brest"), clock())\nawait chart(f"{t} {c}")\n', None),
        ('<|python_start|>[clock(), tide("Brest")]<|python_end|><|eot|>', ["clock", "tide"]),
        ("Let me look at the clock.\n\n<|action_start|><|plugin|>\n" + CLOCK + "<|action_end|>", ["clock"]),
        ("<|tool_call_start|>[clock()]<|tool_call_end|>\n\nLooking at the clock now.", ["clock"]),
        ("<|tool_call_start|>[clock()]<|tool_call_end|>Looking at the clock now.<|im_end|>", ["clock"]),
        ("I look at the clock.<|action_start|><|plugin|>\n" + CLOCK + "<|action_end|>", ["clock"]),
        (
            '[{"id": "t", "name": "tide", "arguments": {"port": "x"}}, {"name": "chart", "arguments": {"area": {"$ref": "t"}}}]',
            ["tide", "chart"],
        ),
        (
            '[{"step": 1, "tool": "clock"}, {"step": 2, "tool": "chart", "args": {"area": {"from_step": 1, "field": "zone"}}}]',
            ["clock", "chart"],
        ),
        ('{"content": [{"type": "tool_use", "name": "clock", "input": {}}], "stop_reason": "tool_use"}', ["clock"]),
        (
            '{"candidates": [{"content": {"parts": [{"functionCall": {"name": "clock", "args": {}}}]}, "finishReason": "STOP"}]}',
            ["clock"],
        ),
        (
            '<plan>\n  <step id="a" tool="tide">\n    <arg name="port">x</arg>\n  </step>\n  <step tool="clock">\n  </step>\n</plan>',
            ["tide", "clock"],
        ),
        ("```ts\nconst [a, b]: string[] = await Promise.all([clock(), tide({ port: 'x' })]);\n```", ["clock", "tide"]),
        (
            '```js\nconst a = await clock();\n/* await tide({ port: "x" });\n   await chart({ area: a }); */\n```',
            ["clock"],
        ),
        ("🚀 Plano:\n\n1️⃣ clock()\n2️⃣ join()\n", ["clock"]),
        ("Sure, here you go:\n1. clock()\n2. join()\n", ["clock"]),
        ("steps:\n  - uses: tide\n    with:\n      port: Brest\n  - uses: clock\n", ["tide", "clock"]),
        (
            '1. tide("x") [depends on: none]\n2. chart($1) [depends on: 1]\n3. join() [depends on: 1, 2]\n',
            ["tide", "chart"],
        ),
        ("<execute>\nnow = clock()\nprint(now)\n</execute>", ["clock"]),
        ('const area = await tide({port: "x"});\nawait chart({area: area});\n', ["tide", "chart"]),
        ("functools[" + CLOCK + "]", ["clock"]),
        ('{"step_1": ' + CLOCK + ', "step_2": {"tool": "chart", "args": {"area": "$1"}}}', ["clock", "chart"]),
        ('[{"jsonrpc": "2.0", "id": 1, "method": "clock", "params": {}, "condition": null}]', ["clock"]),
        ('[{"label": "$a", "name": "clock"}, {"name": "chart", "arguments": {"area": "$a.x$"}}]', ["clock", "chart"]),
    ],
)
def test_other_ways_to_write_calls_are_read(text: str, tools: list[str] | None) -> None:
    parsed = read(text)
    assert parsed.ok, parsed.diagnostics
    assert [task.tool for task in parsed.plan.tasks] == (tools or ["tide", "clock", "chart"])


@pytest.mark.parametrize(
    "text",
    [
        "e.g. <tool_call>" + CLOCK + "</tool_call>",
        "Not that one <tool_call>" + CLOCK + "</tool_call>",
        "Only if it is late. <tool_call>" + CLOCK + "</tool_call>",
        "Only if it is late.\n<tool_call>" + CLOCK + "</tool_call>",
        "<tool_call>" + CLOCK + "</tool_call> if it is late",
        "If it is late<|tool_call_start|>[clock()]<|tool_call_end|>",
        "If it is late:<|tool_call_start|>[clock()]<|tool_call_end|>",
        "<|tool_call_start|>[clock()] if it is late<|tool_call_end|>",
        '<|tool_call_start|>[tell("late")]<|tool_call_end|>Only if it is late.',
        '1. tide("x")\n2. join() [depends on: 1, 2]',
        "I look up the tide at Brest.\n\n1. join()\n",
        '1. tide("x")\n2. chart("[wynik kroku 1]")\n3. join()',
        '{"content": [{"type": "tool_use", "name": "clock", "input": {}}], "stop_reason": "max_tokens"}',
        '<plan>\n  <step id="a" tool="clock" when="late">\n  </step>\n</plan>',
        '```js\nconst a = await clock();\n/* await tide({ port: "x" });\n```',
        "❌ Plano:\n\n1. clock()\n2. join()\n",
        '[{"id": "t", "name": "chart", "arguments": {"area": {"$ref": "t", "if": "late"}}}]',
        '{"then": ' + CLOCK + ', "else": {"tool": "chart", "args": {"area": "x"}}}',
        '[{"id": 1, "name": "clock"}, {"id": 2, "name": "chart", "arguments": {"area": "{{1.output || 2.output}}"}}]',
        '[{"id": "n", "name": "clock"}, {"id": "m", "name": "chart", "arguments": {"area": "{{ n | upper }}"}}]',
        '[{"name": "chart", "arguments": {"area": "{{before.output}}"}}, {"name": "clock"}]',
    ],
)
def test_what_only_looks_like_one_of_them_is_refused(text: str) -> None:
    parsed = read(text)
    assert not parsed.ok
    assert all(one.span is not None for one in parsed.diagnostics if one.is_error)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ('async def main():\n    t = await tide("Brest")\n    return t\nasyncio.run(main())\n', "tide"),
        ('a, b = await asyncio.gather(tide("Brest"), chart("Wash"))\nreturn b\n', "tide chart"),
        ('const [a, b] = await Promise.all([tide("Brest"), chart("Wash")]);\nconsole.log(b);\n', "tide chart"),
        ('r = {"at": clock()}\nprint(chart("at " + r["at"]))\n', "clock chart"),
        ("def now():\n    return clock()\nchart(now())\n", "clock chart"),
        ("  x = clock()\n  chart(str(x))\n", "clock chart"),
    ],
)
def test_a_program_of_nothing_but_calls_is_a_plan_of_tasks(text: str, lines: str) -> None:
    parsed = read(text)
    assert parsed.ok, parsed.diagnostics
    assert [task.tool for task in parsed.plan.tasks] == lines.split()
    assert [found.code for found in parsed.diagnostics] == ["R007"]


def test_a_program_is_refused_by_the_python_front_end_in_the_lines_of_the_text() -> None:
    text = "Plan:\n```python\nx = clock()\nimport os\nchart(y)\n```\n"
    found = [d for d in read(text).diagnostics if d.is_error]
    assert [(d.code, text[d.span.start : d.span.end]) for d in found if d.span] == [("P051", "os"), ("P050", "y")]


WRITES: Tools = tools_by_name(
    read_stub(
        '@tool(effect="read")\ndef clock() -> str: ...\n@tool(effect="read")\ndef chart(area: str) -> str: ...\n'
        '@tool(effect="write")\ndef post_notice(board: str, text: str) -> None: ...\n',
        "tools.pyi",
    ).signatures
)


@pytest.mark.parametrize(
    "said",
    [
        "## Not before noon",
        "### If the gale comes",
        "# Only in a storm:",
        '"""Not before noon."""',
        '"Only in a storm:"',
    ],
)
def test_what_may_say_something_about_a_write_refuses_a_program_without_a_fence(said: str) -> None:
    program = f"n = {CALL}\nprint(n)\n"
    for text in (f"{said}\n{program}", f"clock()\n\n{said}\n\n{program}", f"{program}{said}\n"):
        assert not parse_model(text, tools=WRITES).ok
        assert parse_model(f"```python\n{text}```\n", tools=WRITES).ok
        assert parse_model(text.replace(CALL, 'chart("quay")'), tools=WRITES).ok
    inner = f"if clock():\n    {said}\n    n = {CALL}\n"
    assert said.startswith(('"', "# ")) or not parse_model(inner, tools=WRITES).ok


@pytest.mark.parametrize("said", ["# tell the harbour", "## Plan", "# Step 1:", "# Then:"])
def test_comments_of_a_program_and_known_prefaces_in_it_are_asides(said: str) -> None:
    assert parse_model(f"{said}\nn = {CALL}\nprint(n)\n", tools=WRITES).ok


@pytest.mark.parametrize("program", ["n = int(clock())\nn = n // 2\n", "n = (\n    int(clock())\n    // 2\n)\n"])
def test_two_slashes_divide_where_nothing_is_javascript(program: str) -> None:
    text = f"{program}chart(str(n))\n"
    assert "more than calls" in str(parse_model(text, tools=WRITES).diagnostics)
    body = parse(text, "python", tools=WRITES).plan.body or ()
    assert "operator //" in str([one.value for one in body if isinstance(one, Let)])


@pytest.mark.parametrize(
    "program",
    [
        "const n = await clock() // now\nawait chart({area: n}) // 2\n",
        "n = await clock();\n// 2\nawait chart({area: n}); // 3\n",
    ],
)
def test_two_slashes_begin_a_remark_in_javascript(program: str) -> None:
    assert print_plan(parse_model(program, tools=WRITES).plan) == "1. clock()\n2. chart(area=$1)\n3. join()\n"


def test_a_text_in_three_quotes_is_the_programs_own_whatever_its_lines_look_like() -> None:
    parsed = parse_model('t = """# Gale\nPlan:\n\nAll ships:\n"""\npost_notice("quay", t)\n', tools=WRITES)
    assert print_plan(parsed.plan) == '1. post_notice("quay", "# Gale\\nPlan:\\n\\nAll ships:\\n")\n2. join()\n'


def test_a_token_that_quotes_is_text_where_it_is_quoted_itself() -> None:
    parsed = read('<tool_call>{"name": "chart", "arguments": {"area": "<escape>a<escape>"}}</tool_call>')
    assert parsed.plan.tasks[0].args[0].value == Const("<escape>a<escape>")
    parsed = read('<start_function_call>call:chart{area:<escape>so "a"<escape>}<end_function_call>')
    assert parsed.plan.tasks[0].args[0].value == Const('so "a"')
    assert not read(r"<start_function_call>call:chart{area:<escape>a\b<escape>}<end_function_call>").ok


def test_a_text_of_several_lines_in_yaml_is_read_with_its_lines() -> None:
    text = (
        "- tool: post_notice\n  args:\n    board: quay\n    text: {}\n      # Gale\n\n      from: NW\n- tool: clock\n"
    )
    for mark, wanted in (("|", "# Gale\\n\\nfrom: NW\\n"), (">-", "# Gale from: NW")):
        printed = print_plan(read(text.format(mark)).plan)
        assert printed == f'1. post_notice(board="quay", text="{wanted}")\n2. clock()\n3. join()\n'


@pytest.mark.parametrize(
    "table",
    [
        "| Tool | Input | Args |\n|---|---|---|\n| tide | Brest | Dover |\n",
        "| Tool | Tool |\n|---|---|\n| clock | tide |\n",
    ],
)
def test_a_table_that_says_the_same_twice_is_refused(table: str) -> None:
    assert not read(table).ok


def test_a_name_behind_a_call_is_its_result() -> None:
    parsed = read('1. tide("Brest") -> high\n2. chart("about {high}") [deps: 1]\n3. join($2)\n')
    assert print_plan(parsed.plan) == '1. tide("Brest")\n2. chart("about $1")\n3. join($2)\n'


NOTATIONS = (
    *(
        "{step_1}",
        "{step1}",
        "{{step_1}}",
        "<call-1>",
        "[[result_1]]",
        "#S1",
        "[step 1]",
        "${step_1}",
        "{{1}}",
        "<1>",
        "{1}",
        "#E1",
    ),
    *(
        "<<step 1>>",
        "${{steps.1.output}}",
        "«result 1»",
        "%step1%",
        "{the result of step 1}",
        "@task1",
        "$(1)",
        "{{ 步骤1 }}",
        "<T1>",
    ),
)


@pytest.mark.parametrize("written", NOTATIONS)
def test_a_known_notation_has_its_exact_extent(written: str) -> None:
    wanted = '1. clock()\n2. chart("a $1 b")\n3. join()\n'
    assert print_plan(read(f'1. clock()\n2. chart("a {written} b")\n3. join()\n').plan) == wanted
    data = f'[{{"name": "clock"}}, {{"name": "chart", "arguments": ["a {written} b"]}}]'
    assert print_plan(read(data).plan) == wanted


@pytest.mark.parametrize(
    "written", ["{node[1} x", "^S1", "~step_1", "|step1|", "step1.output", "{{{step_1}", "&task-1", "<step 1 or none>"]
)
def test_what_looks_like_a_reference_and_is_none_is_an_error_and_never_text(written: str) -> None:
    for text in (
        f'1. clock()\n2. chart("a {written} b")\n3. join()\n',
        f'[{{"name": "clock"}}, {{"name": "chart", "arguments": ["a {written} b"]}}]',
    ):
        found = [d for d in read(text).diagnostics if d.is_error]
        assert [d.code for d in found] == ["P010"], read(text)


def test_beside_the_notation_of_the_language_others_are_text() -> None:
    text = '1. clock()\n2. chart("$1")\n3. chart("#S1, {step1} and ^S1")\n4. join()\n'
    assert print_plan(read(text).plan) == text


HOSTILE = (
    "[" * 9,
    '{"a": ',
    "<tool_call>",
    "<think>",
    "/*",
    '"""',
    "| a |",
    "Tool: tide\n",
    "- a: b\n",
    '{"name": "clock"}',
    "x = clock()\n",
    "Here is the plan: ",
    "(((",
    "<|channel|>",
    "word ",
    "`",
    "#S1 ",
    "{step_1} ",
    "<tool_call>x",
    "```python\n",
    "analysis",
    "a1",
    "<step 1 ",
    "{the result of ",
    "[step ",
    "1. clock() ... ",
    "Tool: tide\nInput: {\n",
    "const a = await clock();\n",
    "def f():\n",
    "if clock():\n  ",
    "#E1 = clock[",
    "- tool: tide\n  args:\n",
    "<invoke name='tide'><parameter name='port'>",
)


@pytest.mark.parametrize("piece", HOSTILE)
def test_work_is_linear_in_a_hostile_text(piece: str) -> None:
    def read_all(size: int) -> None:
        parse(piece * (size // len(piece)), "model", tools=TOOLS)

    read_all(1_000)
    assert lines_run(lambda: read_all(16_000)) < 10 * lines_run(lambda: read_all(2_000))
    begun = time.process_time()
    read_all(160_000)
    assert time.process_time() - begun < 20  # ten times what the slowest takes


def test_calls_of_data_stand_behind_what_they_depend_on() -> None:
    text = '[{"id": "b", "name": "chart", "args": ["x"], "depends_on": ["a"]}, {"id": "a", "name": "clock"}]'
    assert [task.tool for task in read(text).plan.tasks] == ["clock", "chart"]
    listed = '1. {"tool": "tide", "args": ["Brest"]}\n4. {"tool": "chart", "args": ["$1"], "depends_on": [1]}\njoin()\n'
    assert [(task.id, task.after) for task in read(listed).plan.tasks] == [(1, ()), (4, ())]
    circle = text.replace('"name": "clock"', '"name": "clock", "depends_on": ["b"]')
    assert [d.code for d in read(circle).diagnostics if d.is_error] == ["P010"]


@pytest.mark.parametrize(
    "text",
    [
        '#E1 = chart($2)\n#E2 = chart("{{1}}")\njoin()\n',
        '[{"id": "a", "name": "chart", "args": ["<b>"]}, {"id": "b", "name": "chart", "args": ["{{a}}"]}]',
        '[{"id": "a", "name": "chart", "args": [{"$ref": "a"}]}]',
    ],
)
def test_calls_that_wait_for_one_another_are_an_error_in_any_notation(text: str) -> None:
    assert [d.code for d in read(text).diagnostics if d.is_error] == ["P010"], read(text)
    assert not read(text).plan.tasks
