"""Meetings that calendars show, and a calendar server on https of our own."""

from tests.booking.conftest import add_conversation, add_counsellor, booking

__all__ = ["add_conversation", "add_counsellor", "booking"]
