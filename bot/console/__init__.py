"""The console of the staff: sign-in, queue, live chats, bookings, logs, accounts."""
