"""Crisis screening, redaction and encryption. Knows no database, no web and no dialogue."""
