"""Programs mean what CPython means by them: result, printed text, calls in order, exceptions."""

from __future__ import annotations

import pytest
from both_ways import Seen, by_cpython, by_lowering
from hypothesis import given, settings, strategies as st
from random_python import program

PROGRAMS = {
    "late binding": "fs = [lambda x: x * i for i in range(3)]\ngs = [lambda x, i=i: x + i for i in range(3)]\n"
    "v = depth(1)\nanswer([[f(v) for f in fs], [g(v) for g in gs]])",
    "a default is evaluated once": "n = 1\ndef f(x, seen=[n]):\n    seen.append(x)\n    return list(seen)\nn = 5\n"
    "print(f(depth(1)), f(2), f(3, []))",
    "closures see names as they are when called": "k = 1\ndef f(x):\n    return x + k\na = f(depth(1))\nk = 10\nprint(a, f(1))",
    "a local name without a value": "x = 1\ndef f(c):\n    if c:\n        x = 2\n    return x\n"
    "print(f(depth(1)))\ntry:\n    f(0)\nexcept UnboundLocalError as e:\n    print(e)",
    "the name of a tool is the name of its result": "depth = depth(3)\nif depth > 0:\n    note = note('log', depth)\nelse:\n    note = 0\nanswer([depth, note])",
    "a name after its handler": "try:\n    depth(-1)\nexcept ValueError as e:\n    s = str(e)\nprint(s)\nprint(e)",
    "loop variables after loops": "x = 9\nys = [x for x in (depth(1), 2)]\nfor x, (y, *z) in [(1, (2, 3, 4))]:\n    pass\nprint(x, y, z, ys)",
    "arguments before a call": "xs = [1]\ndef grow():\n    xs.append(depth(1))\n    return len(xs)\nprint([len(xs), grow(), len(xs), grow()])",
    "a missing item before a call": "xs = []\nnote('a', [xs[0], note('b', 1)])",
    "a missing method before a call": "x = None\nx.append(note('a', 1))",
    "a name without a value before a call": "print(y, note('a', 1))\ny = 2",
    "a format before a call": "d = {}\nprint(f'{d[0]} {note(1, 2)}')",
    "augmented items": "d = {'a': [1]}\nxs = [0, 0]\ni = 0\ndef step():\n    return note('n', i)\n"
    "d['a'] += [step()]\nxs[step() - 2] += step()\nys = xs\nys += [1]\nxs = xs + [2]\nprint(d, xs, ys)",
    "a target that reads another": "i, xs = 0, [0, 0]\ni = xs[i] = depth(1) - 6\nprint(i, xs)",
    "chained comparison": "print(1 < depth(2) < note('n', 1) < depth(3), 1 < depth(2) < 9)",
    "and, or, conditional": "print(depth(0) and depth(1), depth(1) or note('a'), note('b') if depth(1) else note('c'), not depth(1))",
    "a while with a call": "n = 0\nwhile note('w', n) < 3:\n    n += 1\n    if n == 5:\n        break\nelse:\n    print('end')\nprint(n)",
    "a while with continue": "n = 0\nwhile depth(n) != 8:\n    n += 1\n    if n % 2:\n        continue\n    note('even', n)\nprint(n)",
    "finally and return": "def f(x):\n    try:\n        return depth(x)\n    except ValueError:\n        return note('h')\n    finally:\n"
    "        note('f', x)\nprint(f(1), f(-1))",
    "a finally that returns": "def f():\n    for i in range(3):\n        try:\n            depth(-i)\n        finally:\n            if i:\n"
    "                return i\nprint(f())",
    "an exception again": "try:\n    try:\n        depth(-1)\n    except ValueError:\n        note('a')\n        raise\nexcept (KeyError, ValueError) as e:\n"
    "    print(type(e).__name__, e)\nelse:\n    note('b')\nraise KeyError('k') from None",
    "an answer in a try": "try:\n    answer(depth(1))\nexcept:\n    note('a')\nfinally:\n    print('f')\nnote('b')",
    "a handler by class": "for s in ('x', 'gull'):\n    try:\n        r = berth(s)\n    except LookupError as e:\n        print(e)\n    else:\n        print(r.ship, r.items)",
    "any, all, next": "print(any(depth(i) > 5 for i in range(9)), all(depth(i) < 7 for i in range(9)))\n"
    "print(next((i for i in range(9) if depth(i) == 1), None), next(depth(i) for i in (2, 3)))\nnext(depth(i) for i in [])",
    "a for over a generator": "for i, v in enumerate((depth(i) for i in range(9) if i != 2), 1):\n    if v > 6:\n        continue\n"
    "    note('l', v)\n    if i > 3:\n        break\nelse:\n    note('no')",
    "map, filter, zip": "print(list(map(depth, [1, 2])), list(zip('ab', (depth(i) for i in range(5)))))\n"
    "from itertools import islice, chain\nprint(list(islice((note('n', i) for i in range(9)), 2)))\n"
    "print(list(filter(lambda v: depth(v) > 4, range(5))), sum(chain.from_iterable(tides(i) for i in range(4))))",
    "arguments before a generator is read": "print(max((note('g', i) for i in range(2)), default=note('d')))\n"
    "print(sum((depth(i) for i in range(2)), note('d')))",
    "keys that call": "print(sorted([1, 2, 3], key=depth), max([1, 2], key=lambda v: note('k', v)), min('ab', key=lambda c: depth(ord(c))))\n"
    "xs = [3, 1, 2]\nxs.sort(key=lambda v: -depth(v), reverse=True)\nprint(xs)",
    "functions as values": "d = {'a': 2, 'b': 1}\nprint(sorted(d, key=d.get), sorted(['b', 'A'], key=str.lower), list(map(str, d)))\n"
    "from functools import reduce\nprint(reduce(lambda a, b: a * b, [1, 2, 3]), reduce(lambda a, b: a + depth(b), [1, 2], 0))",
    "comprehensions that call": "print({depth(i) % 2 for i in range(4)} == {0, 1}, {i: depth(i) for i in range(3) if depth(i)})\n"
    "print([(i, j, depth(j)) for i in range(3) if depth(i) for j in tides(i)])",
    "walrus": "if (n := depth(2)) > 3:\n    ys = [y for x in range(4) if (y := depth(x)) > 1]\nprint(n, ys, y)",
    "helpers in helpers": "def outer(xs, unit='m', *, sep='-'):\n    def line(x, width=len(sep) + 1):\n        return f'{depth(x):>{width}}{unit}'\n"
    "    return sep.join([line(x) for x in xs]) + line(1, width=5)\nprint(outer([1, 2]), outer([3], 'ft', sep='+'))",
    "a helper as a key": "def near(v):\n    d = depth(v)\n    return d if d > 3 else -d\nprint(sorted(range(5), key=near))",
    "several values for one parameter": "def f(a, *rest):\n    return a, rest\nprint(f(depth(1), note('a'), 3), f(1))",
    "aliases": "row = {'n': 0}\nrows, copies = [], []\nfor i in range(3):\n    row['n'] += depth(i)\n    rows.append(row)\n    copies.append(dict(row))\n"
    "print(rows, copies)",
    "slices": "xs = [1, 2, 3, 4]\nxs[1:3] = [depth(1)]\ndel xs[0]\nxs[::2] = 'ab'\nprint(xs, xs[-1:], xs[depth(1) - 7])",
    "stars": "a, *b = [depth(1), *tides(2)]\n(c, [d, e]) = 1, (2, 3)\nprint(a, b, c, d, e, *b, sep=', ')\nprint({**{'a': 1}, 'b': depth(2)})",
    "f-strings": 'x = depth(1)\nprint(f\'{x=} {x:>{x}} {x!r:5}|{"a" if x else 0} {{}} {berth("gull").ship:^9}\')',
    "print of nothing": "print()\nprint(1, end='')\nprint('a', 'b', sep='')",
    "the last expression": "x = depth(1)\n[x, x + 1]",
    "print goes before the last expression": "print(depth(1))\n2",
    "a return goes before print": "print(depth(1))\nif depth(2):\n    return 3",
    "assert": "assert depth(1), note('never')\nassert depth(1) < 0, f'too deep: {depth(1)}'",
    "dates": "from datetime import datetime, timedelta, date\nd = datetime.strptime('2026-03-01', '%Y-%m-%d') + timedelta(days=depth(1))\n"
    "print(d.isoformat(), (date(2026, 3, 9) - d.date()).days, isinstance(d, datetime))",
    "modules": "import json, math, re, statistics as stats\nfrom collections import Counter, defaultdict\n"
    "print(json.dumps({'a': depth(1)}), math.floor(2.5), math.pi, re.findall(r'\\d', 'a1b2'), stats.mean([1, 2]))\n"
    "c = Counter(depth(i) % 2 for i in range(3))\nd = defaultdict(list)\nd['a'].append(1)\nprint(c.most_common(1), dict(d))",
    "main": "def main():\n    print(depth(1))\n    return 2\nif __name__ == '__main__':\n    main()",
    "names that hide builtins": "len = depth(1)\nsum = 0\nfor i in range(3):\n    sum += i\nprint(len, sum)",
    "a generator whose names its loop assigns": "k = 1\nfor v in (x + k for x in [1, 2, 3]):\n    k = depth(v)\n    print(v)",
    "a list that grows while it is read": "xs = [1]\nfor x in xs:\n    if len(xs) < 4:\n        xs.append(x + depth(0))\nprint(xs)",
}
AWAITING = {
    "await everywhere": "x = await depth(1)\nprint([await depth(i) for i in range(3)], {i: await depth(i) for i in (1, 2)}, f'{await depth(2)}')\n"
    "if await depth(1) > 3 and await note('a'):\n    print(x)",
    "gather": "import asyncio\na, b = await asyncio.gather(depth(1), note('a', 1))\n"
    "print(a, b, await asyncio.gather(*[depth(i) for i in range(4) if i != 2], note('b')))",
    "an async main": "import asyncio\nasync def one(i, by=2):\n    d = await depth(i)\n    return d * by\nasync def main():\n"
    "    print(await asyncio.gather(*(one(i) for i in range(3)), one(4, by=1)))\n    return 5\nasyncio.run(main())",
    "await main": "async def main():\n    return await depth(1)\nprint(await main())",
    "coroutines in names": "import asyncio\nn = 1\na = depth(n)\nn = 2\ntasks = [depth(i + n) for i in range(3)]\nn = 5\n"
    "tasks.append(note('a', n))\nn = 6\nprint(await asyncio.gather(*tasks), await a)",
    "a list that a loop fills": "import asyncio\ntasks = []\nfor i in range(3):\n    tasks.append(depth(i))\n    if i:\n        tasks.append(note('n', i))\n"
    "print(await asyncio.gather(*tasks))",
    "one after the other": "tasks = [note('n', i) for i in range(3)]\nfor t in tasks:\n    print(await t)",
    "exceptions as values": "import asyncio\nfor r in await asyncio.gather(depth(-1), depth(1), return_exceptions=True):\n"
    "    print(isinstance(r, ValueError), type(r).__name__, r)",
    "gathers in a gather": "import asyncio\nprint(await asyncio.gather(asyncio.gather(depth(2), note('a')), depth(1)))",
    "tasks": "import asyncio\na = asyncio.create_task(depth(1))\nb = asyncio.create_task(depth(2))\nprint(await a, await b)\n"
    "print(await asyncio.gather(*[asyncio.create_task(depth(i)) for i in (1, 2)]))",
    "a helper that returns a call": "def at(i):\n    return depth(i + 1)\nprint(await at(1))",
    "a helper that doesn't wait": "def twice(x):\n    return x * 2\nprint(twice(await depth(1)))",
}


@pytest.mark.parametrize("name", [*PROGRAMS, *AWAITING])
def test_a_program_means_what_cpython_means(name: str) -> None:
    text = (PROGRAMS | AWAITING)[name] + "\n"
    assert by_lowering(text) == by_cpython(text)


@pytest.mark.filterwarnings("ignore")
@given(st.integers(0, 1 << 40), st.booleans())
@settings(max_examples=60, deadline=None)
def test_a_random_program_means_what_cpython_means(seed: int, waits: bool) -> None:
    text = program(seed, waits=waits)
    try:
        expected = by_cpython(text)
    except SyntaxError:
        return
    found = by_lowering(text)
    if isinstance(found, Seen) and "OperationError" not in str(found.error):
        if "gather" in text:  # functions take turns there; the reference does one after the other
            found.calls.sort(key=repr)
            expected.calls.sort(key=repr)
        assert found == expected, text


def test_most_random_programs_are_accepted_and_call() -> None:
    found = [by_lowering(program(seed)) for seed in range(60)]
    accepted = [one for one in found if isinstance(one, Seen)]
    assert len(accepted) > 45
    assert sum(len(one.calls) for one in accepted) > 60
