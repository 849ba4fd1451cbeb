# Request: If Lake Geneva were 10% larger and Lake Como 3 times as large, which one would be larger?
search1 = search("Lake Geneva")
search2 = search("Lake Como")
math3 = math("Lake Geneva area in km^2 if 10% larger?", [search1])
math4 = math("Lake Como area in km^2 if 3 times as large?", [search2])
answer(max([(math3, "Lake Geneva"), (math4, "Lake Como")])[1])
