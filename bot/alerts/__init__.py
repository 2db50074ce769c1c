"""Reaching staff away from the console: their own Telegram, e-mail, whom to call and when again."""
