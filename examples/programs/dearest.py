"""Say how much dearer the last ferry to Skar is than the first to Holm."""

holm = ferries("Holm")
skar = ferries("Skar")
answer(f"{skar[-1].price / holm[0].price:.2f} times as dear, {skar[-1].price - holm[0].price} more.")
