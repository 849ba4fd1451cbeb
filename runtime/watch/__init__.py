"""Look on while a run goes on, without a part in it.

In: events; `profiler` takes the plan too, and `watchdog` looks at the frames of workers. Out: traces, spans, profiles, a stream for
the caller, word of code that holds the loop.
Must not know: the scheduler.

Read what you need: each file stands alone.
"""
