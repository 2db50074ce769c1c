"""Calendar files: what we give out (a feed for each counsellor, one meeting for a youth) and what we read in."""
