"""Measurements (`bot bench`): our own parts against what one would use otherwise, in one run."""
