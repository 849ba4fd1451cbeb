"""Take one rule of the machine away, and see that the examples notice: a test that can't fail is worth nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import test_rules as rules

from lcc.grammar.ir import Plan
from lcc.runtime.program import calls, machine, strands
from lcc.runtime.program.facts import builder, knowledge
from lcc.runtime.program.facts.sites import Formula, Knowledge
from lcc.runtime.program.order.hazards import Hazards, Versions
from lcc.runtime.program.order.scopes import Scope

Mutation = tuple[object, str, Any]


class _NothingDepends(dict[int, frozenset[int]]):
    def get(self, key: int, default: object = None) -> Any:
        return frozenset()


def _known(change: Callable[[Knowledge], Knowledge]) -> Mutation:
    found = knowledge.knowledge_of

    def knowledge_of(plan: Plan) -> Knowledge:
        return change(found(plan))

    return machine, "knowledge_of", knowledge_of


def _never_held(*args: Any, mutates: bool = False, **given: Any) -> Formula:
    return Formula(*args, **given)


def no_tokens(known: Knowledge) -> Knowledge:
    return Knowledge(lambda node: (), known.depends)


def no_slices(known: Knowledge) -> Knowledge:
    return Knowledge(known.touches, _NothingDepends(), known.restarts)


MUTANTS: dict[str, tuple[Mutation, Callable[[], None]]] = {
    "writes start ahead of the frontier": (
        (calls, "FRONT", 0),
        rules.test_a_write_waits_until_everything_before_it_has_ended_well,
    ),
    "reads wait for no write": (
        (Hazards, "before", lambda *_, **__: None),
        rules.test_a_read_waits_for_earlier_writes_to_its_resource_alone,
    ),
    "what isn't issued yet is no hazard": (
        (strands.Strand, "_enter", lambda *_, **__: None),
        rules.test_a_read_waits_while_a_write_before_it_may_still_be_made,
    ),
    "objects have no order": (_known(no_tokens), rules.test_what_reads_an_object_sees_the_changes_before_it),
    "equal calls are merged across dependence": (_known(no_slices), rules.test_a_poll_asks_again),
    "equal calls are merged across writes": (
        (Versions, "of", lambda *_: ()),
        rules.test_two_equal_reads_are_two_where_a_write_lies_between,
    ),
    "changes in a try run ahead": (
        (builder, "Formula", _never_held),
        rules.test_a_change_in_a_try_waits_for_what_may_fail_before_it,
    ),
    "handlers see names as they were issued": (
        (Scope, "snapshot", lambda *_: None),
        rules.test_a_handler_sees_the_names_as_they_were_at_the_failure,
    ),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_a_rule_that_is_missing_is_noticed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (owner, attribute, mutant), example = MUTANTS[name]
    monkeypatch.setattr(owner, attribute, mutant)
    with pytest.raises((AssertionError, StopIteration)):
        example()
