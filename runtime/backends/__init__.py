"""Execute one call: in the event loop, in a thread, in a process. The scheduler alone knows the graph."""
