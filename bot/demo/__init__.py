"""An invented month in a database of its own, to look at and practise on (`bot demo`)."""
