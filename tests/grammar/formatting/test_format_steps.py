"""Plan files with steps are laid out by their structure; comments and blocks of Python stay as they are."""

from __future__ import annotations

from lcc.grammar.formatting.format import format_plan
from lcc.grammar.syntax.parser import parse_plan

UNTIDY = """\
# head
strict   # why
input city: str

1.  members( )   # all
2.   for m in  $1 :
      # inside
      3. loans( m.name )
      4. = [ x for x in $3
             if x.days>28 ]  # late

      Thought: hm
      5. send_mail(m.mail,"a ${ len($4) }") when ($4)
      yield {"a":1} when $4
# then
6. python:   # block
     x=1   # keep
     for i in $2:

         x+=1
7. answer($6.x)
"""
TIDY = """\
# head
strict  # why
input city: str

1. members()  # all
2. for m in $1:
    # inside
    3. loans(m.name)
    4. = [x for x in $3 if x.days > 28]  # late

    Thought: hm
    5. send_mail(m.mail, "a ${len($4)}") when $4
    yield {"a": 1} when $4
# then
6. python:  # block
    x=1   # keep
    for i in $2:

        x+=1
7. answer($6.x)
"""


def test_steps_are_laid_out_and_comments_stay() -> None:
    formatted = format_plan(UNTIDY)
    assert formatted.text == TIDY
    assert format_plan(TIDY).text == TIDY
    assert parse_plan(UNTIDY).plan == parse_plan(TIDY).plan


def test_a_step_with_comments_inside_stays() -> None:
    text = "strict\n1. = [\n    1,  # one\n]\n2. answer($1)\n"
    assert format_plan(text).text == text


def test_long_texts_in_blocks_stay() -> None:
    text = 'strict\n1. python:\n      x = """a\n      b"""\n2. answer($1.x)\n'
    assert parse_plan(format_plan(text).text).plan == parse_plan(text).plan


def test_inputs_are_laid_out_as_in_plans_of_calls() -> None:
    inputs = "secret   input  k :str\ninput  n:int=3 # how many\ninput xs:list[int]=[1,2,\n  3]\n"
    tidy = "secret input k: str\ninput n: int = 3  # how many\ninput xs: list[int] = [1, 2, 3]\n"
    assert format_plan(f"{inputs}1. f($n)\n2. join()\n").text.startswith(tidy)
    assert format_plan(f"{inputs}1. = $n + 1\n2. answer($1)\n").text.startswith(tidy)
