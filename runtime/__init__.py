"""Execute plans: IR to results. Scheduler, limits, retries, journal, events, execution backends."""
