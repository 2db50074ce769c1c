"""The finders of `bot.safety.redact`: each knows one topic (numbers, addresses, names) and returns spans of a text."""
