"""How the console says times and codes, in Swedish and in Swedish wall time. Filters of the templates."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from bot.approvals.service import TOPICS
from bot.booking.models import ContactHow, Outcome
from bot.calendars.fetch import Fault
from bot.clock import STOCKHOLM
from bot.console.permissions import ROLE_NAMES
from bot.conversations.models import AlertKind, ConversationState, InboundKind, OutboundState
from bot.handover.labels import END_REASONS, REASONS, RISKS, STATES, intent_label
from bot.handover.models import HandoverState
from bot.handover.queue import Entry
from bot.livechat.models import CancelReason, ScheduledState
from bot.reminders.feedback import SILENT
from bot.reminders.models import ReminderKind

_DAYS = ("måndag", "tisdag", "onsdag", "torsdag", "fredag", "lördag", "söndag")
_MONTHS = (
    "januari", "februari", "mars", "april", "maj", "juni", "juli", "augusti", "september", "oktober",
    "november", "december",
)  # fmt: skip

CHANNELS: Mapping[str, str] = {"telegram": "Telegram", "web": "webbchatt", "terminal": "terminal"}
LANGUAGES: Mapping[str, str] = {"sv": "svenska", "en": "engelska"}
HOWS: Mapping[str, str] = {
    ContactHow.PHONE: "telefon", ContactHow.VIDEO: "video", ContactHow.MEET: "ses på plats",
    ContactHow.WALK: "promenad", ContactHow.CHAT: "chatt",
}  # fmt: skip
ALERTS: Mapping[str, str] = {
    AlertKind.CRISIS: "Tecken på fara",
    AlertKind.HANDOVER: "Någon vill prata",
    AlertKind.SET_ASIDE: "Ett meddelande blev utan svar",
    AlertKind.UNREACHABLE: "Den unga kan inte nås",
    AlertKind.DELIVERY: "Ett svar kunde inte skickas",
    AlertKind.TRANSFER: "Om en chatt som byter vägledare",
    AlertKind.SHIFT: "Ditt pass är slut",
    AlertKind.APPROVAL: "Ett svar väntar på ditt ok",
}
ALERT_DETAILS: Mapping[str, str] = {
    **REASONS,
    "lease_lapsed": "vägledaren svarade inte i tid",
    "owner_left": "vägledarens konto är stängt",
    "put_back": "lagd tillbaka i kön",
    "opened": "väntade på att vi öppnade",
    "timed_out": "har väntat länge",
    "asked_again": "frågade igen",
    "reopened": "vill prata mer med dig",
    "transfer_offered": "en kollega ber dig ta över",
    "transfer_refused": "kollegan kunde inte, chatten är kvar hos dig",
    "transfer_lapsed": "kollegan svarade inte, chatten är kvar hos dig",
    "shift_over": "du har en chatt öppen",
    "still_waiting": "väntar fortfarande",
    "turn_failed": "tekniskt fel",
    "model": "modellen såg tecknet",
    "suicide": "tankar på självmord",
    "self_injury": "självskada",
    "abuse": "utsatt för våld",
    "honour": "heder och kontroll",
    "fear": "är rädd",
    "threat_to_others": "hot mot andra",
    "blocked": "har blockerat boten",
    **{topic: intent_label(topic) for topic in TOPICS},
}
OUTCOMES: Mapping[str, str] = {
    Outcome.CAME: "Kom", Outcome.NOT_COME: "Blev inte av", Outcome.MOVED: "Ny tid bestämd",
}  # fmt: skip
CALENDAR_FAULTS: Mapping[str, str] = {
    Fault.ADDRESS: "Adressen måste börja med https:// eller webcal://. Kopiera den från kalendern igen.",
    Fault.PRIVATE: "Adressen leder in i ett slutet nät. Använd kalenderns publika delningslänk.",
    Fault.UNREACHABLE: "Kalenderns server svarar inte, eller saknar ett giltigt certifikat. Vi försöker igen.",
    Fault.REFUSED: "Kalendern finns inte på adressen, eller är inte delad. Kontrollera delningen i kalendern.",
    Fault.TOO_LARGE: "Kalendern är större än 5 MB. Dela bara det kommande halvåret, om kalendern kan det.",
    Fault.TOO_SLOW: "Kalenderns server svarar för långsamt. Vi försöker igen.",
    Fault.NO_CALENDAR: "Adressen ger ingen kalenderfil. Välj länken som slutar på .ics eller heter iCal.",
    Fault.TOO_MUCH: "Kalendern har tusentals händelser eller något som upprepas varje timme. Dela en mindre kalender.",
}
CONVERSATION_STATES: Mapping[str, str] = {
    ConversationState.BOT: "hos boten",
    ConversationState.REQUESTED: "väntar på en människa",
    ConversationState.OFF_HOURS_QUEUED: "väntar till öppning",
    ConversationState.LIVE: "med en vägledare",
    ConversationState.TIMED_OUT: "har väntat länge",
}
OUTBOUND_STATES: Mapping[str, str] = {
    OutboundState.QUEUED: "på väg",
    OutboundState.SENDING: "på väg",
    OutboundState.RETRY: "försöker igen",
    OutboundState.SENT: "skickat",
    OutboundState.FAILED: "kunde inte skickas",
    OutboundState.NOT_SENT: "inte skickat, en vägledare tog över",
}
CONTENT: Mapping[str, str] = {
    "voice": "röstmeddelande", "audio": "ljud", "photo": "bild", "video": "film", "video_note": "film",
    "document": "fil", "contact": "kontakt", "location": "plats", "poll": "omröstning",
    "animation": "animation", "sticker": "klistermärke",
}  # fmt: skip
KINDS: Mapping[str, str] = {
    InboundKind.BUTTON: "tryckte på en knapp",
    InboundKind.COMMAND: "gav ett kommando",
    InboundKind.STICKER: "skickade ett klistermärke",
    InboundKind.OTHER: "skickade något som inte kan läsas",
    InboundKind.LEFT: "blockerade boten",
    InboundKind.RETURNED: "kom tillbaka",
}
# What an opening of a conversation is called in the access log.
ACCESS: Mapping[str, str] = {
    "chat": "chatten, utan namn och nummer",
    "chat_real": "chatten, med namn och nummer",
    "chat_phone": "chatten i telefonen, utan namn och nummer",
    "log": "loggen, utan namn och nummer",
    "log_real": "loggen, med namn och nummer",
    "booking": "kontaktuppgifter till ett möte",
    "plan": "planen, utan namn och nummer",
    "plan_real": "planen, med namn och nummer",
    "calendar_real": "namn på möten, hämtade av ett kalenderprogram",
    "unmask": "namn och nummer, med angiven orsak",
    "preserve": "underlag till en orosanmälan",
}
WEEKDAYS: tuple[str, ...] = tuple(day.capitalize() for day in _DAYS)

# The question after a meeting or a chat with a person.
HELPED_ABOUT: Mapping[str, str] = {
    ReminderKind.AFTER_MEETING: "Efter möten", ReminderKind.AFTER_CHAT: "Efter chattar",
}  # fmt: skip
HELPED: Mapping[str, str] = {
    "yes": "Ja", "some": "Lite", "no": "Nej", "none": "Det blev inte av", SILENT: "Svarade inte",
}  # fmt: skip

# What became of a message that was set for later.
LATER: Mapping[str, str] = {
    ScheduledState.WAITING: "väntar",
    ScheduledState.SENT: "skickat",
    ScheduledState.CANCELLED: "stoppat",
    CancelReason.YOUTH_WROTE: "den unga skrev först",
    CancelReason.BY_STAFF: "du ångrade dig",
    CancelReason.UNREACHABLE: "den unga har blockerat boten",
    CancelReason.TAKEN: "en kollega har chatten",
    CancelReason.ACCOUNT_CLOSED: "kontot är stängt",
}

_TABLES: Mapping[str, Mapping[str, str]] = {
    "channel": CHANNELS, "language": LANGUAGES, "how": HOWS, "alert": ALERTS, "alert_detail": ALERT_DETAILS,
    "conversation_state": CONVERSATION_STATES, "outbound": OUTBOUND_STATES, "content": CONTENT, "kind": KINDS,
    "access": ACCESS, "later": LATER, "outcome": OUTCOMES, "calendar_fault": CALENDAR_FAULTS,
    "reason": REASONS, "state": STATES, "risk": RISKS, "end_reason": END_REASONS,
    "helped": HELPED, "helped_about": HELPED_ABOUT,
    "role": {str(role): name for role, name in ROLE_NAMES.items()},
}  # fmt: skip


def word(code: object, table: str) -> str:
    """Return what a code of one of the tables means; an unknown code stays as it is."""
    return _TABLES[table].get(str(code), str(code))


def wall_time(instant: datetime) -> str:
    """Return `10.04`."""
    return f"{instant.astimezone(STOCKHOLM):%H.%M}"


def wall_date(instant: datetime) -> str:
    """Return `torsdag 26 november`."""
    local = instant.astimezone(STOCKHOLM)
    return f"{_DAYS[local.weekday()]} {local.day} {_MONTHS[local.month - 1]}"


def day(one: date) -> str:
    """Return `tor 26 nov`, with the year when it is long."""
    return f"{_DAYS[one.weekday()][:3]} {one.day} {_MONTHS[one.month - 1][:3]} {one.year}"


def days(span: tuple[datetime, datetime], now: datetime) -> str:
    """Return a time from the first to the last moment; whole days as days: `21 dec – 6 jan 2027`."""
    first, last = (at.astimezone(STOCKHOLM) for at in span)
    if first.time() == last.time() == time():
        first_day, last_day = first.date(), last.date() - timedelta(days=1)
        return day(first_day) if first_day == last_day else f"{day(first_day)} – {day(last_day)}"
    return f"{wall(first, now)} – {wall(last, now)}"


def minutes_option(minutes: int) -> tuple[int, str]:
    """Return a number of minutes as an option of a list."""
    return minutes, f"{minutes} minuter" if minutes else "ingen"


def wall(instant: datetime, now: datetime) -> str:
    """Return a time as short as it can be understood: `10.04`, `i går 10.04`, `24 nov 10.04`."""
    local, today = instant.astimezone(STOCKHOLM), now.astimezone(STOCKHOLM).date()
    days = (local.date() - today).days
    clock = wall_time(instant)
    if days == 0:
        return clock
    if days in (-1, 1):
        return f"{'i går' if days < 0 else 'i morgon'} {clock}"
    year = f" {local.year}" if local.year != today.year else ""
    return f"{local.day} {_MONTHS[local.month - 1][:3]}{year} {clock}"


def waited(since: datetime, now: datetime) -> str:
    """Return how long something has waited: `under 1 min`, `12 min`, `3 tim`, `2 dygn`."""
    gone = max(now - since, timedelta(0))
    minutes = int(gone.total_seconds() // 60)
    if minutes < 1:
        return "under 1 min"
    if minutes < 90:
        return f"{minutes} min"
    hours = minutes // 60
    return f"{hours} tim" if hours < 48 else f"{hours // 24} dygn"


def left(until: datetime | None, now: datetime) -> str:
    """Return how long is left, in whole minutes: `4 min`."""
    if until is None or until <= now:
        return "0 min"
    return f"{-(-int((until - now).total_seconds()) // 60)} min"


def used(until: datetime | None, minutes: int, now: datetime) -> float:
    """Return how much of a time that ends then is used up, from 0 to 1."""
    if until is None:
        return 1.0
    return min(max(1 - (until - now) / timedelta(minutes=minutes), 0.0), 1.0)


def aged(since: datetime, minutes: int, now: datetime) -> float:
    """Return how much of a time that began then is used up, from 0 to 1."""
    return min(max((now - since) / timedelta(minutes=minutes), 0.0), 1.0)


def about(entry: Entry) -> str:
    """Return in a few words what a request is about: its topic, why, language and channel."""
    lines = dict(line.partition(": ")[::2] for line in entry.summary.split("\n"))
    first = lines.get("Senast") or "inget ämne än"
    parts = [first.capitalize(), REASONS.get(entry.reason, entry.reason), word(entry.language, "language"),
             word(entry.channel, "channel")]  # fmt: skip
    if entry.new_messages and entry.state != HandoverState.LIVE:
        parts.append(f"{entry.new_messages} {'nytt' if entry.new_messages == 1 else 'nya'}")
    return " · ".join(parts)


def new_day(instant: datetime, earlier: datetime | None) -> bool:
    """Whether a line begins a new day in Sweden."""
    return earlier is None or instant.astimezone(STOCKHOLM).date() != earlier.astimezone(STOCKHOLM).date()


def thread_day(instant: datetime, now: datetime) -> str:
    """Return a day as short as it can be understood: `i dag`, `i går`, `torsdag 26 november`."""
    days = (instant.astimezone(STOCKHOLM).date() - now.astimezone(STOCKHOLM).date()).days
    return {0: "i dag", -1: "i går"}.get(days, wall_date(instant))
