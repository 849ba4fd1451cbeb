"""Divide the text of an agent into its sections: thought, action, input, observation, answer.

    **Thought 1:** look      [Action] search      行动输入：潮汐      ### Final Answer      <action>search("tides")</action>

A heading is a word of the table below, in one of its languages, with marks and a number around it, at the
beginning of a line, and a colon behind it; brackets, bold type or Markdown's `#` serve as well. In a thought, `Action:` may also follow the
end of a sentence. Nothing else is a heading. Linear.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

Kind: TypeAlias = Literal["thought", "action", "input", "observation", "answer", "question", "text"]
"""`text`: what stands under no heading."""

_WORDS: Final[dict[Kind, str]] = {
    "thought": "thought|thoughts|though|thinking|reasoning|gedanke|gedanken|überlegung|pensée|réflexion|pensamiento|razonamiento"
    "|pensamento|raciocínio|pensiero|ragionamento|gedachte|myśl|мысль|размышление|думка|düşünce|思考|想法|思路|思維|考え|생각|فكرة|विचार|suy nghĩ|pikiran|pemikiran",
    "action": "action|tool|tool call|aktion|handlung|werkzeug|outil|acción|herramienta|ação|ferramenta|azione|strumento|actie"
    "|akcja|działanie|действие|инструмент|дія|eylem|行动|行動|动作|動作|操作|工具|アクション|ツール|행동|동작|도구|إجراء|الأداة|कार्रवाई|hành động|aksi|tindakan",
    "input": "action input|input|tool input|action arguments|arguments|args|parameters|argumente|parameter|argumentos|parámetros|parâmetros|argomenti"
    "|аргументы|параметры|引数|인수|aktionseingabe|eingabe|aktions-eingabe|entrée de l'action"
    "|entrée|entrada de la acción|entrada de acción|entrada|entrada da ação|input dell'azione|azione input|actie invoer|invoer|dane wejściowe"
    "|входные данные|ввод|ввод действия|вхідні дані|girdi|eylem girdisi|行动输入|行動輸入|动作输入|動作輸入|操作输入|输入|輸入|工具输入|参数|アクション入力"
    "|アクションの入力|入力|행동 입력|동작 입력|입력|مدخلات الإجراء|الأداة|المدخلات|कार्रवाई इनपुट|इनपुट|đầu vào|đầu vào hành động|masukan|masukan aksi",
    "observation": "observation|observations|beobachtung|observación|observação|osservazione|observatie|obserwacja|наблюдение|спостереження"
    "|gözlem|观察|观察结果|觀察|観察|관찰|ملاحظة|अवलोकन|quan sát|observasi|pengamatan",
    "answer": "final answer|answer|final response|endgültige antwort|finale antwort|schlussantwort|antwort|réponse finale|réponse|respuesta final"
    "|respuesta|resposta final|resposta|risposta finale|risposta|eindantwoord|definitief antwoord|antwoord|odpowiedź końcowa|ostateczna odpowiedź"
    "|odpowiedź|окончательный ответ|финальный ответ|итоговый ответ|ответ|остаточна відповідь|відповідь|son cevap|nihai cevap|cevap|yanıt|最终答案|最終答案|最终回答"
    "|答案|回答|最終回答|最終的な答え|答え|최종 답변|최종 답|답변|답|الإجابة النهائية|الإجابة|अंतिम उत्तर|उत्तर|câu trả lời cuối cùng|câu trả lời|jawaban akhir|jawaban",
    "question": "question|task|frage|aufgabe|pregunta|pergunta|domanda|vraag|pytanie|вопрос|питання|soru|问题|問題|質問|질문|سؤال|प्रश्न|câu hỏi|pertanyaan",
}  # fmt: skip
KINDS: Final[dict[str, Kind]] = {word: kind for kind, words in _WORDS.items() for word in words.split("|")}


def _alternatives(words: list[str]) -> str:
    return "|".join(re.escape(word).replace(r"\ ", "[ _-]?") for word in sorted(words, key=len, reverse=True))


_MARKS: Final = r"[*_`~#>•·\- \t]{0,12}"
_STRESS: Final = r"[*_`~]{0,3}"
_HEADING: Final = re.compile(
    rf"(?:^[ \t]*+(?P<before>{_MARKS})(?P<open>[\[【<（(「]/?[ \t]?)?|(?P<within>(?<=[.!?。！？…])[ \t]*[*_]{{0,2}}|[ \t,;]{{1,3}})|(?P<ends></))"
    rf"(?P<word>{_alternatives(list(KINDS))})(?P<number>[ \t_#]{{0,3}}\d{{1,6}})?(?!\w)"
    rf"[ \t]?(?P<close>[\]】>）)」])?(?P<after>{_STRESS}[ \t]{{0,8}})(?P<colon>[:：])?(?P<last>(?:(?<=[:：])[*_]{{1,3}}(?=[ \t\r\n]|\Z))?[ \t]{{0,8}})",
    re.IGNORECASE | re.MULTILINE,
)
_BY_FOLDED: Final[dict[str, Kind]] = {re.sub(r"[ _-]", "", word): kind for word, kind in KINDS.items()}
_STOPS: Final = tuple(word for word, kind in KINDS.items() if kind in ("observation", "thought"))
_HALF: Final = 3
"""Letters of a heading that may be left where a reply was stopped."""
LONGEST_HEADING: Final = 96
"""No heading is longer, marks included."""


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a text: where its heading begins, where what stands under it begins, and where that ends."""

    kind: Kind
    start: int
    body: int
    end: int


