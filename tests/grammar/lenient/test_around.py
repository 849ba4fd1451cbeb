"""Put something around one call of a plan, in every form: the plan is refused, or the call isn't made."""

from __future__ import annotations

from dataclasses import replace

import pytest
from chunks import events_of
from test_forms import TOOLS

from lcc.grammar.front_ends import parse
from lcc.grammar.ir.blocks import calls_of
from lcc.grammar.signatures import Effect, Tools

JSON = '{"name": "post_notice", "arguments": {"board": "quay", "text": "gale"}}'
CALL = 'post_notice("quay", "gale")'
FORMS = {
    "numbered": ("1. clock()\n%s\n3. join()\n", '2. post_notice("quay", "gale")'),
    "numbered2": ("1. clock()\n2. %s\n3. join()\n", CALL),
    "numbered only": ("%s\n", '1. post_notice("quay", "gale")'),
    "bare": ("clock()\n%s\njoin()\n", CALL),
    "json list": ('[{"name": "clock"},\n%s\n]', JSON),
    "json lines": ('{"name": "clock"}\n%s\n', JSON),
    "json alone": ("%s", JSON),
    "tool_call": (
        '<tool_call>{"name": "clock"}</tool_call>\n%s\n',
        '<tool_call>{"name": "post_notice", "arguments": {"board": "quay", "text": "gale"}}</tool_call>',
    ),
    "tool_call inner": ('<tool_call>{"name": "clock"}</tool_call>\n<tool_call>%s</tool_call>\n', JSON),
    "invoke": (
        '<function_calls>\n<invoke name="clock"></invoke>\n%s\n</function_calls>',
        '<invoke name="post_notice"><parameter name="board">quay</parameter><parameter name="text">gale</parameter></invoke>',
    ),
    "function": (
        "<function=clock>{}</function>\n%s",
        '<function=post_notice>{"board": "quay", "text": "gale"}</function>',
    ),
    "mistral": ("[TOOL_CALLS]clock[ARGS]{}\n%s", 'post_notice[ARGS]{"board": "quay", "text": "gale"}'),
    "pythonic": ("[clock(),\n%s]", CALL),
    "python_tag": ("<|python_tag|>clock()\n%s\n<|eom_id|>", CALL),
    "yaml": ("- tool: clock\n  args: {}\n%s\n", "- tool: post_notice\n  args: {board: quay, text: gale}"),
    "table": ("| Tool | Args |\n|---|---|\n| clock | |\n%s\n", '| post_notice | board="quay", text="gale" |'),
    "fields": ("Tool: clock\nInput: {}\n\n%s\n", 'Tool: post_notice\nInput: {"board": "quay", "text": "gale"}'),
    "react": (
        "Thought: x\nAction: clock\nAction Input: {}\n%s\n",
        'Action: post_notice\nAction Input: {"board": "quay", "text": "gale"}',
    ),
    "program": ("a = clock()\n%s\nprint(a)\n", CALL),
    "program fenced": ("```python\na = clock()\n%s\nprint(a)\n```\n", CALL),
    "js": ("const a = await clock();\n%s\n", 'await post_notice("quay", "gale");'),
    "harmony": (
        "%s",
        '<|start|>assistant<|channel|>commentary to=functions.post_notice<|constrain|>json<|message|>{"board": "quay", "text": "gale"}<|call|>',
    ),
    "deepseek": (
        "<｜tool▁calls▁begin｜>%s<｜tool▁calls▁end｜>",
        '<｜tool▁call▁begin｜>function<｜tool▁sep｜>post_notice\n```json\n{"board": "quay", "text": "gale"}\n```<｜tool▁call▁end｜>',
    ),
    "glm": (
        "%s",
        "<tool_call>post_notice\n<arg_key>board</arg_key>\n<arg_value>quay</arg_value>\n<arg_key>text</arg_key>\n<arg_value>gale</arg_value>\n</tool_call>",
    ),
    "gemma": (
        "%s",
        "<start_function_call>call:post_notice{board:<escape>quay<escape>,text:<escape>gale<escape>}<end_function_call>",
    ),
    "keyword": ("1. clock()\n%s\n3. join()\n", '2. post_notice: "quay", "gale"'),
    "rewoo": ("#E1 = clock[]\n%s\n", '#E2 = post_notice["quay", "gale"]'),
}
"""A plan with a place for its last call, and that call."""
AROUND = (
    "Do not run: {}",
    "Never do this: {}",
    "Nicht ausführen: {}",
    "Ne pas exécuter : {}",
    "No ejecutar: {}",
    "Não execute: {}",
    "Non eseguire: {}",
    "Не выполнять: {}",
    "不要执行：{}",
    "実行しない: {}",
    "실행하지 마세요: {}",
    "لا تنفذ: {}",
    "मत चलाओ: {}",
    "If it rains, {}",
    "Wenn nötig: {}",
    "S'il pleut : {}",
    "Si hace falta: {}",
    "Если нужно, {}",
    "如果需要，{}",
    "必要なら、{}",
    "필요하면 {}",
    "إذا لزم الأمر: {}",
    "Gerekirse: {}",
    "Nếu cần: {}",
    "{} if it rains",
    "{} — only after approval",
    "{} (optional)",
    "{} (nicht nötig)",
    "{} n'est pas nécessaire",
    "{} no hace falta",
    "{} не нужно",
    "{} 不需要",
    "{} は不要",
    "{} is not needed",
    "{} or not",
    "{} unless $1 is low",
    "{} when asked",
    "{}?",
    "{} ...",
    "Either {}",
    "or {}",
    "Option A: {}",
    "Alternatively, {}",
    "oder {}",
    "ou bien {}",
    "o si no {}",
    "或者 {}",
    "または {}",
    "# {}",
    "// {}",
    "/* {} */",
    "<!-- {} -->",
    "-- {}",
    "; {}",
    "% {}",
    "{{# {} #}}",
    '"""\n{}\n"""',
    "'''{}'''",
    "rem {}",
    "(* {} *)",
    "{{/* {} */}}",
    "<%-- {} --%>",
    "=begin\n{}\n=end",
    '"{}"',
    "'{}'",
    "> {}",
    "« {} »",
    "„{}“",
    "「{}」",
    "~~{}~~",
    "<del>{}</del>",
    "<s>{}</s>",
    "<strike>{}</strike>",
    "<blockquote>{}</blockquote>",
    "||{}||",
    "-{}-",
    "<example>{}</example>",
    "<draft>{}</draft>",
    "<skip>{}</skip>",
    "<if cond='x'>{}</if>",
    "<optional>{}</optional>",
    "<template>{}</template>",
    "<rejected>{}</rejected>",
    "<previous>{}</previous>",
    "[quote]{}[/quote]",
    "[spoiler]{}[/spoiler]",
    "{{% comment %}}{}{{% endcomment %}}",
    "<details><summary>old</summary>{}</details>",
    "<think>{}</think>",
    "<thinking>{}</thinking>",
    "<reasoning>{}</reasoning>",
    "[THINK]{}[/THINK]",
    "◁think▷{}◁/think▷",
    "<|begin_of_thought|>{}<|end_of_thought|>",
    "<|START_THINKING|>{}<|END_THINKING|>",
    "❌ {}",
    "🚫 {}",
    "☐ {}",
    "[ ] skip {}",
    "[x] {}",
    "TODO: {}",
    "Example: {}",
    "e.g. {}",
    "z. B. {}",
    "par exemple {}",
    "Beispiel: {}",
    "例：{}",
    "例えば {}",
    "예: {}",
    "напр. {}",
    "P.S. {}",
    "Note: {}",
    "Warning: {}",
    "Previously: {}",
    "User: {}",
    "Example:\n{}",
    "If asked:\n{}",
    "Otherwise:\n{}",
    "Sinon :\n{}",
    "Falls das scheitert:\n{}",
    "Si falla:\n{}",
    "Если не выйдет:\n{}",
    "如果失败：\n{}",
    "失敗したら：\n{}",
    "실패하면:\n{}",
    "```diff\n- {}\n```",
    "Only if needed.\n{}",
    "Not yet:\n\n{}",
    "The following must not be done:\n\n{}",
)
"""Negations, conditions, alternatives, comments, quotations, foreign tags and thoughts, in many languages and markups."""
WHOLE = "<s>{}</s>"
"""The marks of the beginning and the end of a text, where it stands around all of it."""


