"""Alerts by e-mail, as a further path (SMTP_URL). No word of a youth stands in them."""

from __future__ import annotations

import asyncio
import smtplib
import ssl
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from functools import partial
from urllib.parse import parse_qs, unquote, urlsplit

import anyio.to_thread
from sqlalchemy.exc import SQLAlchemyError

from bot import bell as bells
from bot.alerts import sending
from bot.alerts.models import Path
from bot.alerts.sending import Outgoing
from bot.bell import Bell
from bot.clock import Clock
from bot.db.session import Database
from bot.log import get_logger

log = get_logger(__name__)

POLL_SECONDS = 1.0
TIMEOUT_SECONDS = 15.0
SUBJECT = "Tillbaka: någon behöver dig"


@dataclass(frozen=True)
class Smtp:
    """A mail server, from ``smtp[s]://user:password@host:port?from=address``."""

    host: str
    port: int
    implicit_tls: bool
    user: str
    password: str = field(repr=False)
    sender: str

    @classmethod
    def from_url(cls, url: str) -> Smtp:
        """Read the setting.

        Raises:
            ValueError: it is no such address.
        """
        parts = urlsplit(url)
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
            raise ValueError("SMTP_URL is no mail server. Give smtp://user:password@host:port?from=name@example.se.")
        implicit = parts.scheme == "smtps"
        user = unquote(parts.username or "")
        given = parse_qs(parts.query).get("from", [""])[0]
        sender = given or (user if "@" in user else f"tillbaka@{parts.hostname}")
        port = parts.port or (465 if implicit else 587)
        return cls(parts.hostname, port, implicit, user, unquote(parts.password or ""), sender)


class EmailSender:
    """Sends until it is stopped."""

    def __init__(self, db: Database, clock: Clock, bell: Bell, smtp: Smtp, console: str) -> None:
        self._db, self._clock, self._bell, self._smtp, self._console = db, clock, bell, smtp, console

    async def run(self, stop: asyncio.Event) -> None:
        """Send what is due until `stop`. A message left by a killed sender goes again: mail has no journal."""
        for message_id, _ in await anyio.to_thread.run_sync(sending.left_over, self._db, Path.EMAIL):
            again = partial(sending.settle, self._db, message_id, has_left=False, now=self._clock())
            await anyio.to_thread.run_sync(again)
        while not stop.is_set():
            try:
                worked = await anyio.to_thread.run_sync(self.send_due)
            except SQLAlchemyError as error:
                log.warning("email.database_down", error=type(error).__name__)
                worked = 0
            if not worked:
                await self._bell.wait(bells.SEND, POLL_SECONDS)

    def send_due(self) -> int:
        """Send what is due; return how many were tried."""
        due = sending.next_due(self._db, Path.EMAIL, self._clock())
        for message_id in due:
            outgoing = sending.begin(self._db, message_id)
            if outgoing is None:
                continue
            try:
                self._deliver(outgoing)
            except smtplib.SMTPRecipientsRefused as error:
                # A code of 500 and more is for good (RFC 5321, 4.2.1); below it the server asks to be tried again.
                for_good = all(code >= 500 for code, _ in error.recipients.values())
                if for_good:
                    sending.failed(self._db, outgoing)
                else:
                    sending.later(self._db, outgoing, self._clock())
                log.warning("email.refused", message=outgoing.id, for_good=for_good)
            except (smtplib.SMTPException, OSError) as error:
                sending.later(self._db, outgoing, self._clock())
                log.warning("email.later", message=outgoing.id, error=type(error).__name__)
            else:
                sending.sent(self._db, outgoing, None, self._clock())
                log.info("email.sent", message=outgoing.id)
        return len(due)

    def _deliver(self, outgoing: Outgoing) -> None:
        smtp = self._smtp
        message = _message(outgoing, smtp.sender, self._console, self._clock())
        if smtp.implicit_tls:
            context = ssl.create_default_context()
            with smtplib.SMTP_SSL(smtp.host, smtp.port, timeout=TIMEOUT_SECONDS, context=context) as client:
                self._send(client, message)
            return
        with smtplib.SMTP(smtp.host, smtp.port, timeout=TIMEOUT_SECONDS) as client:
            client.ehlo()
            if client.has_extn("starttls"):
                client.starttls(context=ssl.create_default_context())
            elif smtp.user:
                # A password never goes over a line that is not encrypted.
                raise smtplib.SMTPNotSupportedError("the server offers no encryption")
            self._send(client, message)

    def _send(self, client: smtplib.SMTP, message: EmailMessage) -> None:
        if self._smtp.user:
            client.login(self._smtp.user, self._smtp.password)
        client.send_message(message)


def _message(outgoing: Outgoing, sender: str, console: str, now: datetime) -> EmailMessage:
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = SUBJECT, sender, outgoing.address
    message["Date"], message["Message-ID"] = format_datetime(now), make_msgid(outgoing.id, domain="tillbaka.invalid")
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(f"{outgoing.text}\n\n{console}\n")
    return message
