"""Read plans that are no numbered calls: data, native formats of tool calls, programs, tables and bullets.

In: the whole text. Out: the calls that it says and what is left of it (`Whole`), or `NotUnderstood` with the place. Must not know: streams.

Read `whole`, which says what a text is, without what is only thought; the room of marks sees to it that nothing is left over.
`units` and `call_records` are forms of data, whose references the assembly reads; `programs` hands programs over to the Python front end.
"""
