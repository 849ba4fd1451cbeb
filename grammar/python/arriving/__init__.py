"""Programs that arrive: in the reply of a model, and statement by statement.

In: text as it comes, the tools. Out: the program in it, and its statements in the IR as soon as they are complete. Must not know: runs, models.

Read `reply_program`, which finds the program in a reply, then `program_stream`, which lowers it while it is written.
`step_stream` does that for plan files with steps.
"""
