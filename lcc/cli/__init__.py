"""The `lcc` command: what its commands share. A command, and what it works with, is imported only where it is named.

In: a command line. Out: an exit status, results on standard output, all else on standard error.
Must not know: how a stage does its work. It names stages (the compiler, passes, lints, runs, journals), and shows what they give.

Read `main`, whose tuple lists the commands, and `console`; then `options` and `model_options` (what commands take), `front` (arguments
to a compiled plan, with `files`, `projects` and `pipeline`), `running`, `resuming` and `execution` (to results); `asking` answers
questions, `rule_examples` serves `lcc explain`. Rooms: `commands`, one command, one file; `views`, what is printed; `consent`, what is asked;
`explorer`, a local page.
"""
