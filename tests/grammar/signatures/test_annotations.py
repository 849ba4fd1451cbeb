"""Check how annotations are read as types."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from lcc.grammar.signatures import (
    ANY,
    BOOL,
    FLOAT,
    INT,
    NULL,
    STR,
    DictType,
    Field,
    ListType,
    LiteralType,
    RecordType,
    Type,
    show,
    union,
)
from lcc.grammar.signatures.annotations import AnnotationError, parse_annotation
from lcc.grammar.source import Span

PLACE = RecordType("Place", (Field("name", STR),))


def without_records() -> st.SearchStrategy[Type]:
    """Types that an annotation can say without a class."""
    literal = st.lists(
        st.text(max_size=3) | st.integers(-9, 9) | st.booleans() | st.none(),
        min_size=1,
        unique_by=lambda value: (type(value), value),
    ).map(lambda values: LiteralType(tuple(values)))
    simple = st.sampled_from((ANY, NULL, BOOL, INT, FLOAT, STR)) | literal
    return st.recursive(
        simple,
        lambda inner: inner.map(ListType) | inner.map(DictType) | st.lists(inner, min_size=1).map(lambda m: union(*m)),
        max_leaves=6,
    )


@given(without_records())
def test_a_type_that_is_shown_reads_back_as_itself(type_: Type) -> None:
    read = parse_annotation(show(type_))
    assert read == type_
    assert show(read) == show(type_)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("str", "str"),
        ("  int ", "int"),
        ("object", "Any"),
        ("None", "None"),
        ("List[int]", "list[int]"),
        ("typing.Sequence[str]", "list[str]"),
        ("collections.abc.Iterable", "list"),
        ("tuple[int, ...]", "list[int]"),
        ("tuple[int, str]", "list[int | str]"),
        ("tuple[()]", "list"),
        ("set[str]", "list[str]"),
        ("Dict[str, int]", "dict[str, int]"),
        ("Mapping[int, float]", "dict[str, float]"),
        ("Optional[int]", "int | None"),
        ("Union[int, str, int]", "int | str"),
        ("int | Any", "Any"),
        ("Literal['a', -1, True, 1, None]", "Literal['a', -1, True, 1, None]"),
        ("Literal[Literal['a'], 'b']", "Literal['a', 'b']"),
        ("Annotated[int, 'metres']", "int"),
        ("NotRequired[int]", "int"),
        ("Required['int']", "int"),
        ("'list[int] | None'", "list[int] | None"),
        ("datetime.datetime", "str"),
        ("pathlib.Path", "str"),
        ("Decimal", "int | float | str"),
        ("Place | None", "Place | None"),
        ("list['Place']", "list[Place]"),
    ],
)
def test_what_python_calls_a_type_is_read(text: str, shown: str) -> None:
    assert show(parse_annotation(text, {"Place": PLACE})) == shown


@pytest.mark.parametrize(
    ("text", "message", "help"),
    [
        ("", "a type is missing", "write `str`"),
        ("itn", "unknown type `itn`", "did you mean `int`?"),
        ("Plaice", "unknown type `Plaice`", "did you mean `Place`?"),
        ("3", "`3` is not a type", "Literal[3]"),
        ("[int]", "`[int]` is not a type", "list[int]"),
        ("(int, str)", "`(int, str)` is not a type", "tuple"),
        ("int()", "`int()` is not a type", "without a call"),
        ("1 +", "`1 +` is not a type", None),
        ("int; import os", "`int; import os` is not a type", None),
        ("int[str]", "`int` takes no types in brackets", None),
        ("list[int, str]", "`list` takes one type, `list[int, str]` gives 2", None),
        ("dict[str]", "`dict[str]` needs a key type and a value type", "dict[str, …]"),
        ("Optional", "`Optional` needs a type in brackets: `Optional[…]`", None),
        ("Literal[1.5]", "`1.5` can't stand in `Literal[…]`", "texts, integers"),
        ("Literal[b'x']", "`b'x'` can't stand in `Literal[…]`", None),
        ("Callable[[int], str]", "unknown type `Callable`", None),
        ("lambda: int", "`lambda: int` is not a type", None),
        ("f()[int]", "`f()` is not a type", None),
        ("list[" * 70 + "int" + "]" * 70, "types are nested deeper than 64", None),
        ("'" * 0 + "int|" * 5_000 + "int", "a type of more than 10,000 characters", None),
        ("-" * 9_000 + "1", "is not a type", None),
        ("int\0", "is not a type", None),
    ],
)
def test_what_is_no_type_is_refused_with_the_reason(text: str, message: str, help: str | None) -> None:
    with pytest.raises(AnnotationError) as caught:
        parse_annotation(text, {"Place": PLACE})
    assert message in str(caught.value)
    if help is not None:
        assert help in (caught.value.help or "")


def test_a_fault_is_located_in_the_text() -> None:
    text = "dict['ключ', list[itn]]"
    with pytest.raises(AnnotationError) as caught:
        parse_annotation(text)
    assert caught.value.span == Span(5, 11)
    with pytest.raises(AnnotationError) as caught:
        parse_annotation("dict[str, list[itn]]")
    assert caught.value.span == Span(15, 18)


@given(st.text(max_size=30))
def test_any_text_is_a_type_or_an_annotation_error(text: str) -> None:
    span = Span(0, 0)
    try:
        parse_annotation(text)
    except AnnotationError as error:
        span = error.span or Span(0, -1)
    assert 0 <= span.start <= span.end <= len(text.strip())
