"""In a notebook plans, findings, runs and answers show themselves; elsewhere nothing is imported for it, and they are text."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import anyio
import pytest

import lcc
from lcc.ask.agent import Asking
from lcc.ask.answer import Answer, AnswerStatus, AskFailed
from lcc.ask.events import AskEvent, Running
from lcc.grammar.drawing import picture
from lcc.pages.notebook import MOST_DRAWN, Watched
from lcc.runtime.options import Options

HOSTILE = "</style></pre><script>alert(1)</script>\u202e<img src=x onerror=alert(1)>"


@lcc.tool(effect="read", cost=1)
def find(text: str) -> str:
    return f"{text}: {HOSTILE}"


TEXT = f'1. find("{HOSTILE[:30]}")\n2. find("{HOSTILE[:30]}")\n3. join($1, $2)\n'


def compiled() -> lcc.Compiled:
    return lcc.compile(TEXT, tools=[find])


def wrong() -> lcc.CompileError:
    with pytest.raises(lcc.CompileError) as caught:
        lcc.compile(f'1. fimd("{HOSTILE[:30]}")\n2. join()\n', tools=[find])
    return caught.value


def ran() -> lcc.RunResult:
    return lcc.run(TEXT, tools=[find])


SHOWN: list[tuple[Callable[[], object], str]] = [
    (compiled, "What passes changed: 1"),
    (lambda: compiled().plan, "<svg"),
    (lambda: lcc.parse(TEXT), "<svg"),
    (lambda: picture(compiled().plan), "<svg"),
    (wrong, "V004"),
    (lambda: wrong().diagnostics[0], "did you mean"),
    (ran, "Timeline"),
    (ran, "1. find("),
    (lambda: lcc.graph(TEXT, [find]), "<svg"),
    (lambda: Answer(AnswerStatus.ANSWERED, HOSTILE), "answered"),
    (lambda: AskFailed("no", Answer(AnswerStatus.FAILED, reason=HOSTILE)), "failed"),
]


def html_of(value: object) -> str:
    text = value._repr_html_()  # type: ignore[attr-defined]
    assert isinstance(text, str)
    return text


class Tags(HTMLParser):
    """Collects what HTML is made of."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append(tag)
        assert not [name for name, _ in attrs if name.startswith("on")]


@pytest.mark.parametrize(("make", "words"), SHOWN)
def test_what_is_shown_is_what_it_is_and_runs_nothing(make: Callable[[], object], words: str) -> None:
    text = html_of(make())
    assert words in text
    tags = Tags(text).found
    assert "script" not in tags
    assert "img" not in tags
    assert "\u202e" not in text


def test_texts_are_readable() -> None:
    assert (
        str(compiled().plan)
        == str(compiled())
        == '%1 = find("</style></pre><script>alert(1)") prio 1.0\n%3 = join [%1, %1]\nmerged %2 = %1'
    )
    assert str(wrong().diagnostics[0]) == "error[V004]: there is no tool `fimd`; did you mean `find`?"
    assert str(ran()).startswith("RunResult(status='ok'")
    assert str(Answer(AnswerStatus.ANSWERED, "42")) == "42"
    assert str(Answer(AnswerStatus.FAILED, reason="no model")) == "failed: no model"


def test_a_result_names_its_calls_in_loops_and_what_they_compute() -> None:
    result = lcc.run('1. for x in ["a"]:\n    2. find(x.upper())\n    yield $2\n3. answer($1)', tools=[find])
    assert "2[0]. find(x.upper())" in html_of(result).replace("x_1", "x")


@pytest.mark.parametrize("make", [compiled, lambda: lcc.parse(TEXT), ran, lambda: lcc.graph(TEXT, [find])])
def test_a_notebook_has_all_forms_at_once(make: Callable[[], object]) -> None:
    value = make()
    forms = value._repr_mimebundle_()  # type: ignore[attr-defined]
    assert forms["text/plain"] == str(value)
    assert "lcc-output" in forms["text/html"]


def test_texts_say_what_there_is() -> None:
    assert str(lcc.parse('1. find("a"\n2. join($1)')).startswith("%2 = join [%1]\n<string>:1:8: error[P003]")
    assert str(lcc.estimate(TEXT, [find], level=0)) == "2 calls in 1.00 s; one after another 2.00 s"
    loop = '1. for x in ["a", "b"]:\n    2. find(x)\n    yield $2\n3. answer($1)'
    assert str(lcc.estimate(loop, [find])) == "2 to 2 calls in 1.00 s to 1.00 s"
    assert str(lcc.graph(TEXT, [find])).startswith("<svg")
    assert str(compiled().start()).endswith(": running")  # type: ignore[attr-defined]


