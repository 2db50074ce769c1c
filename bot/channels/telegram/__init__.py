"""The Telegram channel: receives by polling or webhook, sends what stands in the outbox."""
