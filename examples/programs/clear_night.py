"""Observe the brightest galaxy on the clearest night."""

nights = ["mon", "tue", "wed", "thu"]
cover = {night: clouds(night) for night in nights}
clearest = min(nights, key=lambda night: cover[night])
galaxies = [one for one in catalogue() if one.kind == "galaxy"]
brightest = min(galaxies, key=lambda one: one.magnitude)
if cover[clearest] < 30:
    observe(clearest, brightest.name)
answer({"night": clearest, "cover": cover[clearest], "object": brightest.name})
