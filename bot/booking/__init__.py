"""Meetings with a counsellor: duty hours, free times, bookings."""
