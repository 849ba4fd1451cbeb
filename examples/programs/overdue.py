"""Remind everybody whose books are overdue, and say how many there are."""

reminded = []
for member in members():
    overdue = [loan for loan in loans(member.name) if loan.days > 28]
    if overdue:
        titles = ", ".join(loan.book for loan in overdue)
        send_mail(member.mail, f"Please bring back: {titles}")
        reminded.append({"name": member.name, "books": len(overdue)})
answer(reminded)
