"""Write assignments and calls that stand alone: names, items, slices, changes in place."""

from __future__ import annotations

from collections.abc import Sequence

from lcc.grammar.ir import Apply, Exit, Input, Let, Local, Ref, Spread, Task, Value
from lcc.grammar.ir.operations import AUGMENTED
from lcc.grammar.writing.blocks.parts_of_blocks import Parts
from lcc.grammar.writing.values.changed_places import CHANGED_PLACE
from lcc.grammar.writing.values.folding import Pending
from lcc.grammar.writing.values.written_names import TEMPORARY, constant
from lcc.grammar.writing.values.written_values import PRIMARY, NotSayable, write, write_slice, write_target


class Places(Parts):
    """Writes statements that hold no others."""

    def _task(self, task: Task) -> None:
        values = [arg.value for arg in task.args]
        self.claim(*values, stays=self.stays(task.id))
        self.given(task.id, self.call(task))

    def _let(self, one: Let) -> None:
        if one.when is not None:
            raise NotSayable("a step with `when`")
        value = one.value
        match value:
            case Apply(op) if op.startswith(CHANGED_PLACE):
                self._change_place(op, value.args)
                return
            case Apply(op) if op.startswith("subscript ") and not op.startswith("subscript load"):
                self._place(op, value.args)
                return
            case Apply(op) if op.startswith("operator ") and op.partition(" ")[2] in AUGMENTED:
                self._augmented(one, value)
                return
            case _:
                pass
        waits = any(isinstance(target, str) and self._is_temporary(target) for target in one.targets)
        self.claim(value, stays=waits and len(one.targets) == 1)
        self._bind(one, value)

    def _bind(self, one: Let, value: Value) -> None:
        written = write(value, self.names)
        match one.targets:
            case (str(name),) if self._is_temporary(name):
                self.pending.append(Pending(name, written, value))
            case ():
                if one.id is not None:
                    self.given(one.id, written)
                else:
                    self.put(written.text)
            case targets:
                if isinstance(value, Spread):
                    raise NotSayable("a star")
                left = "".join([f"{write_target(target, self.names)} = " for target in targets])
                self.put(f"{left}{written.text}")

    def _is_temporary(self, name: str) -> bool:
        return (
            TEMPORARY.match(name) is not None
            and self.facts.uses.get(name, 0) == 1
            and self.facts.bound.get(name, 0) == 1
        )

    def _place(self, op: str, args: tuple[Value, ...]) -> None:
        """Write `a[i] = v`, `del a[i:j]`. Python evaluates what is assigned first, the IR last."""
        sliced = op.endswith("slice")
        deletes = op.startswith("subscript delete")
        args_read = args if deletes else (args[-1], *args[:-1])
        self.claim(*args_read)
        bounds = list(args[1:4] if sliced else args[1:2])
        if not deletes and not is_simple(args[-1]) and not all(map(is_simple, bounds)):
            for place, bound in enumerate(bounds):
                if not is_simple(bound):
                    bounds[place] = self.kept(bound)
        owner = self._item(args[0], bounds)
        self.put(f"del {owner}" if deletes else f"{owner} = {self.text(args[-1])}")

    def _change_place(self, op: str, args: tuple[Value, ...]) -> None:
        self.claim(*args)
        container, *bounds, value = args
        sign = op.removeprefix(CHANGED_PLACE)
        self.put(f"{self._item(container, bounds)} {sign} {self.text(value)}")

    def _item(self, container: Value, bounds: Sequence[Value]) -> str:
        """Write an item, or a slice, that is assigned or deleted: no path of a reference."""
        index = write_slice(bounds, self.names) if len(bounds) == 3 else self.text(bounds[0])
        owner = self.text(container, PRIMARY)
        return f"({owner})[{index}]" if owner.startswith("$") else f"{owner}[{index}]"

    def _augmented(self, one: Let, value: Apply) -> None:
        sign = value.op.partition(" ")[2]
        left, right = value.args
        self.claim(left, right)
        begin = self.text(left)
        if len(one.targets) != 1 or not isinstance(one.targets[0], str):
            raise NotSayable(f"`{sign}` of several names")
        name = self.names.own[one.targets[0]]
        if begin != name:
            self.put(f"{name} = {begin}")
        self.put(f"{name} {sign} {self.text(right)}")

    def _exit(self, one: Exit) -> None:
        if one.value is not None:
            self.claim(one.value)
        else:
            self.flush()
        value = "" if one.value is None else self.text(one.value)
        match one.kind:
            case "answer":
                self.put(f"answer({value})")
            case "offer":
                self.put(*([value] if value and value != "None" else []))
            case "raise" | "return" | "break" | "continue":
                self.put(f"{one.kind} {value}".rstrip())


def is_simple(value: Value) -> bool:
    return constant(value) or isinstance(value, Local | Ref | Input)
