# Request: Make 24 of the numbers 1 1 4 6. Answer with the expression alone, or with: no solution
kept = ["1 1 4 6"]
for step in range(3):
    thoughts = [thought_proposer(state) for state in kept]
    values = [state_evaluator(some) for some in thoughts]
    kept = top_k_select(thoughts, values)
print(kept)
