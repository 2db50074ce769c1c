"""What we say without having been written to: before and after meetings, reminders asked for, check-ins."""
