"""The frame around every page: who is signed in, may they, is the form ours; errors as pages.

Page functions are plain and synchronous; they run in a thread, with a Visit.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import anyio.to_thread
import yaml
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response

from bot.booking.service import Booking
from bot.catalogue.service import Catalogue
from bot.console import browsers, security
from bot.console.counts import counts_for
from bot.console.guesses import Guesses
from bot.console.models import Staff
from bot.console.pages import Pages
from bot.console.permissions import Permission, Role
from bot.console.security import Form
from bot.console.sign_in import Visitor, find_visitor, waiting_for_code
from bot.console.stamps import live_address
from bot.demo.mark import is_demo
from bot.edits.knowledge import EditedKnowledge
from bot.handover.service import Handover
from bot.languages import Language
from bot.log import get_logger
from bot.reminders.staff import StaffActions
from bot.wiring import Services

log = get_logger(__name__)

# The script asks for a page again with this header when something has changed.
LIVE_HEADER = "x-live"
# ... and says so when nobody has the page in front of them: what stands on it then is not read.
HIDDEN_HEADER = "x-hidden"
_GO_BACK = (
    "Felet är noterat. Gå tillbaka till sidan innan, se om det du gjorde är sparat och försök igen. "
    "Händer det igen: säg till den som sköter systemet, och skriv vad du gjorde och när."
)


class Refused(Exception):
    """A page that cannot be shown, said in Swedish."""

    def __init__(self, status: int, title: str, text: str) -> None:
        super().__init__(title)
        self.status, self.title, self.text = status, title, text


def not_found() -> Refused:
    """There is no such thing, or it is none of this person's business: both look the same."""
    return Refused(404, "Det finns inte", "Sidan finns inte, eller hör inte till dina kommuner.")


def ended() -> Refused:
    """The session is at its end: what was given to prove who somebody is was wrong too often."""
    return Refused(401, "Du är utloggad", "Det blev fel för många gånger. Logga in igen.")


@dataclass(frozen=True)
class Visit:
    """One request of somebody who is signed in."""

    desk: Desk
    request: Request
    visitor: Visitor
    form: Form
    now: datetime

    @property
    def live(self) -> bool:
        """Whether the page refreshes itself, without anybody having done anything."""
        return LIVE_HEADER in self.request.headers

    @property
    def on_screen(self) -> bool:
        """Whether somebody has the page in front of them."""
        return HIDDEN_HEADER not in self.request.headers

    def path(self, name: str) -> str:
        """Return a part of the address.

        Raises:
            Refused: it holds what no id holds (PostgreSQL would fail on it).
        """
        part = str(self.request.path_params[name])
        if "\x00" in part:
            raise not_found()
        return part

    def query(self, name: str) -> str:
        """Return a field of the address; empty when it is missing."""
        return self.request.query_params.get(name, "").replace("\x00", "").strip()

    def page(
        self, template: str, status: int = 200, *, live: str | None = None, refresh: bool = False, **values: Any
    ) -> Response:
        """Render a page with what all pages need.

        Args:
            live: where the page listens for changes; without it, for what stands in the menu alone.
            refresh: ask for the whole page again when something has changed, not only for its menu.
        """
        db = self.desk.services.db
        listens = live or live_address(db, self.now)
        with db.reading() as session:
            counts, demo = counts_for(session, self.visitor), is_demo(session)
        frame = {
            "visitor": self.visitor, "now": self.now, "path": self.request.url.path, "csrf": self.visitor.csrf,
            "live": listens, "refresh": refresh, "counts": counts, "demo": demo,
        }  # fmt: skip
        return self.desk.pages.render(template, status, **(frame | values))

    def go(self, path: str) -> Response:
        """Show another page after a form was taken."""
        return RedirectResponse(path, status_code=303)


PageFunction = Callable[[Visit], Response]
Endpoint = Callable[[Request], Awaitable[Response]]


def _kind_names(path: Path) -> dict[str, dict[Language, str]]:
    """Return what each kind of school is called, in both languages."""
    rows = yaml.safe_load(path.read_text(encoding="utf-8"))["kinds"]
    return {row["kind"]: {language: row[language] for language in Language} for row in rows}


