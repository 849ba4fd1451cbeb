"""Tell everybody if a ferry to any place has room for a school class."""

places = ["Holm", "Skar"]
roomy = [ferry for place in places for ferry in ferries(place) if ferry.seats >= 25]
if roomy:
    for member in members():
        send_mail(member.mail, f"There is room on {', '.join(ferry.id for ferry in roomy)}.")
answer(len(roomy))
