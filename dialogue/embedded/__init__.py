"""Rasa's Agent, embedded: only what a turn needs of it, and its traps closed. The only package that runs it."""
