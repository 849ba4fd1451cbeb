# Request: i want a slim fit, hidden pockets dress, with color: gray, and price lower than 60.00 dollars
for item in search("dress slim fit hidden pockets"):
    if float(item.split(" | ")[3].split()[0]) <= 60:
        print(explore(item))
