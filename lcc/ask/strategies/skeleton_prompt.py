"""Write what Skeleton-of-Thought's two stages are told. The prompts are fixed: docs/strategies.md says where they come from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from lcc.ask.planning.few_shots import FewShot
from lcc.models.request import Message

SKELETON: Final = """\
Give only the skeleton of an answer to the question, not its content: a list of points, numbered 1., 2., 3. and so on.
A point is 3 to 5 words, no sentence. Most questions need 3 to 10 points."""

POINT: Final = """\
You write one point of an answer to a question, and only this one; others write the rest. You get the question, the skeleton of the whole answer and the number of your point. Write it out in 1 or 2 short sentences, without its number."""

_EXAMPLE: Final = FewShot(
    "How do tides come about?",
    "1. The moon's pull\n2. The sun's share\n3. The turning earth\n4. Shape of coasts",
)


def skeleton_message(examples: Sequence[FewShot]) -> Message:
    """Return what every request for a skeleton begins with."""
    shown = "\n\n".join(f"Question: {one.question}\nSkeleton:\n{one.plan}" for one in examples or (_EXAMPLE,))
    return Message("system", f"{SKELETON}\n\n{shown}")


def question_message(question: str) -> Message:
    """Return the question of the first stage."""
    return Message("user", f"Question: {question}")


def correction_message(problems: str) -> Message:
    """Return what follows a text that is no skeleton."""
    return Message("user", f"This is no skeleton:\n{problems}\nWrite the numbered points alone.")


def point_messages(history: Sequence[Message], question: str, skeleton: str, number: int) -> tuple[Message, ...]:
    """Return the request for one point. What differs between the points stands last."""
    said = f"Question: {question}\n\nSkeleton:\n{skeleton}\n\nYour point: {number}"
    return (Message("system", POINT), *history, Message("user", said))
