# Request: How many times as high as the Eiffel Tower is Mont Blanc?
search1 = search("Mont Blanc")
search2 = search("Eiffel Tower")
math3 = math("ratio of the height of Mont Blanc to that of the Eiffel Tower", [search1, search2])
print(math3)
