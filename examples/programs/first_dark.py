"""Wait for a night that is dark enough."""

nights = ["mon", "tue", "wed", "thu"]
place = 0
while clouds(nights[place]) > 40 and place < len(nights) - 1:
    place += 1
night = nights[place]
faint = [one.name for one in catalogue() if one.magnitude > 6]
for name in faint:
    observe(night, name)
answer(f"{night}: {', '.join(faint)}")
