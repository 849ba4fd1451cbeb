"""Check calls against declarations: the tool, its parameters, and the types of arguments, through whatever they refer to."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import islice
from types import MappingProxyType
from typing import Final

from lcc.grammar.diagnostics import Diagnostic, Edit, Fix, Label, Severity
from lcc.grammar.diagnostics.wording import listed, nearest
from lcc.grammar.ir import (
    NOWHERE,
    Apply,
    Arg,
    Choose,
    Const,
    DictOf,
    Format,
    Input,
    ListOf,
    Local,
    Logic,
    Ref,
    Spread,
    Task,
    Value,
    inputs_of,
    references,
)
from lcc.grammar.ir.constants import is_constant
from lcc.grammar.signatures import (
    ALL_LEFT_OUT,
    ANY,
    UNKNOWN,
    ListType,
    NoSuchPath,
    Parameter,
    Problem,
    Signature,
    StrType,
    Type,
    UnionType,
    becomes_text,
    coerce,
    fits,
    only_text,
    show,
    value_fits,
)
from lcc.grammar.source import Span
from lcc.grammar.values import show_path, to_text
from lcc.passes.analysis.calls import Calls, Convention
from lcc.passes.analysis.fit import MOST, Misfit, is_container, misfits
from lcc.passes.analysis.inference import Types

_SHOWN = 8
_PARAMETERS: Final = 30
_ELEMENTS: Final = 50
"""How many elements of a fan-out are held against a schema."""
_NULL: Final = "None `None`"
_WRONG: Final = 200
"""How many different wrong names of one plan are compared with the right ones."""
_COMPARED: Final = 20_000
"""How many right ones they are compared with, in all: each comparison takes its time."""


class CallChecker:
    """Check calls one by one, in plan order; `types` knows the results of those before. `constants`: names that are bound to them."""

    def __init__(
        self, calls: Calls, types: Types, inputs: Collection[str], constants: Mapping[str, Const] = MappingProxyType({})
    ) -> None:
        self._constants = constants
        self._calls = calls
        self._types = types
        self._inputs = inputs
        self._near: dict[tuple[Hashable, str], str | None] = {}
        self._compared = 0
        self._listed = f"the tools are {listed(sorted(calls.tools), _SHOWN)}" if calls.tools else "no tool is left"

    def check(self, task: Task) -> Iterator[Diagnostic]:
        """Yield what is wrong with a call."""
        yield from _check_shape(task)
        for arg in task.args:
            yield from self.check_paths(arg.value)
        convention = self._calls.convention(task.tool)
        if convention is None:
            if self._calls.tools or self._calls.tools is ALL_LEFT_OUT:
                yield self._no_tool(task)
            for arg in task.args:
                if arg.each:
                    yield from self._check_list(arg, task)
            return
        yield from _check_parameters(task, convention, self._near_parameters)
        yield from self._check_values(task, convention)

    def check_paths(self, value: Value) -> Iterator[Diagnostic]:
        """Yield the references in a value whose paths lead nowhere, and inputs that aren't declared."""
        if isinstance(value, Const):
            return
        for ref in references(value):
            if ref.path:
                yield from self._check_path(ref, f"${ref.task}")
        for read in inputs_of(value):
            if read.name not in self._inputs:
                help = self._nearest("", read.name, self._inputs) or f"declare it: input {read.name}"
                yield error("V019", f"there is no input `{read.name}`", read.span, help)
            elif read.path:
                yield from self._check_path(read, f"${read.name}")

    def _check_path(self, place: Ref | Input, name: str) -> Iterator[Diagnostic]:
        try:
            self._types.part(place)
        except NoSuchPath as bad:
            whole = self._types.of(Ref(place.task) if isinstance(place, Ref) else Input(place.name))
            help = None
            if isinstance(whole, ListType) and isinstance(place.path[0], str):
                help = f"the whole is a list; name one element: `{name}[0]{show_path(place.path)}`"
            yield error("V009", f"`{name}{show_path(place.path)}` leads nowhere: {bad}", place.span, help)

    def _check_values(self, task: Task, convention: Convention) -> Iterator[Diagnostic]:
        """Yield what is wrong with the values of arguments: by the declaration's schema where it says more than types, and by types."""
        given = [(arg, convention.parameter_of(arg, place)) for place, arg in enumerate(task.args)]
        known = [(arg, parameter) for arg, parameter in given if parameter is not None]
        wrong = self._known_problems(task, convention.signature, known)
        at: dict[str, list[Problem]] = {}
        for problem in wrong:
            at.setdefault(str(problem.path[0]) if problem.path else "", []).append(problem)
        judged = convention.signature.constrained and not self._types.strict
        for arg, parameter in known:
            own = at.get(parameter.name)
            if own is None:
                if not judged or arg.each or not is_constant(arg.value):  # else its schema has judged the whole of it
                    yield from self._check_argument(task, arg, parameter)
            else:
                for problem in self._with_unknown(own, arg, parameter):
                    yield self._problem(problem, task, _span(arg, task))
        for problem in at.get("", ()):
            yield self._problem(problem, task, task.span)

    def _known_problems(
        self, task: Task, signature: Signature, given: list[tuple[Arg, Parameter]]
    ) -> Iterable[Problem]:
        """Return what is wrong with what is known of arguments before the run."""
        if not signature.checks_values:
            return
        arguments = {
            p.name: known_value(arg.value, p.type, strict=self._types.strict, names=self._constants) for arg, p in given
        }
        spread = next(((arg, p) for arg, p in given if arg.each), None)
        complete = len(arguments) == len(task.args) and all(
            p.name in arguments for p in signature.parameters if p.required
        )
        from lcc.grammar.argument_checks import argument_problems  # most tools say nothing but types

        if spread is None:
            found = argument_problems(signature, arguments)
        else:
            found = self._spread_problems(signature, arguments, *spread)
        yield from (one for one in found if one.path or complete)

    def _spread_problems(
        self, signature: Signature, arguments: dict[str, object], arg: Arg, parameter: Parameter
    ) -> list[Problem]:
        """Return what is wrong with the elements of a fan-out, as far as they stand in the plan; of the first few that are wrong."""
        from lcc.grammar.argument_checks import argument_problems

        items = arg.value.items if isinstance(arg.value, ListOf) else ()
        if not items:
            return argument_problems(signature, {**arguments, parameter.name: UNKNOWN})
        found: dict[Problem, None] = {}
        for item in items[:_ELEMENTS]:
            value = known_value(item, parameter.type, strict=self._types.strict, names=self._constants)
            found |= dict.fromkeys(argument_problems(signature, {**arguments, parameter.name: value}))
            if len(found) > MOST:
                break
        return list(found)

    def _with_unknown(self, problems: list[Problem], arg: Arg, parameter: Parameter) -> Iterator[Problem]:
        """Yield problems; where fields are missing, also those that the type doesn't know, though they may be ignored."""
        if not any(one.missing for one in problems):
            yield from problems
            return
        at = {(parameter.name, *one.path): one for one in islice(self._misfits(arg, parameter), MOST) if one.unknown}
        for problem in problems:
            more = at.get(problem.path) if problem.missing and not problem.unknown else None
            yield problem if more is None else problem._replace(unknown=more.unknown, known=more.known)

    def _problem(self, problem: Problem, task: Task, span: Span) -> Diagnostic:
        path = problem.path
        where = f"`{path[0]}{show_path(path[1:])}` of `{task.tool}`" if path else f"`{task.tool}`"
        help = None
        if problem.unknown:
            near, known = (
                self._near_field(problem.unknown, problem.missing or problem.known),
                self._known(problem.known),
            )
            help = "; ".join(one for one in (near, known) if one is not None) or None
        elif problem.missing:
            help = self._known(problem.known)
        elif problem.known:
            help = self._nearest(problem.known, problem.given, problem.known)
        return error("V008", f"{where} {problem.said}", span, help or self._leave_out(problem, task))

    def _near_field(self, unknown: tuple[str, ...], known: tuple[str, ...]) -> str | None:
        found = [(one, nearest(one, known)) for one in unknown[:_SHOWN]]
        meant = [f"`{near}` for `{one}`" for one, near in found if near is not None]
        return f"did you mean {', '.join(meant)}?" if meant else None

    def _known(self, known: tuple[str, ...]) -> str | None:
        return f"its fields are {listed(known, _PARAMETERS)}" if known else None

    def _leave_out(self, problem: Problem, task: Task) -> str | None:
        """Say what to do about None where a parameter need not be given."""
        signature = self._calls.tools[task.tool]
        parameter = signature.parameter(str(problem.path[0])) if len(problem.path) == 1 else None
        is_null = parameter is not None and not parameter.required and problem.message.endswith("not None")
        return f"leave `{problem.path[0]}` out" if is_null else None

    def _check_argument(self, task: Task, arg: Arg, parameter: Parameter) -> Iterator[Diagnostic]:
        if arg.each:
            broken = list(self._check_list(arg, task))
            if broken:
                yield from broken
                return
        wrong = list(islice(self._misfits(arg, parameter), MOST))
        for one in wrong:
            yield self._misfit(one, task, arg, parameter)
        remarked = not wrong and not self._types.strict and _takes_any_text(parameter) and not arg.each
        if remarked and self._is_container(arg.value):
            message = f"`{parameter.name}` of `{task.tool}` takes text, so this becomes its JSON"
            yield Diagnostic("V023", Severity.REMARK, message, _shown(_value_span(arg, task)))

    def _misfits(self, arg: Arg, parameter: Parameter) -> Iterator[Misfit]:
        if arg.each and isinstance(arg.value, ListOf) and not self._types.strict:
            for item in arg.value.items:
                yield from misfits(item, parameter.type, self._types)
        else:
            yield from misfits(arg.value, ListType(parameter.type) if arg.each else parameter.type, self._types)

    def _misfit(self, wrong: Misfit, task: Task, arg: Arg, parameter: Parameter) -> Diagnostic:
        if wrong.missing or wrong.unknown:
            path = (parameter.name, *wrong.path)
            problem = Problem(path, "", wrong.missing, wrong.unknown, wrong.known)
            return self._problem(problem, task, wrong.span or _span(arg, task))
        where = f"`{parameter.name}{show_path(wrong.path)}` of `{task.tool}`"
        help = self._nearest(wrong.choices, wrong.text, wrong.choices) if wrong.choices else None
        if self._types.strict and only_text(parameter.type):
            help = "write str(…) or json.dumps(…) around it"
        elif wrong.got == _NULL and not wrong.path and not parameter.required:
            help = f"leave `{parameter.name}` out"
        return error("V008", f"{where} takes {wrong.wanted}, {_given(wrong)}", wrong.span or _span(arg, task), help)

    def _check_list(self, arg: Arg, task: Task) -> Iterator[Diagnostic]:
        value = arg.value
        part = value.parts[0] if isinstance(value, Format) and len(value.parts) == 1 else value
        if isinstance(part, str | Const | Format | DictOf):
            kind = "a dict" if isinstance(part, DictOf) else "a single value"
            yield error("V012", f"`each` needs a list, and this is {kind}", _span(arg, task), "write `each […]`")
        elif not isinstance(part, ListOf):
            found = self._types.of(part)
            if not fits(found, ListType(ANY)) or isinstance(found, StrType):
                place = part.span if isinstance(part, Ref | Input) else _span(arg, task)
                yield error("V012", f"`each` needs a list, and this is {show(found)}", place)

    def _is_container(self, value: Value) -> bool:
        if isinstance(value, Format) and len(value.parts) == 1 and not isinstance(value.parts[0], str):
            value = value.parts[0]
        return is_container(self._types.of(value))

    def _no_tool(self, task: Task) -> Diagnostic:
        near = self._near_name(".", task.tool, self._calls.tools)
        help = self._listed if near is None else f"did you mean `{near}`?"
        found = error("V004", f"there is no tool `{task.tool}`", task.tool_span, help)
        if near is None or found.span is None or self._calls.tools[near].effect.writes:
            return found  # no fix makes a call that writes of one that doesn't exist
        return replace(found, fix=Fix(f"call `{near}`", (Edit(found.span, near),), safe=False))

    def _near_parameters(self, name: str, convention: Convention) -> str:
        signature = convention.signature
        return self._nearest(signature.name, name, convention.calling.by_name) or _declared(signature)

    def _nearest(self, owner: Hashable, name: str, known: Collection[str]) -> str | None:
        """Return a help text that names the nearest of an owner's names."""
        found = self._near_name(owner, name, known)
        return None if found is None else f"did you mean `{found}`?"

    def _near_name(self, owner: Hashable, name: str, known: Collection[str]) -> str | None:
        key = (owner, name)
        if key not in self._near and len(self._near) < _WRONG and self._compared < _COMPARED:
            self._compared += len(known)
            self._near[key] = nearest(name, known)
        return self._near.get(key)


