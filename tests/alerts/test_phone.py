"""A counsellor's own Telegram: linking, claiming, answering; never taken for a youth."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import LargeBinary, func, select, type_coerce, update

from bot.alerts import contacts, wording
from bot.alerts.models import StaffMessage
from bot.clock import FakeClock
from bot.console.models import AccessLog
from bot.conversations.models import InboundKind, InboundMessage
from bot.db.session import Database
from bot.handover.rules import FIRST_REPLY
from bot.handover.service import Handover
from bot.languages import Language
from bot.people.requests import export_of, forget_person
from bot.people.vault import Vault
from tests.alerts.conftest import Desk
from tests.conversations.conftest import Youth
from tests.handover.steps import ask, request_of
from tests.people.canary import tables_with

Settle = Callable[[], Awaitable[None]]
AddCounsellor = Callable[..., str]


def test_a_code_from_the_console_links_a_phone_once(
    desk: Desk, database: Database, vault: Vault, clock: FakeClock, maria: str, omar: str
) -> None:
    with database.transaction() as session:
        code = contacts.new_code(session, vault, maria, clock())
    assert desk.write("7", f"/koppla {code.lower()}")
    assert desk.said(maria)[0].startswith("Hej Maria!")

    desk.write("8", f"/koppla {code}")
    assert desk.said(None)[-1].startswith("Koden gäller inte")
    with database.reading() as session:
        assert contacts.staff_at(session, vault, "8") is None

    with database.transaction() as session:
        late = contacts.new_code(session, vault, omar, clock())
    clock.advance(minutes=11)
    desk.write("9", f"/start koppla_{late}")
    with database.reading() as session:
        assert contacts.staff_at(session, vault, "9") is None


def test_a_phone_that_is_linked_anew_belongs_to_one_person(
    desk: Desk, database: Database, vault: Vault, maria: str, omar: str
) -> None:
    desk.link(maria, "7")
    desk.link(omar, "7")
    with database.reading() as session:
        staff = contacts.staff_at(session, vault, "7")
        assert staff is not None
        assert staff.id == omar
        assert contacts.reach_of(session, maria).linked_at is None


def test_what_a_youth_writes_is_not_taken(desk: Desk, maria: str) -> None:
    desk.link(maria, "7")
    for text in ("hej", "/start", "/hjälp", "koppla", "s:claim:x"):
        assert not desk.write("8", text)
    assert not desk.write("8", None, kind=InboundKind.BUTTON, payload="s:claim:x")


async def test_claiming_answering_and_giving_back_from_the_phone(
    youth: Youth, handover: Handover, desk: Desk, maria: str, settle: Settle, database: Database
) -> None:
    desk.link(maria, "7")
    youth.send("jag heter Leyla, ring 070-123 45 67")
    await settle()
    ask(handover, youth)
    desk.plan()

    desk.press("7", "Ta över")
    assert request_of(database, youth).owner == maria
    packet = desk.said(maria)[-1]
    assert packet.startswith("Du har chatten.")
    assert "070" not in packet
    assert "<phone_number_1>" in packet

    desk.write("7", "Hej, jag heter Maria!")
    assert youth.said()[-2:] == ["utter_human_joined", None]
    assert youth.heard()[-1] == "Hej, jag heter Maria!"
    assert desk.said(maria)[-1].startswith("Skickat till Ung")

    youth.send("jag vill plugga igen")
    await settle()
    news = desk.messages(maria)[-1]
    assert "plugga" not in news.text, "nothing of it stands on a lock screen"
    desk.press("7", "Läs")
    assert "jag vill plugga igen" in desk.said(maria)[-1]

    desk.write("7", "/klar Vi hörs på torsdag")
    assert youth.conversation.state == "BOT"
    assert "Vi hörs på torsdag." in youth.heard()[-1]
    with database.reading() as session:
        seen = session.scalars(select(AccessLog.what).where(AccessLog.staff_id == maria)).all()
        assert seen == ["chat_phone", "chat_phone"]
        assert session.scalar(select(func.count()).select_from(InboundMessage)) == len(youth.inbox())


async def test_words_are_shown_to_who_wants_them(
    youth: Youth, handover: Handover, desk: Desk, maria: str, settle: Settle
) -> None:
    desk.link(maria, "7", show_text=True)
    youth.send("hej")
    ask(handover, youth)
    desk.plan()
    desk.press("7", "Ta över")
    youth.send("första")
    youth.send("andra")
    await settle()

    assert desk.said(maria)[-1].endswith("första\nandra"), "a burst is one message"


async def test_who_answers_in_the_console_is_left_in_peace_on_the_phone(
    youth: Youth, handover: Handover, desk: Desk, maria: str, settle: Settle, waiting: str
) -> None:
    desk.link(maria, "7")
    handover.claim(waiting, maria)
    before = len(desk.messages())
    youth.send("hallå")
    await settle()
    assert len(desk.messages()) == before


def test_whoever_comes_second_hears_who_was_first(
    youth: Youth, handover: Handover, desk: Desk, maria: str, omar: str, waiting: str
) -> None:
    desk.link(maria, "7")
    desk.link(omar, "8")
    desk.plan()
    handover.claim(waiting, omar)

    desk.press("7", "Ta över")

    assert desk.said(maria)[-1] == "Omar hann före."


def test_a_reply_goes_to_the_chat_it_answers_and_never_to_another(
    make_youth: Callable[[str], Youth], handover: Handover, desk: Desk, maria: str, database: Database
) -> None:
    desk.link(maria, "7")
    first, second = make_youth("a"), make_youth("b")
    for one in (first, second):
        one.send("hej")
        ask(handover, one)
        handover.claim(request_of(database, one).id, maria)
        desk.write("7", None, kind=InboundKind.BUTTON, payload=f"s:show:{request_of(database, one).id}")
    ids = {}
    with database.transaction() as session:
        for number, row in enumerate(desk.messages(maria)):
            session.merge(row).channel_message_id = str(number)
            ids[row.handover_id] = str(number)

    desk.write("7", "till vem?")
    assert desk.said(maria)[-1].startswith("Du har flera chattar")
    desk.write("7", "till dig", reply_to=ids[request_of(database, second).id])
    assert second.heard()[-1] == "till dig"
    assert "till dig" not in first.heard()

    handover.put_back(request_of(database, second).id, maria)
    desk.write("7", "hemligt", reply_to=ids[request_of(database, second).id])
    assert desk.said(maria)[-1].startswith("Inte skickat")
    assert "hemligt" not in first.heard() + second.heard()


def test_a_repeated_update_does_nothing_more(
    youth: Youth, handover: Handover, desk: Desk, maria: str, waiting: str
) -> None:
    desk.link(maria, "7")
    desk.plan()
    for _ in range(2):
        desk.press("7", "Ta över", update_id="100")
    for _ in range(2):
        desk.write("7", "Hej!", update_id="101")

    assert youth.heard().count("Hej!") == 1
    assert sum(text.startswith("Skickat") for text in desk.said(maria)) == 1
    assert youth.said().count("utter_human_joined") == 1


def test_a_chat_of_another_municipality_cannot_be_taken_or_read(
    youth: Youth, handover: Handover, desk: Desk, add_counsellor: AddCounsellor, database: Database
) -> None:
    add_counsellor("Linda", municipalities=("Motala",))
    karin = add_counsellor("Karin", municipalities=("Kinda",))
    desk.link(karin, "7")
    youth.send("hej")
    ask(handover, youth, municipality="Motala")
    request = request_of(database, youth).id
    for verb in ("claim", "show", "yes"):
        desk.write("7", None, kind=InboundKind.BUTTON, payload=f"s:{verb}:{request}")

    assert request_of(database, youth).owner is None
    assert set(desk.said(karin)[1:]) == {"Det är redan gjort, eller går inte längre."}


def test_the_end_of_a_shift_asks_what_shall_become_of_each_chat(
    youth: Youth, handover: Handover, desk: Desk, maria: str, waiting: str, database: Database
) -> None:
    desk.link(maria, "7")
    handover.claim(waiting, maria)

    desk.write("7", "/av")
    assert "öppna chattar" in desk.said(maria)[-2]
    desk.press("7", "Lägg först i kön")
    assert request_of(database, youth).state == "REQUESTED"
    desk.write("7", "/av")
    assert desk.said(maria)[-1].startswith("Ditt pass är slut")


def test_a_colleague_is_asked_on_the_phone_and_says_yes(
    youth: Youth, handover: Handover, desk: Desk, maria: str, omar: str, waiting: str, database: Database
) -> None:
    desk.link(omar, "8")
    handover.claim(waiting, maria)
    handover.offer(waiting, maria, omar)
    desk.plan()
    assert "kollega ber dig" in desk.alerts(omar)[-1]

    desk.press("8", "Ja, jag tar den")

    assert request_of(database, youth).owner == omar
    assert request_of(database, youth).via == "telegram"


def test_danger_can_be_met_from_the_phone_without_a_request(
    youth: Youth, desk: Desk, maria: str, database: Database
) -> None:
    desk.link(maria, "7")
    youth.send("jag vill inte leva")
    desk.plan()

    desk.press("7", "Ta över")

    row = request_of(database, youth)
    assert (row.state, row.owner, row.reason) == ("LIVE", maria, "crisis")


def test_a_phone_that_lets_its_chat_go_hears_of_it(
    youth: Youth, handover: Handover, desk: Desk, maria: str, waiting: str, clock: FakeClock
) -> None:
    desk.link(maria, "7")
    desk.plan()
    desk.press("7", "Ta över")
    clock.advance(seconds=FIRST_REPLY.total_seconds() + 1)
    handover.sweep()

    assert "gick tillbaka till kön" in desk.said(maria)[-1]


@pytest.mark.parametrize(
    ("kind", "said"),
    [(InboundKind.OTHER, "Bara text går"), (InboundKind.EDIT, "Det du ändrade skickas inte om")],
)
def test_what_cannot_be_passed_on_is_said(desk: Desk, maria: str, kind: InboundKind, said: str) -> None:
    desk.link(maria, "7")
    desk.write("7", "x", kind=kind)
    assert desk.said(maria)[-1].startswith(said)


def test_who_takes_the_link_away_is_a_youth_again_and_hears_no_more(
    youth: Youth, desk: Desk, maria: str, waiting: str
) -> None:
    desk.link(maria, "7")
    desk.write("7", "/koppla av")
    desk.plan()

    assert desk.alerts() == []
    assert not desk.write("7", "hej")


async def test_a_message_to_a_linked_phone_holds_no_account_of_the_counsellor(
    youth: Youth, desk: Desk, database: Database, clock: FakeClock, maria: str, waiting: str
) -> None:
    account = "4711004711"
    desk.link(maria, account, show_text=True)
    desk.plan()
    desk.press(account, "Ta över")
    for text in ("hej!", "/ko", "/hjälp", "/klar"):
        desk.write(account, text)

    assert account not in export_of(database, youth.conversation.id, Language.SV, clock())
    assert [row.text for row in desk.messages() if row.address is not None] == []
    desk.write(account, "/koppla av")
    assert [row.text for row in desk.messages() if row.address is not None] == [wording.UNLINKED]


def test_what_an_account_without_a_link_is_told_goes_with_its_owner(
    youth: Youth, desk: Desk, database: Database, clock: FakeClock
) -> None:
    youth.send("hej")
    for address in (youth.address, "8"):
        desk.write(address, "/koppla FEL")
    assert tables_with(database, youth.address) >= {"staff_message.address"}

    forget_person(database, youth.conversation.id, clock())
    assert [row.address for row in desk.messages()] == ["8"], "whose else it is stays"
    assert "staff_message.address" not in tables_with(database, youth.address)


def test_an_account_that_no_key_opens_keeps_nobody_from_being_erased(
    youth: Youth, desk: Desk, database: Database, clock: FakeClock
) -> None:
    youth.send("hej")
    desk.write("8", "/koppla FEL")
    with database.transaction() as session:
        session.execute(update(StaffMessage).values(address=type_coerce(b"\x01\x01kother", LargeBinary)))

    assert forget_person(database, youth.conversation.id, clock()).by == "staff"


def test_an_address_that_is_none_is_refused(database: Database, maria: str) -> None:
    for email in ("maria", "a@b", "a b@c.se", "x@y.se\nBcc: z@y.se"):
        with pytest.raises(contacts.ContactError), database.transaction() as session:
            contacts.set_reach(session, maria, show_text=False, email=email, email_on=True)
