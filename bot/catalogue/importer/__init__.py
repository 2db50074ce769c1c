"""Brings schools and courses from Skolverket into the catalogue: `bot catalogue import --from skolverket`."""
