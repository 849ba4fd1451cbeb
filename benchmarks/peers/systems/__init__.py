"""Answer programs' questions with the systems that people pick today, each in a process and an environment of its own.

In: a question, the module of its tools, where the models are, which call fails. Out: an answer, and the calls that were made.
Must not know: lcc.

Read `worlds`, then any of the others. `NAME.lock` says what its environment holds.
"""
