"""What calls may use, of one run and of all that share a pool: how many at once, how many a second, how much money.

In: numbers. Out: whether a call may start, and whom to wake when one may.
Must not know: calls, plans, tools.

Read `gate`, then `pool`, which shares gates between runs, loops and threads; `budget` counts what is spent.
"""
