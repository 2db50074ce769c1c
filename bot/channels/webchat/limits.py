"""How often one chat, and one network, may do a thing in the web chat, and how many streams they may hold open."""

from __future__ import annotations

from bot.limits import Limit, Limits, Room, Rooms

__all__ = ["Limit", "Limits", "Room", "Rooms"]

MESSAGES_OF_A_CHAT = Limit("messages of a chat", 20, 2.0)
# A whole school may share one address.
MESSAGES_OF_A_NETWORK = Limit("messages of a network", 300, 0.2)
STARTS_OF_A_NETWORK = Limit("starts of a network", 120, 1.0)
# A page says every three seconds that somebody types.
SIGNS_OF_A_CHAT = Limit("signs of a chat", 4, 2.0)
CODES_OF_A_CHAT = Limit("codes of a chat", 5, 60.0)
# 58 bits and ten tries a minute from one network, two hundred from all: nobody guesses a code.
TRIES_OF_A_NETWORK = Limit("tries of a network", 10, 6.0)
TRIES_OF_ALL = Limit("tries of all", 200, 0.3)
STREAMS_OF_A_CHAT = Room("streams of a chat", 4)
# A whole school may share one address; but no network takes the places of all the others.
STREAMS_OF_A_NETWORK = Room("streams of a network", 500)
STREAMS = Room("streams of all", 2_000)
