"""The first guest of a world, in each language, and what it includes: source for a person to go on with."""
