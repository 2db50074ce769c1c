"""Who is on duty for whom, and when: opening hours, rota, absence, shifts, who answers for a crisis at night."""
