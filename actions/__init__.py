"""What the dialogue does: one small action for each thing, by topic.

Run by the action server (`actions.server`). An action reads the turn, calls one service and says how it
went; words stand in data/responses, decisions about data in bot/.
"""
