# Request: i want a dimmable light lamp that is wiped clean, and price lower than 40.00 dollars. The first page of lamp easy clean was seen; go on with its second.
for item in search("lamp easy clean", 2):
    if float(item.split(" | ")[3].split()[0]) <= 40:
        print(explore(item))
