# Request: Which river is longer, the Danube or the Rhine?
print([search(x) for x in ["Danube", "Rhine"]])
