"""The policies that config.yml names: Rasa's own, with its traps closed."""
