"""Builds the programs' parts from the settings. The only place that makes engines and clients."""

from __future__ import annotations

from dataclasses import dataclass

from bot.bell import Bell
from bot.clock import Clock
from bot.conversations.inbox import Inbox
from bot.db.base import use_keyring
from bot.db.session import Database
from bot.dialogue_client import DialogueClient
from bot.people.vault import Vault, load_fingerprint_key
from bot.safety.crypto import Keyring
from bot.settings import Settings
from bot.texts import Texts


@dataclass(frozen=True)
class Services:
    """What every part of the `bot` program is given."""

    settings: Settings
    clock: Clock
    db: Database
    vault: Vault
    texts: Texts
    bell: Bell
    inbox: Inbox


def build(settings: Settings) -> Services:
    """Open the database and put the parts together. The tables must be there (`bot db upgrade`)."""
    use_keyring(Keyring.from_text(settings.encryption_keys))
    db = Database(settings.database_url)
    with db.transaction() as session:
        vault = Vault(load_fingerprint_key(session))
    texts = Texts.load(settings.data_dir / "responses")
    return Services(
        settings=settings,
        clock=settings.clock,
        db=db,
        vault=vault,
        texts=texts,
        bell=Bell(),
        inbox=Inbox(db, vault, texts, settings.clock),
    )


def dialogue_client(settings: Settings) -> DialogueClient:
    """Make a client of the dialogue server."""
    return DialogueClient(settings.dialogue_url, settings.shared_secret)
