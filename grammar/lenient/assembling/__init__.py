"""Assemble the plan of calls as they come: number them, resolve what they refer to, take back what a later text replaces.

In: calls as they were read. Out: events. Must not know: texts.

Read `assembly`, then `entry`; `numbers` and `resolving` say what a reference means, `choosing` which of several plans counts.
"""
