"""Answer questions with tools: a model plans, the plan runs while it is written, a model answers or asks for another plan.

In: a question, tools, models. Out: `Answer`: a text or a typed value, what was done for it, what it cost.
Must not know: the command line.

Read `agent`, then `session` and `strategies/plan_and_join`, the way of one question; `caller` makes model calls on the question's
`accounts`, `memory` keeps what its plans did, `keeping` and `diary` keep the question in a journal, `asked` says what a strategy is given; `answer` and `events` are what people see,
`written` tells models what was written, `typed` is about answers of a type, `tool_model` lets tools ask a model. Rooms: `planning`, `programs`, `joining`,
`strategies`.
"""
