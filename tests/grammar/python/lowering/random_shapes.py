"""Make up statements of the kinds that are easy to get wrong: aliases, closures, iterators read in parts, exits from `finally`, tasks.

Each shape is a few lines around random expressions of a Maker.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

Lines = list[str]


class Expressions(Protocol):
    """What makes random expressions."""

    waits: bool

    def int(self, depth: int) -> str:
        """Return a number."""

    def text(self, depth: int) -> str:
        """Return a text."""

    def items(self, depth: int) -> str:
        """Return a list that nothing makes longer."""

    def test(self, depth: int) -> str:
        """Return a condition."""

    def call_int(self, depth: int) -> str:
        """Return a call whose result is a number."""

    def wait(self, call: str) -> str:
        """Return a call that is awaited where it must be."""


def iterator_in_parts(m: Expressions, n: str) -> Lines:
    """Read an iterator here and there."""
    return [
        f"{n} = iter({m.items(1)})",
        f"print(next({n}, 0), {m.call_int(1)})",
        f"for a in {n}:",
        f"    if {m.test(1)}:",
        "        break",
        f"print(a, list({n}))",
    ]


def kept_generator(m: Expressions, n: str) -> Lines:
    """Keep a generator, and read it later."""
    return [
        f"{n} = [7, {m.int(1)}]",
        f"{n}g = (v + len({n}) for v in {m.items(1)} if v)",
        f"{n}.append({m.call_int(1)})",
        f"print(next({n}g, 0), sum({n}g), list({n}g))",
    ]


def growing_list(m: Expressions, n: str) -> Lines:
    """Make a list longer, or shorter, while it is read."""
    change = f"{n}.append({m.int(1)})" if len(n) % 2 else f"{n}.remove(v)"
    return [
        f"{n} = [{m.int(1)}, {m.int(1)}, 4]",
        f"for v in {n}:",
        f"    if len({n}) < 6 and {m.test(1)}:",
        f"        {change}",
        f"    {m.call_int(1)}",
        f"print({n})",
    ]


def sorted_by_calls(m: Expressions, n: str) -> Lines:
    """Sort by a key that calls and looks at what is sorted."""
    key = m.int(0) if m.waits else f"depth(abs(v)) + len({n}) * v"
    return [f"{n} = [3, {m.int(1)}, 1]", f"{n}.sort(key=lambda v: {key})", f"print({n})"]


def nested_lists(m: Expressions, n: str) -> Lines:
    """Change a list that stands in several places."""
    return [
        f"{n} = [{m.int(1)}]",
        f"{n}all = [{n}, {n}[:], [{n}]]",
        f"for {n}one in {n}all:",
        f"    {n}one += [{m.call_int(1)}]",
        f"    {n}.insert(0, len({n}all))",
        f"print({n}all, {n}all[0] is {n})",
    ]


def records(m: Expressions, n: str) -> Lines:
    """Change a record and what is in it."""
    return [
        f"{n} = {m.wait(f'berth({m.text(0)})')}",
        f"{n}['depth'] += {m.int(1)}",
        f"{n}.items.append({m.call_int(1)})",
        f"{n}c = dict({n})",
        f"{n}c['crew'] = {m.text(1)}",
        f"print({n}.depth, {n}.items, {n}.crew, {n}c['crew'], len({n}c['items']))",
    ]


def left_finally(m: Expressions, n: str) -> Lines:
    """Leave a `finally` by another way than its body."""
    return [
        f"def {n}f(p):",
        "    for i in [1, 2]:",
        "        try:",
        f"            if p > {m.int(0)}:",
        "                return p // (p - 2)",
        "            [][p]",
        "        except IndexError:",
        "            p += 1",
        "            continue",
        "        finally:",
        "            if p == 4:",
        "                break",
        "    return -p",
        f"print({n}f({m.int(1)}), {n}f(2 + len({m.items(1)})))",
    ]


def handled_calls(m: Expressions, n: str) -> Lines:
    """Call in the body, a handler, `else` and `finally` of a try in a loop."""
    return [
        f"for {n} in [{m.int(1)}, -1]:",
        "    try:",
        f"        {m.call_int(1)}",
        f"        print({m.wait(f'depth({n})')})",
        "    except (ValueError, LookupError) as e:",
        f"        print(type(e).__name__, {m.wait(f'note({m.text(0)}, str(e))')})",
        "    else:",
        f"        {m.call_int(1)}",
        "    finally:",
        f"        print({m.wait(f'tides({n})')})",
    ]


def closures(m: Expressions, n: str) -> Lines:
    """Call functions made in a loop, and one that a function holds."""
    return [
        f"{n}k = {m.int(1)}",
        f"{n}fs = [lambda v, w=i: v * w + {n}k for i in {m.items(1)}]",
        f"def {n}outer(p):",
        f"    q = p + {n}k",
        "    def inner(v, r=p):",
        "        return v + q + r",
        "    q += 1",
        "    return inner(1) + inner(p, r=2)",
        f"{n}k = {m.int(1)}",
        f"print([f(2) for f in {n}fs], {n}outer({m.int(1)}))",
    ]


def changed_arguments(m: Expressions, n: str) -> Lines:
    """Change what a function is given, and a default that is kept."""
    return [
        f"def {n}add(ys, v, seen=[]):",
        "    seen.append(v)",
        "    ys += [v, len(seen)]",
        "    ys = [0]",
        "    return len(seen)",
        f"{n} = [{m.int(1)}]",
        f"print({n}add({n}, {m.call_int(1)}), {n}add({n}, {m.int(1)}), {n})",
    ]


def dictionaries(m: Expressions, n: str) -> Lines:
    """Use what dictionaries have."""
    return [
        f"{n} = {{}}",
        f"for i in {m.items(1)}:",
        f"    {n}.setdefault(i % 3 if isinstance(i, int) else 0, []).append({m.call_int(1)})",
        f"{n}.update(z={m.int(1)})",
        f"print({n}.pop('z'), {n}.pop('y', {m.int(1)}), {n}.popitem() if {n} else 0)",
        f"print(sorted({n}.items(), key=lambda p: (-len(p[1]), p[0])), [*{n}], 0 in {n})",
    ]


def starred_calls(m: Expressions, n: str) -> Lines:
    """Give arguments to tools by stars and names."""
    one, two = m.text(0), m.int(1)
    return [
        f"print({m.wait(f'note(*[{one}, {two}])')}, {m.wait(f'note(text={two}, name={one})')})",
        f"print({m.wait('depth(**{' + repr('place') + f': abs({two})' + '})')}, max(*{m.items(1)}, 1, 2))",
    ]


def modules(m: Expressions, n: str) -> Lines:
    """Use the modules that programs have."""
    return [
        "from collections import Counter, defaultdict",
        "import json, math, itertools",
        f"{n} = Counter(v % 3 if isinstance(v, int) else 1 for v in {m.items(1)})",
        f"{n}d = defaultdict(list)",
        f"for {n}k, v in itertools.groupby(sorted([{m.int(1)}, {m.call_int(1)}, 2]), key=lambda v: v % 2):",
        f"    {n}d[{n}k] += list(v)",
        f"print({n}.most_common(2), dict({n}d), json.dumps({{'a': {m.int(1)}}}), math.floor({m.int(1)} / 2))",
        f"print(list(itertools.chain([1], {m.items(1)}))[:3], json.loads('[1]') + [{m.int(0)}])",
    ]


def swapped(m: Expressions, n: str) -> Lines:
    """Assign several targets that depend on each other."""
    return [
        f"{n} = [0, 1, 2]",
        f"a, {n}[a % 3 if isinstance(a, int) else 0], *{n}r = {m.int(1)}, {m.call_int(1)}, *{m.items(1)}",
        "a, b = b, a",
        f"{n}[0], {n}[1] = {n}[1], {n}[0]",
        f"print({n}, {n}r, a, b)",
    ]


def reread(m: Expressions, n: str) -> Lines:
    """Read, write and read again."""
    return [
        f"{n} = {m.wait('depth(3)')}",
        f"if {m.test(1)}:",
        f"    {m.wait('signal(4)')}",
        f"{n}b = {m.wait('depth(3)')}",
        f"{m.wait(repr('note')[1:-1] + f'({m.text(0)}, {n})')}",
        f"print({n}, {n}b, {m.wait('depth(3)')})",
    ]


def poll(m: Expressions, n: str) -> Lines:
    """Ask until something has changed."""
    return [
        f"{n} = 0",
        f"while {m.wait(f'note({m.text(0)}, {n})')} < 4 and {n} < 5:",
        f"    {n} += 1",
        f"    if {m.test(1)}:",
        "        continue",
        f"    {m.call_int(1)}",
        "else:",
        f"    print('end', {n})",
    ]


def tasks(m: Expressions, n: str) -> Lines:
    """Begin tasks and await them, in order or all at once."""
    return [
        f"{n}a = asyncio.create_task(depth(abs({m.int(1)})))",
        f"{n}b = asyncio.create_task(tides({m.int(1)}))",
        f"a = {m.int(1)}",
        f"print(await {n}a, await {n}b)",
        f"{n}t = [asyncio.create_task(note('log', i)) for i in {m.items(1)}]",
        f"print(await asyncio.gather(*{n}t, return_exceptions=True) == 0)",
    ]


def gathered_helpers(m: Expressions, n: str) -> Lines:
    """Gather functions that read and write, and gathers in them; what writes the same in two of them would depend on the time."""
    return [
        f"async def {n}w(p, q):",
        "    got = await asyncio.gather(note(f'{q}', p), tides(p), note(f'{q}', [p]))",
        "    if got[0] > 2:",
        "        return await note(f'{q}', 'more')",
        "    return got + [await tides(q)]",
        f"print(await asyncio.gather({n}w({m.int(1)}, 7), note('log', 1), *[{n}w(i, k + 10) for k, i in enumerate({m.items(1)})]))",
        f"print(await asyncio.gather(*[note('log', i) for i in {m.items(1)}], asyncio.gather({n}w(3, 5), {n}w(4, 6))))",
    ]


SHAPES: Final[tuple[Callable[[Expressions, str], Lines], ...]] = (
    iterator_in_parts, kept_generator, growing_list, sorted_by_calls, nested_lists, records, left_finally, handled_calls,
    closures, changed_arguments, dictionaries, starred_calls, modules, swapped, reread, poll,
)  # fmt: skip
WAITING: Final = (*SHAPES, tasks, gathered_helpers)
