"""The cheapest ferry with seats left."""

fitting = [ferry for ferry in ferries("Holm") if ferry.seats >= 2]
best = min(fitting, key=lambda ferry: (ferry.price, ferry.leaves))
answer(f"{best.id} at {best.leaves} for {best.price * 2}")
