"""Read plans that are no numbered calls: data, native formats of tool calls, straight programs, tables and bullets.

In: the whole text. Out: what it says (`Said`), each call once, or `NotUnderstood` with the place. Must not know: streams, numbers of calls.

Read `said`, then `whole`, which says what a text is; `channels` and `accounting` take away what is no plan and see to it that nothing
is left. `literal_reader` reads literals of Python, JSON and JavaScript; `call_keys`, `units`, `layouts` and `straight` are the forms.
"""