class Desk:
    """The console's parts, and the frame around its pages."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self.pages = Pages()
        self.handover = Handover(services.db, services.clock, services.texts, services.bell)
        self.booking = Booking(services.db, services.clock)
        self.staff_actions = StaffActions(services.db, services.clock, services.texts)
        self.catalogue = Catalogue(services.db, services.clock)
        knowledge = services.settings.data_dir / "knowledge"
        self.knowledge = EditedKnowledge(services.db, knowledge)
        self.kind_names = _kind_names(knowledge / "kinds.yml")
        self.https = services.settings.public_url.startswith("https://")
        self.guesses = Guesses(services.settings.shared_secret)

    def page(
        self,
        get: PageFunction | None = None,
        post: PageFunction | None = None,
        *,
        needs: Permission,
        with_first_password: bool = False,
    ) -> Endpoint:
        """Return the endpoint of a page: signed in, allowed, and with a form of ours.

        Args:
            with_first_password: open also to who has yet to choose a password of their own.
        """

        async def endpoint(request: Request) -> Response:
            function = post if request.method == "POST" else get
            try:
                form = await security.read_form(request) if request.method == "POST" else Form({})
            except security.FormTooLarge:
                return self.refuse(Refused(413, "För stort", "Det var mer text än vad som går att skicka."))
            except ClientDisconnect:
                return Response(status_code=400)
            if function is None:
                return self.refuse(Refused(405, "Det går inte så", "Gå tillbaka och försök igen."))
            return await anyio.to_thread.run_sync(self._serve, request, function, form, needs, with_first_password)

        return endpoint

    def _serve(
        self,
        request: Request,
        function: PageFunction,
        form: Form,
        needs: Permission,
        with_first_password: bool,
    ) -> Response:
        now = self.services.clock()
        try:
            visitor = self.visitor_of(request, now)
            if visitor is None:
                return self._to_sign_in(request)
            if request.method == "POST" and not security.same(form.one("csrf"), visitor.csrf):
                raise Refused(403, "Formuläret har gått ut", "Ladda om sidan och försök igen.")
            if visitor.must_change_password and not with_first_password:
                return RedirectResponse("/console/account", status_code=303)
            if self.needs_second_factor(visitor) and not with_first_password:
                return RedirectResponse("/console/account/second-factor", status_code=303)
            if not visitor.may(needs):
                raise Refused(403, "Det får du inte se", "Ditt konto har inte den behörigheten.")
            return function(Visit(self, request, visitor, form, now))
        except Refused as refused:
            return self.refuse(refused)
        except SQLAlchemyError as error:
            log.error("console.database_down", error=type(error).__name__)
            return self.refuse(Refused(503, "Databasen svarar inte", "Vänta en stund och ladda om sidan."))
        except Exception as error:
            # The last line: whatever it was, somebody reads what to do next, and the log the kind and the place of it.
            log.exception("console.page_broke", function=function.__name__, error=type(error).__name__)
            return self.refuse(Refused(500, "Något gick fel hos oss", _GO_BACK))

    def needs_second_factor(self, visitor: Visitor) -> bool:
        """Whether this person must still switch on the code of an app (`STAFF_SECOND_FACTOR`)."""
        if visitor.has_second_factor or visitor.municipal:
            return False
        wanted = self.services.settings.second_factor
        return wanted == "all" or (wanted == "admins" and Role.ADMIN in visitor.roles)

    def visitor_of(self, request: Request, now: datetime) -> Visitor | None:
        """Return who is signed in."""
        token = request.cookies.get(security.SESSION_COOKIE)
        touch = request.method == "POST" or LIVE_HEADER not in request.headers
        return find_visitor(self.services.db, token, now, touch=touch)

    def remember_browser(self, response: Response, request: Request, staff: Staff) -> None:
        """Let a browser be known again as one that has signed in to this account."""
        cookie = self.guesses.browsers.remember(request.cookies.get(browsers.COOKIE, ""), staff)
        security.set_cookie(response, browsers.COOKIE, cookie, https=self.https, seconds=browsers.COOKIE_SECONDS)

    def _to_sign_in(self, request: Request) -> Response:
        if request.method == "POST" or LIVE_HEADER in request.headers:
            return self.refuse(Refused(401, "Du är utloggad", "Logga in igen. Det du skrev är inte skickat."))
        token = request.cookies.get(security.SESSION_COOKIE)
        if waiting_for_code(self.services.db, token, self.services.clock()) is not None:
            return RedirectResponse("/console/sign-in/code", status_code=303)
        response: Response = RedirectResponse("/console/sign-in", status_code=303)
        if security.SESSION_COOKIE in request.cookies:
            security.drop_cookie(response, security.SESSION_COOKIE, https=self.https)
        return response

    def refuse(self, refused: Refused) -> Response:
        """Return the page of a refusal."""
        return self.pages.render("refused.html", refused.status, title=refused.title, text=refused.text)

    def ring(self, *topics: str) -> None:
        """Wake who waits for a topic."""
        self.services.bell.ring(*topics)
