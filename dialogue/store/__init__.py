"""What the engine remembers of conversations, in its own tables. Knows SQLAlchemy, not Rasa (except events.py)."""
