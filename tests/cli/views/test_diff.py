"""Check diffs: what `patch` reads, and what a person sees."""

from __future__ import annotations

from lcc.cli.views.plan_text import for_terminal, unified

BEFORE, AFTER = "a\nb\x1b[31m\nc", "a\nB\nc\n"


def test_equal_texts_have_no_diff() -> None:
    assert unified(BEFORE, BEFORE, "x", "y") == ""


def test_a_diff_can_be_given_to_patch() -> None:
    assert unified(BEFORE, AFTER, "x", "y") == (
        "--- x\n+++ y\n@@ -1,3 +1,3 @@\n a\n-b\x1b[31m\n-c\n\\ No newline at end of file\n+B\n+c\n"
    )


def test_on_a_terminal_it_is_escaped() -> None:
    shown = for_terminal(unified(BEFORE, AFTER, "x\x1b", "y"), color=False)
    assert shown == ("--- x\\x1b\n+++ y\n@@ -1,3 +1,3 @@\n a\n-b\\x1b[31m\n-c\n\\ No newline at end of file\n+B\n+c\n")


def test_colours_tell_what_goes_from_what_comes() -> None:
    lines = for_terminal(unified("---\n", "+++\n", "x", "y"), color=True).splitlines()
    assert lines == [
        "\x1b[1m--- x\x1b[0m",
        "\x1b[1m+++ y\x1b[0m",
        "\x1b[36m@@ -1 +1 @@\x1b[0m",
        "\x1b[31m----\x1b[0m",
        "\x1b[32m++++\x1b[0m",
    ]
