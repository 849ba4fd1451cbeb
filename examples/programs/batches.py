"""Bake as many loaves of rye as there is flour for, and order what is used up."""

needed = recipe("rye")
left = {what: in_stock(what) for what in needed}
batches = 0
while all(left[what] >= grams for what, grams in needed.items()):
    for what, grams in needed.items():
        left[what] -= grams
    batches += 1
short = sorted(what for what in left if left[what] < needed[what])
for what in short:
    order(what, needed[what] * 2)
answer({"batches": batches, "short": short})
