"""The example tools do real work: they search, look up, compute and write, and refuse what they should."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from pathlib import Path
from types import ModuleType

import anyio
import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(scope="module")
def tools() -> ModuleType:
    spec = importlib.util.spec_from_file_location("example_tools", EXAMPLES / "tools.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["example_tools"] = module
    spec.loader.exec_module(module)
    return module


def read(name: str) -> dict[str, dict[str, dict[str, object]]]:
    return json.loads((EXAMPLES / "data" / f"{name}.json").read_text(encoding="utf-8"))


def search(tools: ModuleType, query: str) -> str:
    return anyio.run(tools.search, query)


@pytest.mark.parametrize(
    ("query", "begins"),
    [
        ("Mount Everest", "Mount Everest is"),
        ("height of Mount Kilimanjaro", "Mount Kilimanjaro is"),
        ("Which statue is the tallest in the world?", "The Statue of Unity"),
        ("sights of Lisbon", "Lisbon, the capital"),
        ("APPLE's market capitalization", "Apple is"),
    ],
)
def test_search_ranks_the_paragraph_that_is_meant_first(tools: ModuleType, query: str, begins: str) -> None:
    assert search(tools, query).startswith(begins)


def test_search_finds_every_title(tools: ModuleType) -> None:
    knowledge = read("knowledge")
    assert [title for title in knowledge if search(tools, title) != knowledge[title]] == []


@pytest.mark.parametrize("query", ["qwertyuiop", 'qwertyuiop* ^"zxcvb', ""])
def test_a_search_without_a_hit_is_an_error_and_not_a_syntax_error(tools: ModuleType, query: str) -> None:
    with pytest.raises((LookupError, ValueError), match=r"nothing in the knowledge base fits|holds no word"):
        search(tools, query)


def test_a_fact_has_its_unit_and_its_date(tools: ModuleType) -> None:
    assert anyio.run(tools.fact, "mount everest", "height") == {
        "entity": "Mount Everest",
        "property": "height",
        "value": 8848.86,
        "unit": "m",
        "as_of": "2020",
    }


def test_an_unknown_fact_says_what_is_known(tools: ModuleType) -> None:
    with pytest.raises(LookupError, match="known: height"):
        anyio.run(tools.fact, "K2", "population")
    with pytest.raises(LookupError, match="nothing is known"):
        anyio.run(tools.fact, "Atlantis", "area")


def test_every_fact_stands_in_the_knowledge_base() -> None:
    knowledge = read("knowledge")
    scales = {"": 1, " million": 10**6, " billion": 10**9, " trillion": 10**12}
    for entity, facts in read("facts").items():
        said = {
            float(number.replace(",", "")) * scales[scale]
            for number, scale in re.findall(r"(\d[\d,]*(?:\.\d+)?)( million| billion| trillion|)", knowledge[entity])
        }
        for name, fact in facts.items():
            assert fact["value"] in said, f"{name} of {entity}"


@pytest.mark.parametrize(
    ("expression", "unit", "result"),
    [
        ("2 + 3 * 4", "", 14.0),
        ("8848.86 m - 5895 m", "m", 2953.86),
        ("8848.86 m - 5895 m", "ft", 9691.14173228),
        ("5 km / 2 h", "km/hour", 2.5),
        ("5000 km / (800 km/hour) + 1 hour", "hour", 7.25),
        ("3 km**2", "m**2", 3_000_000.0),
        ("2.99e12 / 2.3e12", "", 1.3),
        ("max(3, 4) - min(3, 4) + abs(-2) + sqrt(16)", "", 7.0),
        ("round(8848.86 / 5895, 2)", "", 1.5),
        ("2^10", "", 1024.0),
    ],
)
def test_math_computes(tools: ModuleType, expression: str, unit: str, result: float) -> None:
    assert tools.math(expression, unit) == result


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("9**9**9", "too large"),
        ("9**9**9**9**9", "too large"),
        ("((9**99)**99)**99", "too large"),
        ("m**9**9**9", "too large"),
        ("1e999", "not a real number"),
        ("(-1)**0.5", "not a real number"),
        ("1/0", "division by zero"),
        ("5 km + 3 h", "Cannot convert"),
        ("5 m", "name the unit"),
        ("2 xyzzy", "not defined"),
        ("1 + " * 300 + "1", "longer than 1,000"),
        ("(" * 250, "not an arithmetic expression"),
        ("__import__('os').system('id')", "not an arithmetic expression"),
        ("open('x')", "not an arithmetic expression"),
        ("(1).__class__", "not an arithmetic expression"),
        ("'a' * 99999999", "not an arithmetic expression"),
        ("[1, 2]", "not an arithmetic expression"),
        ("1 if 2 else 3", "not an arithmetic expression"),
        ("x = 3", "not an arithmetic expression"),
        ("", "not an arithmetic expression"),
        ("round(2, 1e999)", "can't compute"),
    ],
)
def test_math_refuses_at_once_what_is_no_arithmetic_or_too_much(
    tools: ModuleType, expression: str, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        tools.math(expression)


@pytest.mark.parametrize("unit", ["m**99999999", "__import__", "m" * 61, "m m", "1e9 * m", "m**9**9"])
def test_a_unit_that_is_no_unit_is_refused(tools: ModuleType, unit: str) -> None:
    with pytest.raises(ValueError, match=r"is not a unit|not defined"):
        tools.math("1 m", unit)


def test_convert_knows_temperatures(tools: ModuleType) -> None:
    assert tools.convert(20, "degC", "degF") == 68.0


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("about 15 km from Chile, its summit stands at 6,961 metres (22,838 ft)", "m", 6961.0),
        ("2,330,000 square kilometres (900,000 sq mi)", "km**2", 2_330_000.0),
        ("opened in 2010; the tower is 829.8 m tall", "m", 829.8),
        ("worth 2.99 trillion US dollars", "USD", 2.99e12),
        ("it flies at 320 km/h", "km/hour", 320.0),
        ("only in feet: 100 ft", "m", 30.48),
        ("5,500,000 km2", "km**2", 5_500_000.0),
    ],
)
def test_measure_reads_a_quantity_from_a_text(tools: ModuleType, text: str, unit: str, value: float) -> None:
    assert tools.measure(text, unit) == pytest.approx(value, rel=1e-9)


def test_measure_without_a_quantity_is_an_error(tools: ModuleType) -> None:
    with pytest.raises(LookupError, match="no quantity in m"):
        tools.measure("it weighs 12 kg, since 1990", "m")


def test_a_ranking_is_by_value(tools: ModuleType) -> None:
    ranking = tools.rank(["low", "high", "middle"], [1.0, 3.0, 2.0], 2)
    assert [(place["place"], place["name"]) for place in ranking] == [(1, "high"), (2, "middle")]
    with pytest.raises(ValueError, match="1 names, but 2 values"):
        tools.rank(["a"], [1.0, 2.0])


def test_the_climate_of_a_month(tools: ModuleType) -> None:
    assert tools.climate("Lisbon", 5)["high"] > tools.climate("Lisbon", 1)["high"]
    with pytest.raises(ValueError, match="1 to 12"):
        tools.climate("Lisbon", 13)


def test_the_distance_as_the_crow_flies(tools: ModuleType) -> None:
    assert tools.distance("Paris", "Lisbon") == pytest.approx(1453, abs=5)
    assert tools.distance("Kyoto", "Paris") == tools.distance("Paris", "Kyoto")
    assert tools.distance("Paris", "Paris") == 0


def test_send_appends_one_line_a_message(tools: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tools, "OUTBOX", tmp_path / "outbox")
    assert tools.send("ada", "first") == 1
    assert tools.send("ada", "two\nlines") == 2
    assert (tmp_path / "outbox" / "ada.txt").read_text(encoding="utf-8") == "first\ntwo lines\n"


@pytest.mark.parametrize("to", ["../ada", "/etc/passwd", "a/b", "", ".", "-x", "a" * 65, "ada\n", "ada\0"])
def test_send_stays_in_its_folder(tools: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, to: str) -> None:
    monkeypatch.setattr(tools, "OUTBOX", tmp_path / "outbox")
    with pytest.raises(ValueError, match="recipient"):
        tools.send(to, "x")
    assert not (tmp_path / "outbox").exists()


def test_send_follows_no_link_out_of_its_folder(
    tools: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tools, "OUTBOX", tmp_path)
    (tmp_path / "elsewhere").write_text("", encoding="utf-8")
    (tmp_path / "ada.txt").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError):  # noqa: PT011  (its message is the system's)
        tools.send("ada", "x")
    assert (tmp_path / "elsewhere").read_text(encoding="utf-8") == ""
