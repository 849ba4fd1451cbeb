"""What is known of a plan's statements before the run.

In: the statements of a body, bound tools, what analyses say. Out: sites: statements with their values compiled, what they read, bind
and touch, and how they may be left.
Must not know: turns, cells, what has been issued.

Read `sites`, then `builder`; `knowledge` is the door to the analyses, `given` what a site's call is given.
"""
