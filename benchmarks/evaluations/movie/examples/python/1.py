# Request: Find a movie similar to Alien, Jaws
# Options:
# Predator
# Amélie
print([search(x) for x in ["Alien", "Jaws", "Predator", "Amélie"]])
