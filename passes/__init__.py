"""Rewrite and check plans: IR to IR, and IR to diagnostics. One idea per file."""
