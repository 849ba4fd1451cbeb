"""What statements of a body depend on: the objects that they touch, and the calls that decide on others.

In: the block of a plan. Out: tokens of the changing objects that each statement touches; the slice of each call.
Must not know: tools, effects, who schedules.

Read `slices`, then `objects` with `points_to`, which follows values, `holding`, and `turn_names`; `growing` is both for a body that is still
being written.
"""
