"""What the model understands, outside any chat: predictions, figures and a report on labelled messages."""
