"""Know the parts that all texts of models share, whatever they are texts of: values, thoughts, marks of templates, the headings of agents.

In: a text, and a place in it. Out: a value, what stands between thoughts, the sections of a text.
Must not know: tools, plans, and who asks.

Read `loose_values`, then `thoughts` with `template_marks`, then `headings`.
"""
