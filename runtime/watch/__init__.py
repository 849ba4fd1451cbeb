"""Look on while a run goes on, without a part in it.

In: events. Out: traces, spans, profiles, a stream for the caller, word of code that holds the loop.
Must not know: the scheduler.

Read what you need: each file stands alone.
"""
