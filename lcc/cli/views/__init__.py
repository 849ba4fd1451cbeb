"""What commands print: tables, progress, differences, results.

In: plans, events, records. Out: text, escaped.
Must not know: command lines.

Read what a command needs: `live` and `progress` follow a run, `run_table` and `run_text` show its end, `dry_run` what it would do; `source_tasks` and `calls`
word tasks for all of them.
"""
