"""One command, one file: `add_arguments(parser)` and `run(args, console) -> int`.

In: parsed arguments. Out: an exit status.
Must not know: one another. `lcc.cli.main` lists them in the order of `lcc --help`.

Read `check`, then any.
"""
