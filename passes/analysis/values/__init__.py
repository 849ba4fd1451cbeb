"""What is known of the values in bodies before they are evaluated: types, and constants.

In: a plan with a body, signatures. Out: the types of names, results and operations, and which operations can't be right; values in
which what is constant is evaluated.
Must not know: what is refused and how that is worded, passes, runs.

Read `value_types` (one value), then `body_types` (names and results, and what is changed); `constant_values` evaluates.
"""
