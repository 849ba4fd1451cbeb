"""Graphs show what depends on what, and nothing in a plan's text can change them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from strategies import lowered_plans, plans, texts

from lcc.grammar.diagnostics.terminal import escape
from lcc.grammar.drawing import LABEL_WIDTH, dot, mermaid, picture
from lcc.grammar.ir import Arg, Const, Element, Format, Input, InputDecl, Join, Plan, Ref, Task
from lcc.grammar.signatures import Effect, Signature, tools_by_name
from lcc.grammar.syntax.parser import parse_plan

TRIP = parse_plan(
    """
input city: str = "Paris"
1. search($city)
2. list_sights("sights of $city")
3. visit(each $2, day=1)
4. note("say \\"$1[0]\\"")
5. join($3, $1.name)
"""
).plan
ORDERED = Plan(TRIP.inputs, (*TRIP.tasks[:3], Task(4, "note", TRIP.tasks[3].args, after=(1, 3))), TRIP.join)
TOOLS = tools_by_name([Signature("note", effect=Effect.WRITE), Signature("search", effect=Effect.READ)])


def test_a_mermaid_flowchart_shows_tasks_data_order_and_fan_outs() -> None:
    assert (
        mermaid(ORDERED, TOOLS)
        == """flowchart TD
    in_city[/"#36;city#58; str"/]
    t1["1#46; search(#36;city)"]
    t2["2#46; list#95;sights(#34;sights of #36;city#34;)"]
    t3[["3#46; visit(each #36;2, day=1)"]]
    t4["4#46; note(#39;say #34;#36;1#91;0#93;#34;#39;)"]
    join(["join(#36;3, #36;1#46;name)"])
    in_city --> t1
    in_city --> t2
    t2 -->|each| t3
    t1 --> t4
    t3 -.-> t4
    t3 --> join
    t1 --> join
    classDef writes stroke-width:3px
    class t4 writes
