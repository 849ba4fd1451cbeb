"""Measure lcc: questions of the paper's evaluations by every strategy, and the compiler and the scheduler by themselves."""
