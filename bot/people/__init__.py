"""Who writes to us: a pseudonym, the encrypted vault, export and erasure."""
