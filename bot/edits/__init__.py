"""What staff change in the console: an override layer over files and imports, with its history."""
