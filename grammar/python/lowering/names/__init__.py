"""What names of a program are and where they are bound, and the codes of what a program may not say.

In: the syntax tree. Out: the names that statements bind and read, what a name may stand for, refusals. Must not know: the IR's making.

Read `assigned` and `bindings`, then `program_rules`, then `misplaced`, what CPython's compiler refuses of a tree.
"""