def known_value(value: Value, type_: Type, *, strict: bool, names: Mapping[str, Const]) -> object:
    """Return the JSON value of what stands in a plan, as the call gets it; parts that only the run knows are UNKNOWN.

    `names`: those that are constants.
    """
    if isinstance(value, Local):
        value = names.get(value.name, value)
    match value:
        case Const(scalar):
            if not strict and becomes_text(scalar, type_):
                return to_text(scalar)
            return coerce(scalar, type_) if value_fits(scalar, type_) else scalar
        case _:
            return _known_part(value, names)


def _known_part(value: Value, names: Mapping[str, Const]) -> object:
    match value:
        case Local(name) if name in names:
            return names[name].value
        case Const(scalar):
            return scalar
        case ListOf(items) if not any(isinstance(one, Spread) for one in items):
            return [_known_part(one, names) for one in items]
        case DictOf(pairs):
            return {key: _known_part(one, names) for key, one in pairs}
        case Apply() | Choose() | Logic():
            from lcc.passes.analysis.values.constant_values import fold_value  # plans without a body need no operations

            folded = fold_value(value)
            return folded.value if isinstance(folded, Const) else UNKNOWN
        case _:
            return UNKNOWN


def _check_shape(task: Task) -> Iterator[Diagnostic]:
    """Yield what is wrong with a call whatever its tool."""
    names: set[str] = set()
    spreads = 0
    for arg in task.args:
        if arg.name is None:
            if names:
                help = "give it a keyword, or move it before those with one"
                yield error("V013", "a positional argument follows a keyword argument", _span(arg, task), help)
        elif arg.name in names:
            yield error("V014", f"`{arg.name}` is given twice", _span(arg, task), "keep one")
        else:
            names.add(arg.name)
        spreads += arg.each
        if arg.each and spreads > 1:
            help = "make two calls, or fan out over one list of pairs"
            yield error("V011", "a call fans out over one argument only", _span(arg, task), help)


