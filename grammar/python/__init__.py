"""Python as a plan language: the text of a program becomes a syntax tree.

In: the text of a program, whole or as it arrives. Out: `tree` nodes with their places, and every error of the text in one go.
Must not know: tools, scopes, and what a program means to a run.

Read `tree` first: it has the names of CPython's syntax tree. `lowering` makes statements of the IR of it.
"""