def test_a_large_plan_is_not_drawn() -> None:
    text = "".join(f'{n}. find("{n}")\n' for n in range(1, MOST_DRAWN + 2)) + f"{MOST_DRAWN + 2}. join()\n"
    assert "<svg" not in html_of(lcc.compile(text, tools=[find], level=0).plan)


def test_a_run_is_shown_before_it_has_ended_and_names_its_calls() -> None:
    seen: list[str] = []
    plan = compiled().plan
    watched = Watched(plan, lambda event: seen.append(watched.html()))
    result = anyio.run(lambda: lcc.execute(plan, tools=[find], options=Options(on_event=watched)))
    assert any("still running" in text for text in seen)
    assert "still running" not in watched.html(result)
    assert "1. find(" in watched.html(result)


class Display:
    """IPython, as far as it is used: what was displayed, and shown anew."""

    def __init__(self) -> None:
        self.pages: list[str] = []
        self.display = self

    def get_ipython(self) -> object:
        return self

    def HTML(self, html: str) -> str:
        return html

    def update(self, html: str) -> None:
        self.pages.append(html)

    def __call__(self, html: str, display_id: bool) -> Display:
        assert display_id
        self.pages.append(html)
        return self


@pytest.fixture
def notebook(monkeypatch: pytest.MonkeyPatch) -> Display:
    display = Display()
    display.display = SimpleNamespace(display=display, HTML=display.HTML)  # type: ignore[assignment]
    monkeypatch.setitem(sys.modules, "IPython", display)  # type: ignore[arg-type]
    return display


def test_a_displayed_run_is_shown_until_it_has_ended(notebook: Display) -> None:
    async def main() -> None:
        async with compiled().start() as run:  # type: ignore[attr-defined]
            run._ipython_display_()

    anyio.run(main)
    assert ">running</span>" in notebook.pages[0]
    assert ">ok</span>" in notebook.pages[-1]
    assert "1. find(" in notebook.pages[-1]


class Asked:
    """An agent that answers by one run."""

    async def ask(self, question: str, *, on_event: Callable[[AskEvent], None], **others: object) -> Answer:
        plan = compiled().plan
        run = Options(on_event=lambda event: on_event(Running(1, event)))
        await lcc.execute(plan, tools=[find], options=run)
        return Answer(AnswerStatus.ANSWERED, f"to {question}: {HOSTILE}")


def test_a_displayed_question_is_shown_until_it_is_answered(notebook: Display) -> None:
    async def main() -> None:
        async with Asking(Asked(), "how high?", (), None, None) as asking:  # type: ignore[arg-type]
            asking._ipython_display_()
            async for event in asking:
                if isinstance(event, Running) and isinstance(event.event, lcc.TaskEnded):
                    asking._cell.update()  # type: ignore[union-attr]

    anyio.run(main)
    assert "how high?" in notebook.pages[0]
    assert any("1. find" in page for page in notebook.pages)
    assert "to how high?: &lt;/style&gt;" in notebook.pages[-1]


def test_nothing_is_imported_where_there_is_no_notebook() -> None:
    code = (
        "import lcc, sys\n"
        "assert lcc.run('answer(1)', tools=[], front_end='python').answer == 1\n"
        "assert not {'IPython', 'lcc.pages.notebook'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd="/", timeout=60)


@pytest.mark.slow
def test_the_example_runs_and_shows_what_it_says() -> None:
    nbformat = pytest.importorskip("nbformat")
    nbclient = pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    path = Path(__file__).parents[2] / "examples" / "notebook.ipynb"
    book = nbformat.read(path, 4)
    assert not any(cell.get("outputs") for cell in book.cells), "kept without outputs"
    where = {"metadata": {"path": str(path.parent)}}
    nbclient.NotebookClient(book, timeout=500, startup_timeout=500, resources=where).execute()
    shown = [out for cell in book.cells for out in cell.get("outputs", ()) if out.output_type != "stream"]
    pages = [out.data["text/html"] for out in shown]
    assert [next((word for word in ("What passes", "V004", "Timeline") if word in page), "") for page in pages] == [
        "What passes", "V004", "Timeline", "Timeline",
    ]  # fmt: skip
    assert "still running" not in pages[2]
    assert "1. strength(" in pages[2]
    assert "On average 12.0 percent." in book.cells[-1].outputs[0].text
