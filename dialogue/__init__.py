"""The dialogue engine: Rasa 3.6 behind one HTTP contract. Python 3.10, knows neither `bot` nor `actions`."""
