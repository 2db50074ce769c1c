"""Who may study what, when, and what that is known from: the rules, the facts and the dates of the year."""
