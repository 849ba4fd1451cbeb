"""Read JSON text of others, however deep it nests."""

from __future__ import annotations

import json

import pytest

from lcc.grammar.values import MOST_LEVELS, read_json


def _nested(levels: int) -> str:
    return '{"a":[' * (levels // 2) + "1" + "]}" * (levels // 2)


@pytest.mark.parametrize("levels", [2, 200, 600])
def test_json_is_read_as_json_loads_reads_it(levels: int) -> None:
    text = f'[{_nested(levels)}, "[[[[", {{"b": null}}]'
    assert read_json(text) == read_json(text.encode()) == json.loads(text)


@pytest.mark.parametrize("levels", [MOST_LEVELS + 2, 5_000, 30_000, 1_000_000])
def test_json_is_too_deep_on_every_python_alike(levels: int) -> None:
    for text in (_nested(levels), _nested(levels).encode(), bytearray(_nested(levels).encode())):
        with pytest.raises(RecursionError):
            read_json(text)


def test_many_containers_side_by_side_are_not_deep() -> None:
    assert len(read_json("[" + "[[]]," * MOST_LEVELS + "[]]")) == MOST_LEVELS + 1


def test_what_is_no_json_is_said_as_json_says_it() -> None:
    with pytest.raises(json.JSONDecodeError):
        read_json("[" * 2)
    with pytest.raises(ValueError, match="inf"):
        read_json("[Infinity]", parse_constant=lambda _: (_ for _ in ()).throw(ValueError("inf")))
