"""Simulate models and tools: an OpenAI-compatible server with a latency model, and tools that take a drawn time."""
