"""Write a recorded plan as a plan with steps, or as a program, by fixed rules.

    1. search("Volga River")                        search1 = search("Volga River")
    2. search("Mekong River")                       search2 = search("Mekong River")
    3. math("length in km", [$1])                   math3 = math("length in km", [search1])
    4. math("length in km", [$2])              =>   math4 = math("length in km", [search2])
    5. math("$3 / $4")                              math5 = math3 / math4
    6. join()                                       answer(math5)

1. Calls of one tool with one literal each, which no call reads, become one: `each`, a comprehension.
2. A `math` of nothing but arithmetic over results is computed: `5. = $3 / $4`.
3. With `answer`, a last result that is the answer ends the plan. So does the name of what was searched for, where the results that no call reads are
   one number for each search, and the largest or smallest of them is the answer's.
4. Else a plan joins all, and a program prints what no call reads.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from benchmarks.shorter import END, groups, is_last_result
from lcc.grammar.ir import Arg, Const, DictOf, Format, ListOf, Plan, Ref, Task, TaskId, Value, dependencies
from lcc.grammar.syntax.print_value import print_value

if TYPE_CHECKING:
    from benchmarks.recorded import RecordedCall

FUNCTIONS: Final = {"abs": 1, "min": 2, "max": 2, "round": 1}
"""That expressions may call, with the least number of arguments."""


def steps(plan: Plan, calls: Sequence[RecordedCall], answer: str, *, direct: bool) -> str:
    """Return a plan with steps. `direct`: with `answer`, where a result is the answer."""
    return _Steps(plan, calls, answer, direct).text()


def program(plan: Plan, calls: Sequence[RecordedCall], answer: str, *, direct: bool) -> str:
    """Return a program in a fence. `direct`: with `answer`, where a result is the answer."""
    return _Program(plan, calls, answer, direct).text()


def arithmetic(task: Task, name: Callable[[Ref], str]) -> str | None:
    """Return what a call of `math` calculates, results written as `name` says; None if it isn't arithmetic over results alone."""
    if task.tool != "math" or len(task.args) != 1 or not isinstance(task.args[0].value, Format):
        return None
    parts = task.args[0].value.parts
    try:
        tree = ast.parse("".join(one if isinstance(one, str) else "(r)" for one in parts), mode="eval")
    except (SyntaxError, ValueError, RecursionError):
        return None
    if any(isinstance(one, Ref) and one.path for one in parts) or not all(map(_is_plain, ast.walk(tree))):
        return None
    return "".join(one if isinstance(one, str) else name(one) for one in parts if isinstance(one, str | Ref)).strip()


def _is_plain(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Name(id=called), args=args, keywords=[]):
            return len(args) >= FUNCTIONS.get(called, len(args) + 1)
        case ast.Name(id=known):
            return known == "r" or known in FUNCTIONS
        case ast.Constant(value=value):
            return isinstance(value, int | float)
        case _:
            return isinstance(node, ast.Expression | ast.BinOp | ast.UnaryOp | ast.operator | ast.unaryop | ast.Load)


def extreme(plan: Plan, calls: Sequence[RecordedCall], answer: str) -> tuple[str, dict[int, str]] | None:
    """Return `max` or `min`, and the names that belong to unread results, if the name of that result is the answer."""
    known = {call.id: call for call in calls}
    named = _entities(plan, known)
    wanted = " ".join(answer.lower().removeprefix("the ").split())
    if len(named) < 2 or not all(isinstance(known[one].result, int | float) for one in named):
        return None
    for function, best in (("max", max), ("min", min)):
        chosen = best(named, key=lambda one: known[one].result)
        if wanted and wanted == named[chosen].lower().removeprefix("the "):
            return function, named
    return None


def _entities(plan: Plan, known: Mapping[int, RecordedCall]) -> dict[int, str]:
    """Return the name of what was searched for, for each result that no call reads; nothing unless each has one of its own."""
    found: dict[int, str] = {}
    for id_ in unread(plan):
        below, names = [id_], set()
        while below:
            call = known[below.pop()]
            below += call.reads
            if not call.reads:
                names.add(str(next(iter(call.arguments.values()), "")))
        if len(names) != 1:
            return {}
        found[id_] = names.pop()
    return found if len(set(found.values())) == len(found) else {}


def unread(plan: Plan) -> list[int]:
    """Return the calls whose results no call reads, in order."""
    read = {one for task in plan.tasks for one in dependencies(task)}
    return [task.id for task in plan.tasks if isinstance(task.id, int) and task.id not in read]


@dataclass(slots=True)
class _Dialect:
    plan: Plan
    calls: Sequence[RecordedCall]
    answer: str
    direct: bool

    def text(self) -> str:
        """Return the whole text."""
        raise NotImplementedError

    def like(self) -> dict[TaskId, list[Task]]:
        """Return the calls that become one, by the first of them."""
        free = set(unread(self.plan))
        found = [tasks for tasks in groups(self.plan).values() if all(one.id in free for one in tasks)]
        return {tasks[0].id: tasks for tasks in found}

    def left(self) -> list[Task]:
        """Return the calls that stand for themselves, and the first of those that become one."""
        more = {one.id for tasks in self.like().values() for one in tasks[1:]}
        return [task for task in self.plan.tasks if task.id not in more]


