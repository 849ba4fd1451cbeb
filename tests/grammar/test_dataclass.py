"""Check that data classes whose `__init__` is made late are what `dataclasses` makes."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
from dataclasses import field

import pytest

from lcc.grammar.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Frozen:
    """A frozen one."""

    a: int
    b: list[int] = field(default_factory=list)
    span: int = field(default=0, compare=False, repr=False)


@dataclass(slots=True)
class Open:
    """One that can be changed, and makes a field itself."""

    a: float
    made: int = field(init=False)
    seen: dict[str, int] = field(init=False, default_factory=dict)
    kept: int = field(init=False, default=7)

    def __post_init__(self) -> None:
        self.made = int(self.a) + 1


@dataclass(frozen=True, kw_only=True)
class Keywords:
    """One with keywords only, and attributes in a dict."""

    a: int = 1
    b: str


@dataclass
class Bare:
    """One without fields."""


@dataclass(frozen=True, eq=False)
class Alone:
    """One that is itself alone."""

    a: int


@dataclass(frozen=True)
class Child(Frozen):
    """One that inherits."""

    c: str = "c"


def twin(cls):
    """Return what `dataclasses` makes of the fields of a class."""
    params = cls.__dataclass_params__
    body = {"__annotations__": {one.name: one.type for one in dataclasses.fields(cls)}}
    for one in dataclasses.fields(cls):
        if one.default is not dataclasses.MISSING or one.default_factory is not dataclasses.MISSING or not one.init:
            given = {"default": one.default, "default_factory": one.default_factory, "init": one.init}
            body[one.name] = field(**given, compare=one.compare, repr=one.repr, kw_only=one.kw_only)
    if hasattr(cls, "__post_init__"):
        body["__post_init__"] = cls.__post_init__
    slots = "__slots__" in vars(cls)
    options = {"frozen": params.frozen, "slots": slots, "eq": params.eq}
    keywords = any(one.kw_only for one in dataclasses.fields(cls))
    return dataclasses.dataclass(**options, kw_only=keywords)(type(cls.__name__, (), body))


GIVEN = [
    (Frozen, (1,), {}), (Frozen, (1, [2]), {"span": 9}), (Open, (2.5,), {}), (Keywords, (), {"b": "x"}), (Bare, (), {}),
    (Alone, (1,), {}),
]  # fmt: skip


@pytest.mark.parametrize(("cls", "args", "named"), GIVEN, ids=lambda x: getattr(x, "__name__", None))
def test_it_makes_what_dataclasses_makes(cls, args, named):
    other = twin(cls)
    mine, theirs = cls(*args, **named), other(*args, **named)
    assert repr(mine).removeprefix(cls.__qualname__) == repr(theirs).removeprefix(other.__qualname__)
    assert dataclasses.asdict(mine) == dataclasses.asdict(theirs)
    assert cls.__match_args__ == other.__match_args__
    mine_takes, theirs_take = inspect.signature(cls).parameters, inspect.signature(other).parameters
    assert [(p.name, p.kind) for p in mine_takes.values()] == [(p.name, p.kind) for p in theirs_take.values()]
    assert (mine == cls(*args, **named)) == (theirs == other(*args, **named))
    assert (cls.__hash__ is None) == (other.__hash__ is None)
    with pytest.raises(TypeError, match="unexpected keyword argument 'odd'"):
        cls(*args, **named, odd=1)


def test_comparing_leaves_out_what_is_not_compared():
    assert Frozen(1, (), 3) == Frozen(1, (), 4) != Frozen(2, (), 3)
    assert hash(Frozen(1, (), 3)) == hash(Frozen(1, (), 4))
    assert Frozen(1) != Alone(1)
    assert Frozen.__eq__(Frozen(1), 1) is NotImplemented


@pytest.mark.parametrize("one", [Frozen(1, [2]), Keywords(b="x"), Alone(1)], ids=repr)
def test_a_frozen_one_cannot_be_changed_but_copied_pickled_and_replaced(one):
    with pytest.raises(dataclasses.FrozenInstanceError, match="cannot assign to field 'a'"):
        one.a = 2
    with pytest.raises(dataclasses.FrozenInstanceError, match="cannot delete field 'a'"):
        del one.a
    with pytest.raises(dataclasses.FrozenInstanceError):
        one.other = 2
    for twin_ in (copy.copy(one), copy.deepcopy(one), pickle.loads(pickle.dumps(one)), dataclasses.replace(one)):
        assert dataclasses.asdict(twin_) == dataclasses.asdict(one)
    assert dataclasses.replace(one, a=5).a == 5


def test_each_instance_has_a_list_of_its_own():
    assert Frozen(1).b is not Frozen(1).b
    assert Open(1).seen is not Open(1).seen


def test_a_class_that_inherits_has_the_fields_of_both():
    assert repr(Child(1, c="d")) == "Child(a=1, b=[], span=0, c='d')".replace(", span=0", "")
    with pytest.raises(dataclasses.FrozenInstanceError):
        Child(1).c = "e"


def test_the_init_is_made_when_it_is_first_asked_for():
    @dataclass
    class Late:
        """Late."""

        a: int

    assert not inspect.isfunction(vars(Late)["__init__"])
    assert Late(1).a == 1
    assert inspect.isfunction(vars(Late)["__init__"])


def test_a_method_of_the_class_itself_stays():
    @dataclass(frozen=True)
    class Own:
        """One with methods of its own."""

        a: int

        def __repr__(self) -> str:
            return "own"

        def __hash__(self) -> int:
            return 7

    assert (repr(Own(1)), hash(Own(1))) == ("own", 7)
    assert Own(1) == Own(1)
