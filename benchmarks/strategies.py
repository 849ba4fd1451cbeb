"""Name the strategies: lcc as it can be set, and the ways that others answer questions with tools.

An evaluation may have more of its own (`Evaluation.own`). Peers from PyPI run in environments of theirs: benchmarks/peers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchmarks.evaluation import Outcome, Runner, Session, Strategy
from benchmarks.replies import ANSWER


def lcc_runner(
    name: str, *, planner: str = "planner", stream: bool = True, agent: Mapping[str, Any] | None = None
) -> Runner:
    """Return the run of lcc by planner and joiner. `planner`: the role that writes the plan. `agent`: more for `lcc.Agent`."""

    async def run(session: Session) -> Outcome:
        import lcc

        def model(role: str) -> lcc.ModelSettings:
            return lcc.ModelSettings(
                model=session.model_for(role), base_url=session.base_url, key=session.key, stream=stream
            )

        settings = {**session.evaluation.settings(name), **(agent or {})}
        asking = lcc.Agent(session.tools, model("tools"), planner=model(planner), joiner=model("joiner"), **settings)
        return await ask(asking, session)

    return run


FORM = "Give your reasons in one sentence, then a last line `Answer: ` with the answer alone."
"""What a strategy that has no form for its answer is told beside the question, so that all of them give reasons first."""


async def ask(agent: Any, session: Session, form: str = "") -> Outcome:
    """Ask an agent; what goes wrong is the outcome."""
    import lcc

    try:
        answer = await agent.ask(f"{session.question.text}\n{form}" if form else session.question.text)
    except lcc.AskFailed as failed:
        return Outcome(None, failed.answer, str(failed))
    text = answer.text.rpartition(ANSWER)[2] if form else answer.text
    return Outcome(text if answer.ok else None, answer, answer.reason)


def agent_runner(strategy: str, form: str = "") -> Runner:
    """Return the run of one of the ways that lcc has for comparison; its model is asked by the strategy's name."""

    async def run(session: Session) -> Outcome:
        import lcc

        model = lcc.ModelSettings(model=session.model_for(strategy), base_url=session.base_url, key=session.key)
        agent: Any = lcc.Agent(session.tools, model, strategy=strategy, **session.evaluation.settings(strategy))
        return await ask(agent, session, form)

    return run


_LCC: list[tuple[str, str, dict[str, Any]]] = [
    ("lcc", "streaming, -O2", {}),
    ("lcc-plan-first", "the plan is read once it is whole", {"stream": False}),
    ("lcc-O0", "no optimization", {"agent": {"level": 0}}),
    ("lcc-O3", "all optimizations", {"agent": {"level": 3}}),
    ("lcc-recorded", "the plan with the record's thoughts", {"planner": "planner-recorded"}),
    ("lcc-each", "the same plan with `each`", {"planner": "planner-each"}),
    ("lcc-answer", "the same plan with `answer`", {"planner": "planner-answer"}),
    ("lcc-short", "the same plan with `each` and `answer`", {"planner": "planner-short"}),
    ("lcc-narrow-join", "the joiner sees only results that no call reads", {"planner": "planner-narrow-join"}),
    ("lcc-constrained", "the planner is held to a grammar, in GBNF", {"agent": {"constrain": "gbnf"}}),
    ("lcc-no-examples", "no examples in the prompt", {}),
]

STRATEGIES: dict[str, Strategy] = {
    name: Strategy(name, says, lcc_runner(name, **more), limited=True) for name, says, more in _LCC
}

DIALECTS: list[tuple[str, str]] = [
    ("steps", "plans with values, conditions and loops"),
    ("steps-answer", "the same with `answer`"),
    ("python", "programs in Python"),
    ("python-answer", "the same with `answer`"),
]


def dialect(form: str, says: str, name: str = "") -> Strategy:
    """Return the strategy of lcc where plans are written in another form than as plain calls. `form`: what is played; `name` of the strategy."""
    agent = {"language": form.partition("-")[0]}
    name = name or f"lcc-{form}"
    return Strategy(name, says, lcc_runner(name, planner=f"planner-{form}", agent=agent))


STRATEGIES |= {one.name: one for one in (dialect(*two) for two in DIALECTS)}
STRATEGIES["lcc-python-no-examples"] = dialect("python-answer", "the same without examples", "lcc-python-no-examples")


def rewoo_runner(*, parallel: bool) -> Runner:
    """Return the run of ReWOO. `parallel`: its workers make calls at once where they can; as published, they don't."""

    async def run(session: Session) -> Outcome:
        import lcc

        def model(role: str) -> lcc.ModelSettings:
            return lcc.ModelSettings(model=session.model_for(role), base_url=session.base_url, key=session.key)

        agent = lcc.Agent(
            session.tools,
            model("tools"),
            planner=model("rewoo-planner"),
            joiner=model("rewoo-solver"),
            strategy="rewoo",
            parallel_workers=parallel,
            **session.evaluation.settings("rewoo"),
        )
        return await ask(agent, session, FORM)

    return run


_OTHERS = (
    Strategy("react", "think, one call, look at its result, and again", agent_runner("react")),
    Strategy(
        "openai-parallel",
        "the endpoint's own tool calls, those of a turn at once",
        agent_runner("openai-parallel", FORM),
    ),
    Strategy("rewoo", "a plan, then one call after another, then the answer", rewoo_runner(parallel=False)),
    Strategy("rewoo-parallel", "the same with its calls at once", rewoo_runner(parallel=True)),
)
STRATEGIES |= {one.name: one for one in _OTHERS}
"""By name."""
