"""The action server: rasa-sdk's executor behind our own small application.

rasa-sdk's server has no authentication, listens everywhere and puts the whole tracker into its errors;
this one checks the shared secret and answers an error with its kind only. Started by `bot serve-actions`.
"""

from __future__ import annotations

import hmac
import json
import warnings
from urllib.parse import urlsplit

import uvicorn
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionNotFoundException
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

import actions
from actions.knowledge import Knowledge
from actions.services import Services, use_services
from bot.log import get_logger
from bot.settings import Settings

log = get_logger(__name__)

# A turn's tracker is some tens of kilobytes; the engine bounds what it sends.
LARGEST_CALL = 8 * 1024 * 1024


def create_app(services: Services, shared_secret: str) -> Starlette:
    """Build the application around the actions of this package."""
    use_services(services)
    executor = ActionExecutor()
    executor.register_package(actions)

    async def webhook(request: Request) -> Response:
        given = request.headers.get("authorization", "")
        if not hmac.compare_digest(given.encode(), f"Bearer {shared_secret}".encode()):
            return JSONResponse({"error": "unauthorized"}, status_code=401)
        body = await request.body()
        if len(body) > LARGEST_CALL:
            return JSONResponse({"error": "too_long"}, status_code=413)
        try:
            call = json.loads(body)
            name = str(call["next_action"])
            conversation = str(call["tracker"]["sender_id"])
        except (ValueError, KeyError, TypeError):
            return JSONResponse({"error": "malformed"}, status_code=422)
        try:
            result = await executor.run(call)
        except ActionNotFoundException:
            return JSONResponse({"error": "no_such_action", "action_name": name}, status_code=404)
        except Exception as error:
            # Whatever it is, the engine must fail the turn; the error's own text may quote the youth.
            log.exception("action.failed", action=name, conversation=conversation)
            return JSONResponse({"error": type(error).__name__}, status_code=500)
        return JSONResponse({"events": result.events, "responses": result.responses} if result else {})

    async def health(_: Request) -> Response:
        return JSONResponse({"status": "ok", "actions": len(executor.actions)})

    return Starlette(routes=[Route("/webhook", webhook, methods=["POST"]), Route("/health", health)])


def main(settings: Settings) -> None:
    """Serve until stopped, at the address of ACTIONS_URL."""
    # Here and not above: the application itself can be built, and tested, without the bot's parts.
    from bot import wiring
    from bot.booking.service import Booking
    from bot.catalogue.service import Catalogue
    from bot.edits.knowledge import EditedKnowledge
    from bot.handover.service import Handover
    from bot.reminders.service import Reminders

    # Rasa 3.6 and rasa-sdk 3.21 work together (decision 0002); rasa-sdk warns of the difference in number.
    warnings.filterwarnings("ignore", message=".*not be compatible with this version of rasa.*")
    built = wiring.build(settings)
    knowledge = settings.data_dir / "knowledge"
    services = Services(
        catalogue=Catalogue(built.db, built.clock),
        booking=Booking(built.db, built.clock),
        handover=Handover(built.db, built.clock, built.texts),
        knowledge=Knowledge.load(knowledge, EditedKnowledge(built.db, knowledge)),
        clock=built.clock,
        reminders=Reminders(built.db, built.clock),
    )
    where = urlsplit(settings.actions_url)
    uvicorn.run(
        create_app(services, settings.shared_secret),
        host=where.hostname or "127.0.0.1",
        port=where.port or 5055,
        # Ours stays: uvicorn's own would print the words of an error.
        log_config=None,
        log_level="warning",
        access_log=False,
    )
