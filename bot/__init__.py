"""The support bot: everything that faces young people, counsellors and staff (Python 3.12)."""
