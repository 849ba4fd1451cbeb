"""Send each member what somebody else has read for long."""


def long_loans(member, least=30):
    found = [loan.book for loan in loans(member.name) if loan.days > least]
    return found or ["nothing"]


people = members()
books = {member.name: long_loans(member) for member in people}
sent = []
for member in people:
    others = sorted(book for name, own in books.items() if name != member.name for book in own)
    sent.append(send_mail(member.mail, f"Others like {' and '.join(others[:2])}."))
answer(sent)
