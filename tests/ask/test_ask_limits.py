"""A question's limits end it cleanly, and its accounts are right."""

from __future__ import annotations

import pytest
from asking import BACKENDS, END, World, agent, finish, replan, run
from fake_model_server import FakeModelServer, Hang, Reply, Text
from moving_clock import LONG, MovingClock

import lcc
from lcc.ask.accounts import Accounts, Stopped
from lcc.ask.answer import AnswerStatus
from lcc.models.tokens import RoleUsage, TokenUsage, is_private, price, read_usage

PLAN = f'1. search("tides")\n2. join()\n{END}'
USAGE = {"prompt_tokens": 100, "completion_tokens": 7, "prompt_tokens_details": {"cached_tokens": 64}}


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        (lcc.Limits(model_calls=1), "1 model calls"),
        (lcc.Limits(tokens=100), "100 tokens"),
        (lcc.Limits(usd=0.0), "0 USD"),
    ],
)
def test_a_limit_stops_the_ask_and_keeps_results(limits: lcc.Limits, reason: str) -> None:
    world = World()
    with FakeModelServer({"planner": [Text(PLAN, usage=USAGE)], "joiner": [finish("x")]}) as server:
        answer = run(lambda: agent(world, server, limits=limits).ask("?"))
    assert answer.status is AnswerStatus.STOPPED
    assert not answer.ok
    assert reason in answer.reason
    assert answer.results == ({} if limits.usd is not None else {"1": "about tides"})


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_time_limit_stops_a_model_that_hangs(backend: str) -> None:
    world = World()
    script: dict[str, list[Reply]] = {"planner": [PLAN], "joiner": [Hang()]}
    clock, limits = MovingClock(), lcc.Limits(seconds=LONG)
    with FakeModelServer(script, hanging=clock.put_forward) as server:
        answer = clock.run(lambda: agent(world, server, limits=limits, timeout=10 * LONG).ask("?"), backend)
    assert answer.status is AnswerStatus.STOPPED
    assert f"{LONG:g} s" in answer.reason
    assert answer.results == {"1": "about tides"}


@pytest.mark.parametrize("stream", [True, False])
def test_tokens_are_counted_as_the_endpoint_counts_them(stream: bool) -> None:
    world = World()
    second = f'3. search("moon")\n4. join()\n{END}'
    planner: list[Reply] = [Text(PLAN, usage=USAGE), Text(second, usage=USAGE)]
    with FakeModelServer({"planner": planner, "joiner": [replan("x"), Text(finish("y"), usage=USAGE)]}) as server:
        answer = run(lambda: agent(world, server, stream=stream).ask("?"))
    assert answer.usage["planner"].tokens == TokenUsage(2, 200, 128, 14)
    assert answer.usage["joiner"].tokens.calls == 2
    assert answer.total.tokens.calls == 4
    assert answer.total.usd == 0.0


def test_a_call_that_says_nothing_of_its_tokens_is_counted_as_such() -> None:
    world = World()
    with FakeModelServer({"planner": [Text(PLAN, usage=False)], "joiner": [finish("y")]}) as server:
        answer = run(lambda: agent(world, server).ask("?"))
    assert answer.usage["planner"].tokens == TokenUsage(1, 0, 0, 0, 1)


def test_both_forms_of_usage_are_read() -> None:
    responses = {"input_tokens": 9, "output_tokens": 4, "input_tokens_details": {"cached_tokens": 3}}
    assert read_usage(responses) == TokenUsage(1, 9, 3, 4)
    assert read_usage({"prompt_tokens": 9, "completion_tokens": 4}) == TokenUsage(1, 9, 0, 4)
    assert read_usage(None) == TokenUsage(1, silent=1)
    assert read_usage({"prompt_tokens": "many", "prompt_tokens_details": None}) == TokenUsage(1)


def test_a_price_is_known_unknown_or_nothing() -> None:
    usage = TokenUsage(1, 1_000_000, 500_000, 1_000)
    full = price(TokenUsage(1, 1_000_000, 0, 1_000), "gpt-4o-mini", None)
    known = price(usage, "gpt-4o-mini", None)
    assert known is not None
    assert full is not None
    assert 0 < known < full
    assert price(usage, "a-model-of-my-own", None) is None
    assert price(usage, "gpt-4o-mini", "http://localhost:11434/v1") == 0.0
    assert price(TokenUsage(1, silent=1), "gpt-4o-mini", None) is None


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "10.1.2.3", "192.168.0.9", "::1", "box.local"])
def test_private_hosts_are_known(host: str) -> None:
    assert is_private(host)


@pytest.mark.parametrize("host", ["api.openai.com", "8.8.8.8", "localhost.example.com"])
def test_public_hosts_are_known(host: str) -> None:
    assert not is_private(host)


