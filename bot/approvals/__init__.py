"""Answers of the bot on chosen topics that a counsellor reads before the youth does (product.md, feature 32)."""