def reads_it(text: str) -> bool:
    parsed = parse(text, "model", tools=TOOLS)
    return parsed.ok and any(call.tool == "post_notice" for call in calls_of(parsed.plan))


@pytest.mark.parametrize("form", FORMS)
def test_a_call_with_something_around_it_is_not_made(form: str) -> None:
    text, call = FORMS[form]
    assert reads_it(text % call)
    made = [around for around in AROUND if reads_it(text % around.format(call))]
    assert made == ([WHOLE] if text.strip() == "%s" else [])


@pytest.mark.parametrize("form", FORMS)
def test_however_a_form_is_cut_its_events_are_the_same(form: str) -> None:
    text, call = FORMS[form]
    for whole in (text % call, *(text % around.format(call) for around in AROUND[::9])):
        at_once = events_of([whole], TOOLS)
        assert events_of(list(whole), TOOLS) == at_once
        assert events_of([whole[at : at + 7] for at in range(0, len(whole), 7)], TOOLS) == at_once


@pytest.mark.parametrize(
    "said", ["Or rather this one.", "Sinon, ceci.", "Falls das scheitert, dies.", "或者这个。", "Иначе вот это."]
)
def test_between_calls_there_is_no_room_for_prose(said: str) -> None:
    made = [form for form, (text, call) in FORMS.items() if reads_it(text % f"\n{said}\n\n{call}")]
    assert made == [form for form, (text, _) in FORMS.items() if text.strip() == "%s"]