def _check_parameters(
    task: Task, convention: Convention, near: Callable[[str, Convention], str]
) -> Iterator[Diagnostic]:
    given: set[str] = set()
    signature = convention.signature
    for place, arg in enumerate(task.args):
        parameter = convention.parameter_of(arg, place)
        if parameter is not None:
            if arg.name is not None and parameter.name in given and not _repeats(task, arg, place):
                yield error("V014", f"`{arg.name}` is given by position already", _span(arg, task), "keep one")
            given.add(parameter.name)
        elif arg.name is None:
            count = len(convention.calling.by_place)
            takes = f"{count} argument{'' if count == 1 else 's'} by position" if count else "no argument by position"
            yield error("V006", f"`{task.tool}` takes {takes}", _span(arg, task), _declared(signature))
            break
        elif signature.parameter(arg.name) is not None:
            message = f"`{task.tool}` takes `{arg.name}` by position only"
            yield error("V007", message, _span(arg, task), _declared(signature))
            given.add(arg.name)
        else:
            help = near(arg.name, convention)
            yield error("V007", f"`{task.tool}` has no parameter `{arg.name}`", _span(arg, task), help)
    missing = [p.name for p in signature.parameters if p.required and p.name not in given]
    for name in missing[:_SHOWN]:
        yield error("V005", f"`{task.tool}` needs `{name}`", task.span, _declared(signature))
    if len(missing) > _SHOWN:
        message = f"`{task.tool}` needs {len(missing) - _SHOWN} more arguments"
        yield error("V005", message, task.span, _declared(signature))


