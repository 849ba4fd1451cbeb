"""The explorer: a page on this machine that shows what lcc makes of a text while it is written.

In: a text, its language, a level or passes, the name of a pane. Out: findings with their fixes, and the pane as HTML; a run, as it goes on.
Must not know: models. Nothing that writes is called.

Read `page_request` (what a page may ask), `panes` (one function for each tab), `trial` (runs), then `bench`, the process in which all of it is done and which is ended where it takes
too long, and `explorer_http`, which lets the page's own requests through and nobody else's.
"""
