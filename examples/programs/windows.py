"""Open the windows above beds that got too warm."""

beds = ["north", "south", "west"]
opened = {}
for bed in beds:
    found = readings(bed)
    if not found:
        continue
    warmest = max(found)
    if warmest > 30:
        open_windows(bed, 100)
        opened[bed] = 100
    elif warmest > 21:
        open_windows(bed, 25)
        opened[bed] = 25
answer(opened)
