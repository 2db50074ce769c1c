"""Inbox, outbox, who answers, and the worker that turns one into the other."""
