"""Order what tomorrow's baking lacks."""

needed = {}
for name in ["rye", "buns", "focaccia"]:
    for what, grams in recipe(name).items():
        needed[what] = needed.get(what, 0) + grams


def missing(what, grams):
    try:
        return max(0, grams - in_stock(what))
    except KeyError:
        return grams


orders = []
for what in sorted(needed):
    lacking = missing(what, needed[what])
    if lacking > 0:
        orders.append(order(what, lacking))
print(f"{len(orders)} orders")
answer(orders)
