"""Turn results into tables and plots."""
