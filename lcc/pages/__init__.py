"""Show plans and runs as pages and pictures, in one file each, with nothing loaded from elsewhere.

In: compiled plans, events and journals of runs. Out: SVG and HTML text, in which all that comes from a plan, a tool or a model is escaped.
Must not know: commands, models.

Read `pictures` (a plan with what it costs and the path that decides, two plans beside one another), `timeline` (what calls did when), then `run_page`, which puts
them on one page; `page` is what all pages have, `highlight` the words of plans and programs. `notebook` shows the same in cells; `explorer.js` is the page that
`lcc.cli.explorer` serves.
"""