class _Steps(_Dialect):
    def text(self) -> str:
        """Return the lines of the plan."""
        numbers: dict[TaskId, int] = {task.id: place for place, task in enumerate(self.left(), 1)}
        like = self.like()
        lines = []
        for task in self.left():
            made = arithmetic(task, lambda ref: f"${numbers[ref.task]}")
            if made is not None:
                lines.append(f"{numbers[task.id]}. = {made}")
                continue
            args = task.args
            if task.id in like:
                args = (Arg(None, ListOf(tuple(one.args[0].value for one in like[task.id])), each=True),)
            written = ", ".join(_argument(arg, print_value(_moved(arg.value, numbers))) for arg in args)
            lines.append(f"{numbers[task.id]}. {task.tool}({written})")
        return "\n".join([*lines, *self._end(numbers), END])

    def _end(self, numbers: Mapping[TaskId, int]) -> list[str]:
        last = len(numbers) + 1
        if self.direct and is_last_result(self.calls, self.answer):
            return [f"{last}. answer(${numbers[self.plan.tasks[-1].id]})"]
        if self.direct and (found := extreme(self.plan, self.calls, self.answer)):
            pairs = ", ".join(f"[${numbers[id_]}, {_quoted(name)}]" for id_, name in found[1].items())
            return [f"{last}. = {found[0]}([{pairs}])[1]", f"{last + 1}. answer(${last})"]
        return [f"{last}. join()"]


class _Program(_Dialect):
    def text(self) -> str:
        """Return the program in a fence."""
        names: dict[TaskId, str] = {task.id: f"{task.tool}{task.id}" for task in self.plan.tasks}
        like = self.like()
        lines = []
        for task in self.left():
            if task.id in like:
                items = ", ".join(_python(one.args[0].value, names) for one in like[task.id])
                lines.append(f"print([{task.tool}(x) for x in [{items}]])")
                continue
            made = arithmetic(task, lambda ref: names[ref.task])
            if made is None:
                written = ", ".join(_argument(arg, _python(arg.value, names)) for arg in task.args)
                made = f"{task.tool}({written})"
            lines.append(f"{names[task.id]} = {made}")
        grouped = {one.id for tasks in like.values() for one in tasks}
        return "\n".join(["```python", *lines, *self._end(names, grouped), "```"])

    def _end(self, names: Mapping[TaskId, str], printed: set[TaskId]) -> list[str]:
        if self.direct and is_last_result(self.calls, self.answer):
            return [f"answer({names[self.plan.tasks[-1].id]})"]
        if self.direct and (found := extreme(self.plan, self.calls, self.answer)):
            pairs = ", ".join(f"({names[id_]}, {_quoted(name)})" for id_, name in found[1].items())
            return [f"answer({found[0]}([{pairs}])[1])"]
        left = [id_ for id_ in unread(self.plan) if id_ not in printed]
        labels = _entities(self.plan, {call.id: call for call in self.calls})
        if len(left) > 1 and labels and not printed:
            return ["print({" + ", ".join(f"{_quoted(labels[id_])}: {names[id_]}" for id_ in left) + "})"]
        return [f"print({', '.join(names[id_] for id_ in left)})"] if left else []


def _argument(arg: Arg, written: str) -> str:
    return f"{arg.name}={written}" if arg.name else f"{'each ' if arg.each else ''}{written}"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _moved(value: Value, numbers: Mapping[TaskId, int]) -> Value:
    """Return a value whose references have the numbers of steps."""
    match value:
        case Ref():
            return replace(value, task=numbers[value.task])
        case Format(parts):
            return Format(tuple(replace(p, task=numbers[p.task]) if isinstance(p, Ref) else p for p in parts))
        case ListOf(items):
            return ListOf(tuple(_moved(item, numbers) for item in items))
        case _:
            return value


def _python(value: Value, names: Mapping[TaskId, str]) -> str:
    """Return a value as a program writes it; raise ValueError for one that records don't have."""
    match value:
        case Const(str(text)):
            return _quoted(text)
        case Const(plain):
            return repr(plain)
        case Ref(task, path):
            return names[task] + "".join(f"[{step!r}]" for step in path)
        case Format(parts) if len(parts) == 1 and isinstance(parts[0], Ref):
            return _python(parts[0], names)
        case Format(parts):
            return 'f"' + "".join(_piece(part, names) for part in parts) + '"'
        case ListOf(items):
            return f"[{', '.join(_python(item, names) for item in items)}]"
        case DictOf(items):
            return "{" + ", ".join(f"{_quoted(str(key))}: {_python(item, names)}" for key, item in items) + "}"
        case _:
            raise ValueError(f"no program of a record has {value!r}")


def _piece(part: object, names: Mapping[TaskId, str]) -> str:
    if isinstance(part, str):
        return _quoted(part)[1:-1].replace("{", "{{").replace("}", "}}")
    if isinstance(part, Ref):
        return "{" + _python(part, names) + "}"
    raise ValueError(f"no program of a record has {part!r} in a text")
