"""The small-step plan: a goal and next steps, which the youth and the counsellor both can add and tick."""
