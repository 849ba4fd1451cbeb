"""Read plans that are no numbered calls: data, native formats of tool calls, programs, tables and bullets.

In: the whole text. Out: the plan that it says (`Understood`), or `NotUnderstood` with the place. Must not know: streams.

Read `said`, then `whole`, which says what a text is; `channels` and `accounting` take away what is no plan and see to it that nothing
is left. `call_keys`, `units` and `layouts` are forms, whose calls `building`
makes tasks of; `programs` hands programs over, and `straight_line` makes tasks of those that only call.
"""
