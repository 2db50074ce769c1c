"""Schools, programmes and municipalities: facts with their source and date, and the search in them."""
