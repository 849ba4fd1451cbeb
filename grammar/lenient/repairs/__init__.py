"""Repair what models write: one repair, one file, in the order in which a text is read.

In: the text of a call that the strict parser refuses. Out: changes of it, each reported with its code, its place and the change.
Must not know: the plan that the call is for. A repair is made only where one reading is sensible.

Read `repair`, then any. `REPAIRS` is the whole list. Each module states its rule; the ones that change the text of a call also hold the
function that does.
"""

from __future__ import annotations

from typing import Final

from lcc.grammar.lenient.repairs import (
    arithmetic,
    assignment,
    bare_join,
    bare_text,
    call_bracket,
    concatenation,
    early_join,
    extra_bracket,
    extra_comma,
    fence,
    forward_reference,
    full_width,
    inner_quote,
    invisible,
    join_arguments,
    json_call,
    keyword_colon,
    keyword_order,
    markdown_escape,
    missing_comma,
    missing_number,
    missing_parentheses,
    missing_quote,
    nested_call,
    numbering,
    object_argument,
    observation,
    prose,
    raw_newline,
    reference_style,
    refusals,
    renumbered,
    result_path,
    several_plans,
    smart_quotes,
    string_prefix,
    stutter,
    think_block,
    tool_name,
    trailing_text,
    unclosed_call,
)
from lcc.grammar.lenient.repairs.repair import Repair

REPAIRS: Final[tuple[Repair, ...]] = (
    numbering.REPAIR,
    missing_number.REPAIR,
    renumbered.REPAIR,
    tool_name.REPAIR,
    assignment.REPAIR,
    json_call.REPAIR,
    call_bracket.REPAIR,
    unclosed_call.REPAIR,
    extra_bracket.REPAIR,
    missing_quote.REPAIR,
    inner_quote.REPAIR,
    raw_newline.REPAIR,
    bare_text.REPAIR,
    smart_quotes.REPAIR,
    full_width.REPAIR,
    invisible.REPAIR,
    markdown_escape.REPAIR,
    string_prefix.REPAIR,
    concatenation.REPAIR,
    arithmetic.REPAIR,
    nested_call.REPAIR,
    missing_comma.REPAIR,
    extra_comma.REPAIR,
    keyword_colon.REPAIR,
    keyword_order.REPAIR,
    join_arguments.REPAIR,
    bare_join.REPAIR,
    reference_style.REPAIR,
    result_path.REPAIR,
    object_argument.REPAIR,
    forward_reference.REPAIR,
    stutter.REPAIR,
    trailing_text.REPAIR,
    early_join.REPAIR,
    prose.REPAIR,
    fence.REPAIR,
    think_block.REPAIR,
    observation.REPAIR,
    several_plans.REPAIR,
    missing_parentheses.REPAIR,
)
BY_CODE: Final = {repair.code: repair for repair in REPAIRS}
RULES: Final = tuple(sorted((*(repair.rule for repair in REPAIRS), *refusals.RULES), key=lambda rule: rule.code))
