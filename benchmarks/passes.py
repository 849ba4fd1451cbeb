"""Time the passes, schedule random graphs by critical path, and count what the passes save on recorded plans.

    python -m benchmarks.passes [--data FOLDER]

Pipelines: microseconds a task from 10 to 100,000 tasks, and how the time grows with the plan. Every figure is the best of
three runs, of the time that the processor took, since other programs disturb.

Schedules: 200 random graphs of 200 tasks with log-normal durations on 8 workers; the makespan over its lower bound, the larger
of the critical path and the work divided by the workers. Order by critical path with exact costs, with costs that are off by
up to a factor of two, and the order of the source.

Savings: calls at -O0, and what deduplicate, eliminate-dead-tasks, batch-calls and narrow-join leave of them. The effects of the
tools in the records are not recorded; `EFFECTS` declares them. A call is counted with `CALL_USD`, a result with `RESULT_TOKENS`.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from random import Random

from lcc.grammar.diagnostics import has_errors
from lcc.grammar.ir import Arg, Batched, Const, ListOf, Plan, Ref, Task
from lcc.grammar.signatures import Tools, tools_by_name
from lcc.grammar.signatures.stubs import read_stub
from lcc.grammar.syntax.parser import parse_plan
from lcc.passes.analysis.critical_path import upward_ranks
from lcc.passes.analysis.estimate import Job, list_schedule
from lcc.passes.pipeline import optimize, passes_of
from lcc.passes.verify import verify

SIZES = (10, 1_000, 10_000, 100_000)
GRAPHS, NODES, WORKERS = 200, 200, 8
CALL_USD, RESULT_TOKENS = 0.001, 150
PEAKS = (
    "K2",
    "Lhotse",
    "Makalu",
    "Cho Oyu",
    "Dhaulagiri",
    "Manaslu",
    "Annapurna",
    "Nuptse",
    "Jannu",
    "Kamet",
    "Batura",
    "Noshaq",
)
RECORDED = Path(__file__).parents[1] / "tests" / "data" / "wild" / "clean.jsonl"

STUB = """
import lcc
@lcc.tool(effect="read", resource="web")
def search(query: str, limit: int = 10) -> str: ...
@lcc.tool(effect="pure", batch="embed_all", max_batch=50)
def embed(text: str) -> list[float]: ...
@lcc.tool(effect="pure")
def embed_all(items: list) -> list: ...
@lcc.tool(effect="write", resource="file:{path}")
def save(path: str, text: str) -> None: ...
@lcc.tool(effect="read", resource="file:{path}")
def load(path: str) -> str: ...
def post(text: str) -> str: ...
"""


def mixed_plan(tasks: int) -> str:
    """Return a plan of that many lines: searches, texts, writes and reads of files, fan-outs, batchable and undeclared calls."""
    random = Random(1)
    lines = []
    for id in range(1, tasks + 1):
        before = random.randint(max(1, id - 50), max(1, id - 1))
        file = random.randint(1, tasks // 10 + 1)
        choices = [f'search("entity {random.randint(1, tasks)}", limit={random.randint(5, 10)})'] * 4
        if id > 1:
            choices += [f'search("about ${before} and more", limit=3)'] * 3 + [f'save("f{file}.txt", ${before})']
            choices += [f'embed("${before} again")', f"post(${before})"]
        choices += [f'load("f{file}.txt")', f'search(each ["x{id}", "y{id}"])']
        lines.append(f"{id}. {random.choice(choices)}")
    return "\n".join([*lines, f"{tasks + 1}. join(${tasks})"])


def best(run: Callable[[], object], times: int = 3) -> float:
    """Return the shortest of a few runs, in seconds."""
    found = []
    for _ in range(times):
        start = time.process_time()
        run()
        found.append(time.process_time() - start)
    return min(found)


def time_pipelines() -> None:
    """Print the time of verify and of each level, a task."""
    tools = tools_by_name(read_stub(STUB, "tools.pyi").signatures)
    print("µs a task")
    print(f"{'tasks':>8}  {'verify':>7}  {'-O0':>6}  {'-O1':>6}  {'-O2':>6}  {'-O3':>6}  {'whole -O3, ms':>14}")
    whole: dict[int, float] = {}
    for size in SIZES:
        plan = parse_plan(mixed_plan(size)).plan
        verifying = best(lambda plan=plan: verify(plan, tools))  # type: ignore[misc]
        levels = [best(lambda plan=plan, n=n: optimize(plan, tools, level=n)) for n in range(4)]  # type: ignore[misc]
        whole[size] = levels[3]
        shown = "  ".join(f"{seconds / size * 1e6:>6.1f}" for seconds in levels)
        print(f"{size:>8,}  {verifying / size * 1e6:>7.1f}  {shown}  {levels[3] * 1e3:>14.2f}")
    for small, large in pairwise(SIZES[1:]):
        growth = whole[large] / whole[small] / (large / small)
        print(f"-O3, {small:,} → {large:,} tasks: {growth:.2f}× the time a task")
    size = SIZES[-1]
    timings = optimize(parse_plan(mixed_plan(size)).plan, tools, level=3).timings
    print(f"by pass, {size:,} tasks: " + ", ".join(f"{name} {s / size * 1e6:.1f}" for name, s in timings.items()))


def random_graph(random: Random) -> list[Job]:
    """Return a graph as planners write them: each task reads up to three of the twenty before it."""
    jobs = []
    for id in range(1, NODES + 1):
        window = range(max(1, id - 20), id)
        reads = tuple(random.sample(window, min(len(window), random.choice((0, 1, 1, 2, 3)))))
        jobs.append(Job(id, random.lognormvariate(0.0, 1.0), reads))
    return jobs


def ranked(jobs: list[Job], costs: dict[int, float]) -> list[Job]:
    """Return the jobs with their upward ranks under given costs as priorities."""
    tasks = tuple(Task(job.id, "t", (Arg(None, ListOf(tuple(map(Ref, job.after)))),)) for job in jobs)
    ranks = upward_ranks(Plan((), tasks), costs)  # type: ignore[arg-type]
    return [Job(job.id, job.seconds, job.after, ranks[job.id]) for job in jobs]


def schedule_graphs() -> None:
    """Print makespans over their lower bounds."""
    random = Random(7)
    ratios: dict[str, list[float]] = {
        "critical path, exact costs": [],
        "critical path, costs off by 2×": [],
        "source order": [],
    }
    for _ in range(GRAPHS):
        jobs = random_graph(random)
        bound = max(list_schedule(jobs).makespan, sum(job.seconds for job in jobs) / WORKERS)
        exact = {job.id: job.seconds for job in jobs}
        noisy = {id: seconds * 2 ** random.uniform(-1, 1) for id, seconds in exact.items()}
        for name, one in zip(ratios, (ranked(jobs, exact), ranked(jobs, noisy), jobs), strict=True):  # type: ignore[arg-type]
            ratios[name].append(list_schedule(one, workers=WORKERS).makespan / bound)
    print(f"\nmakespan over lower bound, {GRAPHS} graphs of {NODES} tasks, {WORKERS} workers")
    for name, found in ratios.items():
        print(f"  {name:<32} mean {statistics.mean(found):.3f}  worst {max(found):.3f}")


EFFECTS = {
    "pure": ("math", "summarize", "translate", "compare", "matrix_solve", "matrix_det"),
    "read": ("search", "http_get", "sql", "get_weather", "calendar_find"),
    "write": ("send_email", "jira_create"),
}


COMMON = ("search(query: str) -> str", "math(problem: str, context: list[str] = []) -> float")


def declared(signatures: Iterable[str]) -> Tools:
    """Return the tools of a record, with the effects that `EFFECTS` gives them; a search takes up to ten queries at once."""
    lines = ["import lcc"]
    for signature in signatures:
        name = signature.partition("(")[0]
        effect = next((effect for effect, names in EFFECTS.items() if name in names), None)
        batch = ', batch="search_all", max_batch=10' if name == "search" else ""
        lines += [f'@lcc.tool(effect="{effect}"{batch})'] if effect else []
        lines.append(f"def {signature}: ...")
    lines += ['@lcc.tool(effect="read")', "def search_all(items: list) -> list: ..."]
    stub = read_stub("\n".join(lines), "tools.pyi")
    return tools_by_name(stub.signatures)


def recorded_plans(data: Path | None) -> Iterator[tuple[str, Tools, Plan]]:
    """Yield the recorded plans that compile, those of the repository and those of a folder with more, and one made up."""
    files = [("clean", RECORDED)] if RECORDED.is_file() else []
    for name in ("parallelqa", "hotpotqa", "movie") if data is not None else ():
        assert data is not None
        files.append((name, data / name / "cassettes.jsonl"))
    for name, path in files:
        if not path.is_file():
            print(f"  {name}: no records at {path}")
            continue
        for line in path.read_text(encoding="utf-8").splitlines():
            record = json.loads(line)
            tools = declared(record.get("tools", COMMON))
            parsed = parse_plan(record["text"] if "text" in record else record["plan"])
            if not has_errors((*parsed.diagnostics, *verify(parsed.plan, tools))):
                yield name, tools, parsed.plan
    tools = declared(COMMON)
    yield "a plan that looks up what it knows", tools, parse_plan(wasteful_plan()).plan


def wasteful_plan() -> str:
    """Return a plan as planners write them that don't look back: twelve peaks, looked up again for each question."""
    lines: list[str] = []
    for peak in PEAKS:
        at = len(lines) + 1
        lines += [
            f'search("height of {peak}")',
            f'search("first ascent of {peak}")',
            f'math("the height in feet", context=[${at}])',
            f'search(query="height of {peak}")',
            f'math("how far above 8000 m", context=[${at + 3}])',
        ]
    reads = ", ".join(f"${at}, ${at + 2}" for at in range(3, len(lines), 5))
    return "\n".join(f"{n}. {line}" for n, line in enumerate(lines, 1)) + f"\n{len(lines) + 1}. join({reads})\n"


