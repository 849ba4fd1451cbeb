"""Answer questions with tools: a model plans, the plan runs while it is written, a model answers or asks for another plan."""