WRITING = {**TOOLS, "post_notice": replace(TOOLS["post_notice"], effect=Effect.WRITE)}
UNDECLARED = {**TOOLS, "post_notice": replace(TOOLS["post_notice"], effect=Effect.UNDECLARED)}
SAID = (
    "Do not do any of this.",
    "This was an illustration; nothing is to be done.",
    "I have not sent this yet. Shall I?",
    "N'exécutez surtout pas ce plan.",
    "Das ist nur ein Beispiel.",
    "Esto es solo un ejemplo.",
    "Это только пример.",
    "这只是一个例子。",
    "これは例にすぎません。",
    "هذا مثال فقط.",
    "**Rejected**",
    "## Rejected",
    "### Nur bei Bedarf",
)
"""Paragraphs and headings that stand apart: what they say can't be known by their form."""


@pytest.mark.parametrize("tools", [WRITING, UNDECLARED], ids=["write", "undeclared"])
@pytest.mark.parametrize("form", FORMS)
def test_prose_that_stands_apart_from_a_call_that_may_write_refuses_the_plan(form: str, tools: Tools) -> None:
    text, call = FORMS[form]
    whole = (text % call).rstrip("\n")
    front_end = "rewoo" if form == "rewoo" else "model"
    assert parse(whole, front_end, tools=tools).ok
    for said in SAID:
        if form == "yaml" and said.startswith("#"):
            continue  # a comment of YAML
        for around in (f"{said}\n\n{whole}\n", f"{whole}\n\n{said}\n", f"{said}\n{said}\n\n{whole}\n\n{said}\n"):
            parsed = parse(around, front_end, tools=tools)
            assert any(d.is_error and d.span is not None for d in parsed.diagnostics), around
            if front_end == "model":
                at_once = events_of([around], tools)
                assert events_of([around[at : at + 5] for at in range(0, len(around), 5)], tools) == at_once


def test_prose_refuses_a_call_of_a_tool_that_is_not_among_those_given_and_is_a_warning_where_none_are() -> None:
    for text in (f"{SAID[0]}\n\n1. {CALL}\n2. join()\n", f"{JSON}\n\n{SAID[1]}"):
        assert "R045" in {
            d.code for d in parse(text, "model", tools={"clock": TOOLS["clock"]}).diagnostics if d.is_error
        }
        assert parse(text, "model").ok  # nothing can be called; the plan is to be read all the same
        assert parse(text, "model", tools=TOOLS).ok


@pytest.mark.parametrize(
    "text",
    [
        f"If asked:\nHere is the plan:\n1. {CALL}\n2. join()\n",
        f"If asked:\n\nSome words.\n\n1. {CALL}\n2. join()\n",
        f"// if asked:\n1. {CALL}\n2. join()\n",
        f"1. clock()\n\nOr rather this.\nThen:\n2. {CALL}\n3. join()\n",
        f"If asked:\n\nSome words.\n\n{JSON}",
        f"If asked:\nHere is the plan:\n{JSON}",
    ],
)
def test_what_announces_a_call_does_so_whatever_stands_between_them(text: str) -> None:
    assert not reads_it(text)


@pytest.mark.parametrize("said", ["Sure!", "Certainly.", "Okay", "好的。", "Here is the plan:", "Voici le plan :"])
def test_a_word_of_assent_and_a_known_preface_are_no_prose(said: str) -> None:
    for front_end, plan in (("model", f"1. {CALL}\n2. join()\n"), ("model", JSON)):
        assert parse(f"{said}\n\n{plan}", front_end, tools=WRITING).ok


@pytest.mark.parametrize(
    "text",
    [
        f"[2) {CALL}]\njoin()\n",
        f"(2] {CALL}\njoin()\n",
        f"<2) {CALL}>\njoin()\n",
        f"[1) {CALL}\njoin()\n",
    ],
)
def test_a_number_in_a_bracket_that_something_else_closes_is_none(text: str) -> None:
    assert not reads_it(text)


def test_no_call_stands_behind_the_mark_of_the_end_in_a_comment() -> None:
    assert not reads_it(f"<s>1. clock() # now</s>\n2. {CALL}\n3. join()\n")
    assert reads_it(f"<s>1. clock() # now\n2. {CALL}\n3. join()</s>\n")