def test_what_tools_report_counts_for_the_limit() -> None:
    world = World()

    @lcc.tool(effect="read")
    async def think(ctx: lcc.Context, about: str) -> str:
        ctx.spend(tokens=500, usd=0.25)
        return "thought"

    plan = f'1. think("a")\n2. think("$1")\n3. think("$2")\n4. join()\n{END}'
    with FakeModelServer({"planner": [Text(plan, usage=USAGE)], "joiner": [finish("x")]}) as server:
        model = lcc.ModelSettings(model="fake", base_url=server.base_url)
        answer = run(lambda: lcc.Agent([think], model, limits=lcc.Limits(tokens=800)).ask("?"))
    del world
    assert answer.status is AnswerStatus.STOPPED
    assert answer.usage["tools"].tokens.completion == 1_000
    assert set(answer.results) == {"1", "2"}


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_limit_may_ask_to_go_on(backend: str) -> None:
    asked: list[lcc.LimitReached] = []

    async def more(reached: lcc.LimitReached) -> lcc.Limits | None:
        asked.append(reached)
        return lcc.Limits(model_calls=reached.model_calls + 1)

    world = World()
    limits = lcc.Limits(model_calls=1, on_reached=more)
    script: dict[str, list[Reply]] = {
        "planner": [PLAN, f'3. search("moon")\n4. join()\n{END}'],
        "joiner": [replan("x"), finish("y")],
    }
    with FakeModelServer(script) as server:
        answer = run(lambda: agent(world, server, limits=limits).ask("?"), backend)
    assert (answer.status, answer.text) == ("answered", "y")
    assert [reached.message for reached in asked] == [f"the limit of {n} model calls is reached" for n in (1, 2, 3)]
    assert asked[-1].limits == lcc.Limits(model_calls=3)


@pytest.mark.parametrize(
    "given", [None, True, lcc.Limits(model_calls=1), lcc.Limits(model_calls=0), lcc.Limits(tokens=9), ValueError("no")]
)
def test_only_larger_limits_are_a_yes_and_a_no_is_asked_for_once(given: object) -> None:
    asked: list[str] = []

    async def more(reached: lcc.LimitReached) -> lcc.Limits | None:
        asked.append(reached.message)
        if isinstance(given, Exception):
            raise given
        return given  # type: ignore[return-value]

    world = World()
    limits = lcc.Limits(model_calls=1, tokens=100_000, on_reached=more)
    with FakeModelServer({"planner": [PLAN], "joiner": [finish("y")]}) as server:
        answer = run(lambda: agent(world, server, limits=limits).ask("?"))
    assert (answer.status, len(asked)) == (AnswerStatus.STOPPED, 1)
    assert len(server.requests) == 1


def test_a_limit_that_larger_ones_do_not_lift_is_asked_about_once() -> None:
    asked: list[str] = []

    async def more(reached: lcc.LimitReached) -> lcc.Limits | None:
        asked.append(reached.message)
        return lcc.Limits(usd=2 * (reached.limits.usd or 0.0))

    accounts = Accounts(lcc.Limits(usd=1.0, on_reached=more), lambda: 0.0, lambda event: None)
    accounts.roles["planner"] = RoleUsage(TokenUsage(1), None)
    with pytest.raises(Stopped, match="price of the model isn't known"):
        run(accounts.begin)
    assert len(asked) == 1


@pytest.mark.parametrize("more_tokens", [True, False])
def test_the_tools_of_a_question_may_go_on_beyond_its_limit(more_tokens: bool) -> None:
    asked: list[lcc.LimitReached] = []
    made: list[int] = []

    async def more(reached: lcc.LimitReached) -> lcc.Limits | None:
        asked.append(reached)
        return lcc.Limits(tokens=2_000) if more_tokens else None

    @lcc.tool(effect="read")
    async def costly(number: int, context: lcc.Context) -> int:
        made.append(number)
        context.spend(tokens=600)
        return number

    plan = f"1. costly(1)\n2. costly(2)\n3. costly(3)\n4. join()\n{END}"
    limits = lcc.Limits(tokens=1_000, on_reached=more)
    usage = {"prompt_tokens": 0, "completion_tokens": 0}
    with FakeModelServer({"planner": [Text(plan, usage=usage)], "joiner": [Text(finish("y"), usage=usage)]}) as server:
        model = lcc.ModelSettings(model="fake", base_url=server.base_url, key="k", timeout=100.0)
        one = lcc.Agent([costly], model, limits=limits, options=lcc.Options(concurrency=1))
        answer = run(lambda: one.ask("?"))
    assert made == ([1, 2, 3] if more_tokens else [1, 2])
    assert answer.status == ("answered" if more_tokens else "stopped")
    assert len(asked) == 1