def sections(text: str) -> list[Section]:
    """Return the sections of a text, in order; the first is of kind `text`, and may be empty."""
    heads: list[tuple[Kind, int, int]] = [("text", 0, 0)]
    for found in _HEADING.finditer(text):
        kind = _kind(found, text, heads[-1][0], heads[-1][2])
        if kind is not None:
            heads.append((kind, found.start(), found.end()))
    ends = (*(start for _, start, _ in heads[1:]), len(text))
    return [Section(kind, start, body, end) for (kind, start, body), end in zip(heads, ends, strict=True)]


def next_heading(text: str, at: int) -> int:
    """Return where the next heading at the beginning of a line stands, from `at` on; the text's length if there is none."""
    for found in _HEADING.finditer(text, at):
        if found["within"] is None and not found["ends"] and _kind(found, text, "answer", at) is not None:
            return found.start()
    return len(text)


def without_half_word(text: str) -> str:
    """Return a text without the heading that it was stopped in: `Observ` on its last line."""
    line = text.rfind("\n") + 1
    word = text[line:].strip("*_#>` \t").casefold()
    half = len(word) >= _HALF and any(stop.startswith(word) for stop in _STOPS)
    return text[:line].rstrip() if half and line else text


def _kind(found: re.Match[str], text: str, current: Kind, body: int) -> Kind | None:
    kind = _BY_FOLDED[re.sub(r"[ _-]", "", found["word"].casefold())]
    if found["ends"]:
        return "text" if kind == current and found["close"] == ">" else None
    if found["within"] is not None:
        return kind if found["colon"] and _may_follow(found, kind, text, current, body) else None
    if found["open"]:
        if not found["close"]:
            return None
        return "text" if "/" in found["open"] else kind
    if found["colon"]:
        return kind
    ends = text[found.end() : found.end() + 1] in ("", "\n", "\r")
    bold = "**" in found["before"] and "**" in found["after"] + found["last"]
    return kind if bold or ("#" in found["before"] and ends) else None


def _may_follow(found: re.Match[str], kind: Kind, text: str, current: Kind, body: int) -> bool:
    """Whether a heading may stand within a line: behind a sentence of a thought; an action's input, behind the bare name of a tool."""
    if kind == "input" and current == "action":
        name = text[body : found.start()].strip("*_` \t")
        return (
            len(found["word"]) > len("parameters")
            and 0 < len(name) < LONGEST_HEADING
            and re.fullmatch(r"[\w./-]+", name) is not None
        )
    ended = text[found.start() - 1 : found.start()] in tuple(".!?。！？…")
    return ended and current in ("text", "thought") and kind in ("action", "answer")


_FENCED: Final = r"^[ \t]*(?P<fence>`{3,}|~{3,})[^`\n]*$(?:\n(?![ \t]*(?P=fence)[`~]*[ \t]*$).*|)*+(?:\n.*)?"
_PARAGRAPH: Final = re.compile(rf"{_FENCED}|(?:^(?![ \t]*(?:`{{3,}}|~{{3,}})[^`\n]*$)[ \t]*\S.*\n?)+", re.MULTILINE)


def paragraphs(text: str) -> Iterator[str]:
    """Yield what stands between blank lines, and each fenced block with its fences as one."""
    for found in _PARAGRAPH.finditer("\n".join(text.splitlines())):
        yield found[0].rstrip("\n")


_FENCE: Final = re.compile(r"[ \t]*(`{3,}|~{3,})([^`\n]*)$")
_INLINE: Final = re.compile(r"```(?:[a-z]+(?=[ {\[]))?(?P<body>[^`\n]+)```[.;。]?|`(?P<short>[^`\n]+)`", re.IGNORECASE)


def unfenced(text: str) -> str:
    """Return what stands in a fence, where a text is one; else the text, without spaces around it and a fence that is left open."""
    text = text.strip()
    inline = _INLINE.fullmatch(text)
    if inline:
        return (inline["body"] or inline["short"]).strip()
    lines = text.split("\n")
    marks = [place for place, line in enumerate(lines) if _FENCE.match(line)]
    if len(marks) == 2 and marks[0] == 0 and not "".join(lines[marks[1] + 1 :]).strip(" \t\r.;。"):
        return "\n".join(lines[1 : marks[1]]).strip()
    if len(marks) % 2 and marks[-1] == len(lines) - 1:
        return "\n".join(lines[:-1]).rstrip()
    return "\n".join(lines[1:]).lstrip() if len(marks) % 2 and marks[0] == 0 else text
