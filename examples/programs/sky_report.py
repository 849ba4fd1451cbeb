"""Count what can be seen by its kind, and note the faintest of each."""

kinds = {}
for one in catalogue():
    kinds.setdefault(one.kind, []).append(one)
faintest = {kind: max(found, key=lambda one: one.magnitude).name for kind, found in kinds.items()}
nights = sorted(["mon", "tue", "wed", "thu"], key=clouds)
noted = [observe(night, name) for night, name in zip(nights, faintest.values())]
answer({"faintest": faintest, "noted": noted})
