"""Rewrite and check plans: IR to IR, and IR to diagnostics.

In: a plan, the tools' signatures, costs. Out: a plan with the same meaning, remarks, errors and warnings.
Must not know: how a plan is run, and where its text came from.

One pass, one file. Read `context` and `pipeline`, whose tuple is the order of the passes; then a pass, say `deduplicate`. `online`
runs some of them on a plan that is still being written, `bind` makes calls equal in form, `remarks` gives each change its code.
Rooms: `analysis` for facts that passes ask for, `verify` for errors, `lint` for warnings.
"""
