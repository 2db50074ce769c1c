"""What makes a chat live for the people in it: typing, what is read, ready-made replies, messages set for later."""
