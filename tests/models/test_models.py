"""Find models: options, environment, project; and read replies whatever their form."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

import lcc
from lcc.config import read_config
from lcc.models.faults import NoModel, status_fault, without_keys
from lcc.models.resolve import resolve_roles
from lcc.models.server_sent_events import EventReader
from lcc.models.settings import ModelSettings, read_role_settings


def resolve(model: str | None = None, environ: dict[str, str] | None = None, **given: Any) -> ModelSettings:
    return resolve_roles(model, environ=environ or {}, **given).planner


def test_without_a_model_it_is_said_how_to_get_one() -> None:
    with pytest.raises(NoModel, match=r"no model is configured.*\n.*OPENAI_API_KEY.*\n.*Ollama.*\n.*vLLM.*\n.*GGUF"):
        resolve()


def test_what_is_given_goes_before_the_environment_and_that_before_the_project() -> None:
    project = {"model": "p", "temperature": 0.5, "joiner": {"model": "pj"}}
    environ = {"LCC_MODEL": "e", "LCC_JOINER_MODEL": "ej"}
    assert resolve("g", environ, project=project).model == "g"
    assert resolve(None, environ, project=project).model == "e"
    assert resolve(None, {}, project=project).model == "p"
    assert resolve(None, {}, project=project).temperature == 0.5
    assert resolve(None, {}, project=project, temperature=0.0).temperature == 0.0
    assert resolve_roles(None, environ=environ, project=project).joiner.model == "ej"
    assert resolve_roles(None, environ={}, project=project).joiner.model == "pj"
    assert resolve_roles("g", environ=environ).joiner.model == "ej"
    assert resolve_roles("g", joiner="gj", environ=environ).joiner.model == "gj"


def test_the_users_address_gets_the_users_key() -> None:
    environ = {"OPENAI_API_KEY": "well-known", "OPENAI_BASE_URL": "http://env/v1"}
    assert (resolve("m", environ).base_url, resolve("m", environ).key) == ("http://env/v1", "well-known")
    assert resolve("m", environ, base_url="http://given/v1").base_url == "http://given/v1"
    assert resolve("m", environ | {"LCC_API_KEY": "own"}).key == "own"
    assert resolve("m", environ, api_key="given").key == "given"


def test_a_projects_address_is_used_only_if_trusted_and_never_gets_the_well_known_key() -> None:
    project = {"model": "m", "base_url": "http://project/v1"}
    environ = {"OPENAI_API_KEY": "well-known"}
    with pytest.raises(NoModel, match="--trust-project"):
        resolve(None, environ, project=project)
    trusted = resolve(None, environ, project=project, trust_project=True)
    assert (trusted.base_url, trusted.key) == ("http://project/v1", None)
    assert resolve(None, environ | {"LCC_API_KEY": "own"}, project=project, trust_project=True).key == "own"
    mine = resolve(None, environ, project=project, base_url="http://mine/v1")
    assert (mine.base_url, mine.key) == ("http://mine/v1", "well-known")


def test_a_roles_own_address_in_a_project_is_no_way_around() -> None:
    project = {"model": "m", "joiner": {"base_url": "http://project/v1"}}
    with pytest.raises(NoModel, match="--trust-project"):
        resolve_roles(environ={"OPENAI_API_KEY": "well-known"}, project=project)


def test_a_role_may_have_settings_of_its_own() -> None:
    own = read_role_settings(
        ["joiner.base-url=http://b/v1", "joiner.temperature=0.5", "planner.stream=no", "tools.model=t"]
    )
    environ = {"OPENAI_API_KEY": "open", "LCC_JOINER_API_KEY": "joins", "LCC_TOOLS_BASE_URL": "http://c/v1"}
    roles = resolve_roles("m", base_url="http://a/v1", environ=environ, own=own, temperature=0.1)
    planner, joiner, tools = roles.planner, roles.joiner, roles.tools
    assert (planner.base_url, planner.key, planner.temperature, planner.stream) == ("http://a/v1", "open", 0.1, False)
    assert (joiner.base_url, joiner.key, joiner.temperature, joiner.stream) == ("http://b/v1", "joins", 0.5, True)
    assert (tools.model, tools.base_url, tools.key) == ("t", "http://c/v1", None)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("planner", "not like planner.temperature=0"),
        ("judge.model=x", "there is no role 'judge'"),
        ("planner.key=x", "no setting 'key'"),
        ("planner.retries=two", "planner.retries is a number, not 'two'"),
        ("planner.stream=2", "planner.stream is true or false"),
    ],
)
def test_a_wrong_setting_of_a_role_is_refused(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read_role_settings([text])


def test_a_key_is_not_shown() -> None:
    assert "secret" not in repr(lcc.ModelSettings(model="m", key="secret"))
    assert without_keys("bad key secret (sk-proj-abcdefgh)", "secret") == "bad key [key] ([key])"
    fault = status_fault(401, {"error": {"message": "wrong: sk-abc123def"}}, model="m", where="host", key="x")
    assert "sk-abc" not in str(fault)


@pytest.mark.parametrize(
    ("key", "text", "left"),
    [
        ("k", "bad key k, k=k", "bad key [key], [key]=[key]"),
        ("test", "the latest test_1 failed", "the latest [key]_1 failed"),
        ("(.*)", "use (.*) or x", "use [key] or x"),
        ("12345678", "id12345678x", "id[key]x"),
        ("s3cr3t-k", "Bearers3cr3t-kand", "Bearer[key]and"),
    ],
)
def test_a_short_key_is_no_part_of_a_word(key: str, text: str, left: str) -> None:
    assert without_keys(text, key) == left


@pytest.mark.parametrize("wrong", [{"api": "soap"}, {"timeout": 0}, {"retries": -1}, {"model": ""}])
def test_wrong_settings_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        lcc.ModelSettings(**{"model": "m", **wrong})


def test_the_project_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "pyproject.toml"
    path.write_text('[tool.lcc.models]\nmodel = "m"\nmax-tokens = 9\njoiner = { model = "j" }\n', encoding="utf-8")
    config = read_config(path)
    assert config.diagnostics == ()
    assert config.models == {"model": "m", "max_tokens": 9, "joiner": {"model": "j"}}


@pytest.mark.parametrize(
    "text",
    [
        "models = 3",
        "models = { key = 'x' }",
        "models = { model = 1 }",
        "models = { joiner = 'j' }",
        "models = { retries = true }",
    ],
)
def test_a_wrong_project_file_is_reported(tmp_path: Path, text: str) -> None:
    path = tmp_path / "pyproject.toml"
    path.write_text(f"[tool.lcc]\n{text}\n", encoding="utf-8")
    config = read_config(path)
    assert [d.code for d in config.diagnostics] == ["T026"]
    assert config.models == {}


@given(
    st.lists(st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"])), max_size=5),
    st.sampled_from(["\n", "\r\n"]),
    st.lists(st.integers(0, 500)),
)
def test_events_are_the_same_however_their_bytes_are_cut(texts: list[str], newline: str, cuts: list[int]) -> None:
    events = [json.dumps(text, ensure_ascii=False) for text in texts]
    body = "".join(f": comment{newline}event: x{newline}data: {e}{newline}{newline}" for e in events).encode()
    places = [0, *sorted({cut % (len(body) + 1) for cut in cuts}), len(body)]
    reader = EventReader()
    found = [data for a, b in itertools.pairwise(places) for data in reader.feed(body[a:b])]
    assert [*found, *reader.close()] == events
