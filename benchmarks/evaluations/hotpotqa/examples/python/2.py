# Request: Were Ada Lovelace and Charles Babbage born in the same city?
print([search(x) for x in ["Ada Lovelace", "Charles Babbage"]])
