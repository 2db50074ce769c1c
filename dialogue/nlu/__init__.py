"""Language understanding: the graph components that config.yml names, and what they are made of.

Nothing is pickled: what a component learned lies as JSON and npz inside the model.
"""
