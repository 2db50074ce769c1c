"""The database: one engine, one way to open a transaction, claims with a lease."""
