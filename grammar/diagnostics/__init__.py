"""What is said to people: records of what is wrong, where and what to do, and how they are shown.

In: spans, facts and names from every stage. Out: text for terminals, JSON, feedback for a model.
Must not know: what a plan or a tool is.

Read `records` first, then `render` with `excerpt`; `terminal` makes hostile text fit to be shown, `wording` finds the name that
was probably meant, `feedback` speaks to the model that wrote a plan, `exchange` to other programs.
"""

from lcc.grammar.diagnostics.records import Diagnostic, Edit, Fix, Label, Rule, Severity, has_errors

__all__ = ["Diagnostic", "Edit", "Fix", "Label", "Rule", "Severity", "has_errors"]
