"""The commands that Telegram shows in its menu, in both languages. Offered by the sender at start.

They are those of `bot.conversations.incoming`; a server that cannot keep them is no fault.
"""

from __future__ import annotations

from telegram import BotCommand

from bot.channels.telegram.api import TelegramClient
from bot.languages import Language

# Whoever has Telegram in neither language sees the Swedish ones, as everywhere in the bot.
COMMANDS: dict[Language, tuple[tuple[str, str], ...]] = {
    Language.SV: (
        ("start", "Börja, eller se menyn"),
        ("hjalp", "Vad du kan skriva"),
        ("manniska", "Prata med en människa"),
        ("min_plan", "Din plan, i små steg"),
        ("sprak", "Svenska eller engelska"),
        ("integritet", "Vem som läser, och hur länge det sparas"),
        ("mina_data", "Se vad som är sparat om dig"),
        ("radera", "Ta bort allt om dig"),
        ("stopp", "Inga fler påminnelser"),
    ),
    Language.EN: (
        ("start", "Begin, or see the menu"),
        ("help", "What you can write"),
        ("human", "Talk to a person"),
        ("my_plan", "Your plan, in small steps"),
        ("language", "Swedish or English"),
        ("privacy", "Who reads, and how long it is kept"),
        ("my_data", "See what is kept about you"),
        ("delete", "Remove everything about you"),
        ("stop", "No more reminders"),
    ),
}


async def offer_commands(client: TelegramClient) -> None:
    """Give Telegram both lists, best effort."""
    for language, rows in COMMANDS.items():
        commands = [BotCommand(name, text) for name, text in rows]
        code = None if language is Language.SV else str(language)

        async def offer(commands: list[BotCommand] = commands, code: str | None = code) -> object:
            return await client.set_my_commands(commands, language_code=code)

        await client.best_effort("setMyCommands", offer)