"""
    )


def test_a_digraph_shows_tasks_data_order_and_fan_outs() -> None:
    assert (
        dot(ORDERED, TOOLS)
        == r"""digraph plan {
    node [shape=box];
    in_city [label="$city: str", shape=parallelogram];
    t1 [label="1. search($city)"];
    t2 [label="2. list_sights(\"sights of $city\")"];
    t3 [label="3. visit(each $2, day=1)", shape=box3d];
    t4 [label="4. note('say \"$1[0]\"')", penwidth=3];
    join [label="join($3, $1.name)", shape=box, style=rounded];
    in_city -> t1;
    in_city -> t2;
    t2 -> t3 [label="each"];
    t1 -> t4;
    t3 -> t4 [style=dashed];
    t3 -> join;
    t1 -> join;
}
"""
    )


def test_elements_are_nodes_of_their_own() -> None:
    elements = (Task(Element(3, 0), "f"), Task(Element(3, 1), "f", (Arg(None, Ref(Element(3, 0))),)))
    drawn = mermaid(Plan(tasks=elements, join=Join((Ref(Element(3, 1)),), (3,), id=4)))
    assert 't3_1["3#91;1#93;#46; f(#36;3#91;0#93;)"]' in drawn
    assert "t3_0 --> t3_1" in drawn
    assert 'join(["join()"])' in drawn


def test_a_long_call_is_cut_visibly() -> None:
    drawn = dot(Plan(tasks=(Task(1, "f", (Arg(None, Const("x" * 1000)),)),)))
    assert f'label="1. f(\\"{"x" * (LABEL_WIDTH - 7)}…"]' in drawn


def test_a_reference_to_nothing_draws_no_edge() -> None:
    plan = Plan((), (Task(1, "f", (Arg(None, Ref(9)), Arg(None, Input("x"))), after=(8,)),), Join((Ref(7),)))
    assert "->" not in dot(plan)
    assert "--" not in mermaid(plan)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('"]; evil', "#39;#34;#93;#59; evil#39;"),
        ("--> [[x]]", "#34;#45;#45;#62; #91;#91;x#93;#93;#34;"),
        ("<b>&lt;", "#34;#60;b#62;#38;lt#59;#34;"),
        ("`*a_b*`", "#34;#96;#42;a#95;b#42;#96;#34;"),
        ("%%{init}%%", "#34;#37;#37;#123;init#125;#37;#37;#34;"),
        ("style: #x;", "#34;style#58; #35;x#59;#34;"),
        ("ﬂ°°60¶ß", "#34;#64258;°°60#182;ß#34;"),
        ("a\nb\\", "#34;a#92;nb#92;#92;#34;"),
        ("東京 é", "#34;東京 é#34;"),
    ],
)
def test_what_mermaid_would_read_is_written_as_code_points(text: str, shown: str) -> None:
    drawn = mermaid(Plan(tasks=(Task(1, "f", (Arg(None, Const(text)),)),)))
    assert drawn == f'flowchart TD\n    t1["1#46; f({shown})"]\n'


NODE = r"(?:t\d+(?:_\d+)?|in_[A-Za-z_][A-Za-z0-9_]*|join)"
MERMAID_LABEL = r'"(?:[A-Za-z0-9 ,()=]|#\d+;|[^\x00-\xa0\u00adﬂ¶])*"'
MERMAID_LINE = re.compile(
    rf"flowchart TD|    {NODE}(?:\[{MERMAID_LABEL}\]|\[\[{MERMAID_LABEL}\]\]|\[/{MERMAID_LABEL}/\]|\(\[{MERMAID_LABEL}\]\))"
    rf"|    {NODE} (?:-->|-->\|each\||-\.->) {NODE}"
)
DOT_LABEL = r'"(?:[^"\\\x00-\x1f]|\\["\\])*"'
DOT_LINE = re.compile(
    rf"digraph plan {{|}}|    node \[shape=box\];|    {NODE} \[label={DOT_LABEL}(?:, [a-z]+=[a-z0-9]+)*\];"
    rf"|    {NODE} -> {NODE}(?: \[label=\"each\"\]| \[style=dashed\])?;"
)


@given(lowered_plans() | plans(), texts())
def test_no_text_breaks_out_of_its_label(plan: Plan, text: str) -> None:
    hostile = (InputDecl("x", escape(text)), *(declared for declared in plan.inputs if declared.name != "x"))
    plan = Plan(hostile, plan.tasks, plan.join)
    things = len(plan.inputs) + len(plan.tasks) + (plan.join is not None)
    drawn = mermaid(plan).removesuffix("\n").split("\n")
    assert all(MERMAID_LINE.fullmatch(line) for line in drawn)
    assert sum('"' in line for line in drawn) == things
    drawn = dot(plan).removesuffix("\n").split("\n")
    assert all(DOT_LINE.fullmatch(line) for line in drawn)
    assert sum(" -> " not in line for line in drawn) >= things


@given(lowered_plans())
def test_between_two_nodes_there_is_one_edge_for_each_dependency(plan: Plan) -> None:
    known = {task.id for task in plan.tasks}
    edges = re.findall(r"^    (\S+) (?:-->|-->\|each\||-\.->) (t\S+)$", mermaid(plan), re.MULTILINE)
    assert len(edges) == len(set(edges))
    wanted = set()
    for task in plan.tasks:
        read = [part for arg in task.args for part in _references(arg.value)]
        wanted |= {(str(id), str(task.id)) for id in (*read, *task.after) if id in known}
    assert {(a, b) for a, b in edges if a.startswith("t")} == {(_node(a), _node(b)) for a, b in wanted}


def _node(id: str) -> str:
    return "t" + id.replace("[", "_").rstrip("]")


def _references(value: object) -> list[object]:
    match value:
        case Ref(task):
            return [task]
        case Format(parts):
            return [found for part in parts for found in _references(part)]
        case tuple():
            return [found for item in value for found in _references(item)]
        case _:
            return _references(getattr(value, "items", ()))


def test_what_reads_a_fan_out_that_is_written_out_reads_each_of_its_elements() -> None:
    elements = tuple(Task(Element(1, place), "search", (Arg(None, Const("a")),)) for place in range(2))
    note = Task(2, "note", (Arg(None, Format((Ref(1),))),))
    save = Task(3, "save", (), after=(1, Element(1, 1)))
    drawn = picture(Plan((), (*elements, note, save), Join((Ref(1),))))
    assert [(edge.source, edge.target, edge.kind) for edge in drawn.edges] == [
        ("t1_0", "t2", "data"),
        ("t1_1", "t2", "data"),
        ("t1_0", "t3", "order"),
        ("t1_1", "t3", "order"),
        ("t1_0", "join", "data"),
        ("t1_1", "join", "data"),
    ]
