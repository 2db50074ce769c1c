"""The web chat: anonymous, live where there is script, complete where there is none."""
