"""The larger groups of the `bot` command."""