def _declared(signature: Signature) -> str:
    """Return a help text that shows a declaration; of a very long one, the beginning."""
    more = len(signature.parameters) - _PARAMETERS
    if more <= 0:
        return f"it is declared as {signature}"
    few = replace(signature, parameters=signature.parameters[:_PARAMETERS], resources=())
    return f"it is declared as {few}, with {more} more parameters"


def _repeats(task: Task, arg: Arg, place: int) -> bool:
    """Whether an earlier argument has the same keyword, which is reported already."""
    return any(other.name == arg.name for other in task.args[:place])


def _given(wrong: Misfit) -> str:
    source = wrong.source
    if source is None:
        return f"not {wrong.got}"
    name = source.task if isinstance(source, Ref) else source.name
    return f"and `${name}{show_path(source.path)}` is {wrong.got}"


def _takes_any_text(parameter: Parameter) -> bool:
    target = parameter.type
    members = target.members if isinstance(target, UnionType) else (target,)
    return only_text(target) and any(isinstance(member, StrType) for member in members)


def _span(arg: Arg, task: Task) -> Span:
    return task.span if arg.span == NOWHERE else arg.span


def _value_span(arg: Arg, task: Task) -> Span:
    return arg.value.span if isinstance(arg.value, Ref) and arg.value.span != NOWHERE else _span(arg, task)


def _shown(span: Span) -> Span | None:
    return None if span == NOWHERE else span


def error(code: str, message: str, span: Span, help: str | None = None, labels: tuple[Label, ...] = ()) -> Diagnostic:
    """Return an error; a place in a text that isn't there is left out."""
    return Diagnostic(code, Severity.ERROR, message, _shown(span), help, labels)