def calls_of(plan: Plan) -> int:
    """Return how many calls a plan makes; a fan-out over a list that isn't known counts as one, calls that go together too."""
    calls = sum(len(t.each.value.items) if t.each and isinstance(t.each.value, ListOf) else 1 for t in plan.tasks)
    return calls - sum(isinstance(origin, Batched) for origin in plan.origins)


def count_savings(data: Path | None) -> None:
    """Print what is left of the calls of recorded plans after each pass, and of what their joins read."""
    steps = {
        "-O0": (),
        "deduplicate": ("expand-each", "deduplicate"),
        "eliminate-dead-tasks": ("expand-each", "deduplicate", "eliminate-dead-tasks"),
        "batch-calls": ("expand-each", "deduplicate", "eliminate-dead-tasks", "batch-calls"),
        "narrow-join": ("narrow-join", *passes_of(3)),
    }
    totals: dict[str, dict[str, list[int]]] = {}
    for name, tools, plan in recorded_plans(data):
        for step, passes in steps.items():
            after = optimize(plan, tools, passes=passes).plan
            read = sum(not isinstance(value, Const) for value in after.join.values) if after.join else 0
            totals.setdefault(name, {}).setdefault(step, [0, 0, 0])
            for at, count in enumerate((1, calls_of(after), read)):
                totals[name][step][at] += count
    print("\ncalls and joined results of recorded plans, after each pass in turn")
    for name, by_step in totals.items():
        base = by_step["-O0"]
        print(f"  {name}, {base[0]} plans")
        for step, (_, calls, read) in by_step.items():
            usd, tokens = (base[1] - calls) * CALL_USD, (base[2] - read) * RESULT_TOKENS
            print(
                f"    {step:<22} {calls:>5} calls (saves ${usd:.3f})  joins read {read:>5} results (saves {tokens:,} tokens)"
            )


def main() -> None:
    """Print everything."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.passes", description=__doc__.partition("\n")[0] if __doc__ else None
    )
    parser.add_argument("--data", type=Path, help="a folder with more recorded plans: NAME/cassettes.jsonl")
    arguments = parser.parse_args()
    parse_plan("1. f()\n2. join()")
    time_pipelines()
    schedule_graphs()
    count_savings(arguments.data)


if __name__ == "__main__":
    main()
