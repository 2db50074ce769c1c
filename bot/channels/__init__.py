"""Channels: each turns what it receives into an `Incoming` and sends what lies in the outbox."""
