"""What is said to staff away from the console, in Swedish. Fit for a lock screen: no word of a youth."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.alerts.outbox import Button, pseudonym
from bot.conversations.models import Alert, AlertKind
from bot.handover.models import Handover, HandoverState
from bot.handover.rules import CLAIMABLE

HELP = (
    "Så här gör du:\n"
    "Svara på ett meddelande om en ung, så går svaret dit. Har du bara en chatt räcker det att skriva.\n"
    "/ko visar vilka som väntar.\n"
    "/klar lämnar tillbaka till boten. Skriv gärna vad ni sa: /klar Vi hörs på torsdag.\n"
    "/tillbaka lägger chatten först i kön för en kollega.\n"
    "/av slutar ditt pass.\n"
    "/koppla av tar bort kopplingen."
)
WRONG_CODE = "Koden gäller inte. Hämta en ny under Tjänst i konsolen; den gäller i tio minuter."
ONLY_TEXT = "Bara text går att skicka vidare härifrån. Det du skickade nådde ingen."
NO_EDITS = "Det du ändrade skickas inte om. Skriv ett nytt meddelande i stället."
NO_CHAT = "Du har ingen chatt nu. /ko visar vilka som väntar."
WHICH_CHAT = "Du har flera chattar. Svara på ett av meddelandena från den du menar."
NO_LONGER = "Ditt konto får inte svara i chattar längre. Skriv /koppla av för att ta bort kopplingen."
UNLINKED = "Kopplingen är borttagen. Här kommer inga fler larm."
BUTTON_OLD = "Det är redan gjort, eller går inte längre."


def linked(name: str) -> str:
    """Return what is said when a phone has been linked."""
    return f"Hej {name}! Nu kommer larm hit, och du kan svara härifrån.\n\n{HELP}"


def alert_text(alert: Alert, row: Handover | None, place: str | None, now: datetime) -> tuple[str, Sequence[Button]]:
    """Return what an alert says, and what can be done about it at once."""
    who = pseudonym(alert.conversation_id) if alert.conversation_id else "Någon"
    where = f"{who}, {place or 'okänd kommun'}"
    handover_id = row.id if row is not None else ""
    claim = ("Ta över", f"s:claim:{handover_id}")
    match alert.kind:
        case AlertKind.CRISIS:
            take = (
                claim if row is not None and row.state in CLAIMABLE else ("Ta över", f"s:take:{alert.conversation_id}")
            )
            live = row is not None and row.state == HandoverState.LIVE
            buttons = [("Jag tar hand om det", f"s:ack:{alert.id}")]
            return f"Brådskar: {where} behöver en människa nu. Läs i konsolen.", buttons if live else [take, *buttons]
        case AlertKind.HANDOVER if alert.detail == "reopened":
            return f"{who} vill prata mer med dig. Chatten är öppen hos dig.", [("Läs", f"s:show:{handover_id}")]
        case AlertKind.HANDOVER:
            waited = int((now - (row.requested_at if row is not None else alert.created_at)).total_seconds() // 60)
            since = f" Har väntat {waited} min." if waited else ""
            return f"{where} vill prata med en människa.{since}", [claim, ("Läs först", f"s:show:{handover_id}")]
        case AlertKind.APPROVAL:
            return f"{where}: boten har ett svar som väntar på ditt ok. Läs i konsolen.", []
        case AlertKind.TRANSFER if alert.detail == "transfer_offered":
            yes, no = ("Ja, jag tar den", f"s:yes:{handover_id}"), ("Nej", f"s:no:{handover_id}")
            return f"En kollega ber dig ta över chatten med {where}.", [yes, no, ("Läs först", f"s:show:{handover_id}")]
        case AlertKind.TRANSFER:
            return f"Kollegan kunde inte ta chatten med {who}. Den är kvar hos dig.", []
        case AlertKind.SHIFT:
            choices = [("Lägg först i kön", f"s:back:{handover_id}"), ("Klar, till boten", f"s:done:{handover_id}")]
            return f"Ditt pass är slut, och chatten med {who} är öppen. Välj vad som ska hända.", choices
        case AlertKind.UNREACHABLE:
            return f"{who} har blockerat boten och kan inte nås.", []
        case _:
            return f"Ett svar till {who} kunde inte skickas. Läs i konsolen.", []
