"""The console's addresses; the program mounts them at `/console`."""

from __future__ import annotations

import anyio.to_thread
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from bot.console import (
    account_page,
    approvals,
    availability,
    bookings,
    catalogue_pages,
    chat,
    dpo_pages,
    duty_page,
    inbox,
    later,
    logs,
    overview,
    plan_page,
    practice_page,
    replies_page,
    report_pages,
    second_factor_page,
    sign_in_page,
    staff_page,
    transfer_page,
)
from bot.console.desk import Desk, PageFunction, not_found
from bot.console.events import Events
from bot.console.oidc_page import MunicipalSignIn
from bot.console.pages import STATIC
from bot.console.permissions import Permission
from bot.console.security import SecurityHeaders
from bot.wiring import Services


def create_routes(services: Services) -> list[BaseRoute]:
    """Return the routes of the console, to be mounted at `/console`."""
    desk = Desk(services)
    page = desk.page
    answer, logs_of, staff = Permission.ANSWER_CHATS, Permission.READ_LOGS, Permission.MANAGE_STAFF
    own, editing = Permission.OWN_ACCOUNT, Permission.EDIT_CATALOGUE
    sign_in, events = sign_in_page.SignIn(desk), Events(desk)
    municipal = MunicipalSignIn(desk)

    async def show_sign_in(request: Request) -> Response:
        return await sign_in(request)

    async def sign_in_code(request: Request) -> Response:
        return await sign_in.code(request)

    async def begin_municipal(request: Request) -> Response:
        return await municipal.begin(request)

    async def end_municipal(request: Request) -> Response:
        return await municipal.callback(request)

    async def stream_events(request: Request) -> Response:
        return await events(request)

    async def unknown(_: Request) -> Response:
        return await anyio.to_thread.run_sync(desk.refuse, not_found())

    def form(path: str, function: PageFunction, needs: Permission, *, first: bool = False) -> Route:
        return Route(path, page(post=function, needs=needs, with_first_password=first), methods=["POST"])

    def pair(path: str, get: PageFunction, post: PageFunction, needs: Permission) -> Route:
        return Route(path, page(get, post, needs=needs), methods=["GET", "POST"])

    routes: list[BaseRoute] = [
        Mount("/static", StaticFiles(directory=STATIC), name="static"),
        Route("/sign-in", show_sign_in, methods=["GET", "POST"]),
        Route("/sign-in/code", sign_in_code, methods=["GET", "POST"]),
        Route("/sign-in/municipality", begin_municipal),
        Route("/sign-in/callback", end_municipal),
        form("/sign-out", sign_in_page.leave, own, first=True),
        Route("/events", stream_events),
        Route("/", page(overview.show, needs=own)),
        form("/alerts/{alert}/acknowledge", overview.acknowledge, answer),
        Route("/pulse", page(overview.pulse, needs=own)),
        Route("/chats", page(inbox.show, needs=answer)),
        Route("/chats/{conversation}", page(chat.show, needs=answer)),
        form("/chats/{conversation}/notes", chat.add_note, answer),
        form("/chats/{conversation}/typing", chat.typing, answer),
        form("/chats/{conversation}/later", later.add, answer),
        form("/later/{message}/cancel", later.take_back, answer),
        form("/chats/{conversation}/take", chat.take, answer),
        form("/handovers/{handover}/claim", chat.claim, answer),
        form("/handovers/{handover}/reply", chat.reply, answer),
        form("/handovers/{handover}/hand-back", chat.hand_back, answer),
        form("/handovers/{handover}/put-back", chat.put_back, answer),
        form("/handovers/{handover}/offer", transfer_page.offer, answer),
        form("/handovers/{handover}/accept", transfer_page.accept, answer),
        form("/handovers/{handover}/refuse", transfer_page.refuse, answer),
        pair("/replies", replies_page.show, replies_page.add, answer),
        form("/replies/{reply}", replies_page.change, answer),
        pair("/practice", practice_page.show, practice_page.start, answer),
        Route("/practice/{round}", page(practice_page.show_one, needs=answer)),
        form("/practice/{round}/answer", practice_page.answer, answer),
        form("/practice/{round}/end", practice_page.end, answer),
        form("/plain", replies_page.measure, answer),
        Route("/bookings", page(bookings.show, needs=Permission.SEE_BOOKINGS)),
        form("/bookings/{booking}/outcome", bookings.note_outcome, Permission.SEE_BOOKINGS),
        form("/bookings/{booking}/cancel", bookings.cancel, Permission.SEE_BOOKINGS),
        pair("/availability", availability.show, availability.set_rules_of, Permission.SEE_BOOKINGS),
        form("/availability/hours", availability.change_hours, Permission.SEE_BOOKINGS),
        form("/availability/exceptions", availability.add_exception, Permission.SEE_BOOKINGS),
        form("/availability/exceptions/{exception}/remove", availability.remove_exception, Permission.SEE_BOOKINGS),
        form("/availability/feed", availability.change_feed, Permission.SEE_BOOKINGS),
        form("/availability/import", availability.change_import, Permission.SEE_BOOKINGS),
        Route("/plans/{conversation}", page(plan_page.show, needs=answer)),
        form("/plans/{conversation}/goal", plan_page.set_goal, answer),
        form("/plans/{conversation}/steps", plan_page.add_step, answer),
        form("/plans/{conversation}/steps/{number}", plan_page.tick, answer),
        Route("/logs", page(logs.show, needs=logs_of)),
        Route("/logs/{conversation}", page(logs.show_one, needs=logs_of)),
        pair("/staff", staff_page.show, staff_page.add, staff),
        pair("/staff/{staff}", staff_page.show_one, staff_page.change, staff),
        form("/staff/{staff}/hours", staff_page.change_hours, staff),
        form("/staff/{staff}/password", staff_page.new_password, staff),
        Route("/catalogue", page(catalogue_pages.index, needs=editing)),
        Route("/catalogue/go-live", page(catalogue_pages.go_live, needs=editing)),
        Route("/catalogue/facts", page(catalogue_pages.facts, needs=editing)),
        Route("/catalogue/season", page(catalogue_pages.season, needs=editing)),
        pair("/catalogue/{kind}/{key}", catalogue_pages.show, catalogue_pages.change, editing),
        form("/catalogue/{kind}/{key}/undo", catalogue_pages.take_back, editing),
        form("/staff/{staff}/second-factor", staff_page.clear_second_factor, staff),
        Route("/openings", page(dpo_pages.access, needs=Permission.READ_ACCESS_LOG)),
        Route("/retention", page(dpo_pages.show_retention, needs=Permission.SEE_RETENTION)),
        Route("/reports", page(report_pages.index, needs=Permission.PRESERVE)),
        pair("/reports/{conversation}", report_pages.guide, report_pages.keep, Permission.PRESERVE),
        form("/reports/{record}/papers", report_pages.papers, Permission.PRESERVE),
        form("/reports/{record}/register", dpo_pages.register, Permission.PRESERVE),
        pair("/logs/{conversation}/unmask", report_pages.ask_unmask, report_pages.unmask, Permission.UNMASK),
        Route("/account", page(account_page.show, needs=own, with_first_password=True)),
        Route(
            "/account/second-factor",
            page(second_factor_page.show, second_factor_page.switch_on, needs=own, with_first_password=True),
            methods=["GET", "POST"],
        ),
        form("/account/second-factor/off", second_factor_page.switch_off, own),
        form("/account/password", account_page.change_password, own, first=True),
        form("/account/hours", account_page.change_hours, own),
        Route("/duty", page(duty_page.show, needs=own)),
        form("/duty/on", duty_page.sign_on, answer),
        form("/duty/off", duty_page.sign_off, answer),
        form("/duty/rota", duty_page.follow_rota, answer),
        form("/duty/absences", duty_page.add_absence, answer),
        form("/duty/absences/{absence}/remove", duty_page.remove_absence, answer),
        form("/duty/phone/code", duty_page.new_code, answer),
        form("/duty/phone/unlink", duty_page.unlink, answer),
        form("/duty/reach", duty_page.set_reach, answer),
        form("/duty/night", duty_page.set_night, staff),
        form("/duty/hours", duty_page.set_hours, staff),
        form("/duty/topics", approvals.set_topics, staff),
        form("/held/{held}/send", approvals.send, answer),
        form("/held/{held}/refuse", approvals.refuse, answer),
        form("/handovers/{handover}/close", duty_page.close, answer),
        Route("/{rest:path}", unknown),
    ]
    return [Mount("", routes=routes, middleware=[Middleware(SecurityHeaders, https=desk.https)])]
