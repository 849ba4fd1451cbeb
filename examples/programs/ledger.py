"""What a round of reminders would say, as a table."""

rows = []
for member in members():
    for loan in loans(member.name):
        rows.append((loan.days, member.name, loan.book))
rows.sort(reverse=True)
for days, name, book in rows[:3]:
    print(f"{days:>3}  {name:<6}{book}")
longest, *_ = rows
answer(f"{longest[1]} has kept {longest[2]} for {longest[0]} days")
