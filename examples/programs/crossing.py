"""Book the first ferry that has room, and say what the crossing costs."""

group = 4
booked = None
for ferry in ferries("Holm"):
    try:
        booked = book_seats(ferry.id, group)
    except ValueError as error:
        print(f"{ferry.leaves}: {error}")
        continue
    price = ferry.price * group
    break
if booked is None:
    answer("no ferry has room for all")
answer(f"{booked} for {price:.2f}")
