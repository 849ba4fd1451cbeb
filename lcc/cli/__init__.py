"""The `lcc` command: what its commands share. A command, and what it works with, is imported only where it is named.

In: a command line. Out: an exit status, results on standard output, all else on standard error.
Must not know: how plans are compiled or run; it calls what programs call.

Read `main`, whose tuple lists the commands, and `console`; then `front` (arguments to a compiled plan) and `execution` (to
results); `asking` answers questions. Rooms: `commands`, one command, one file; `views`, what is printed.
"""
