"""Calls the action server: one session, a short timeout, and any failure fails the turn.

Rasa's own RemoteAction opens a session per call, waits 300 s, rebuilds its schema (20 ms) and lets the
dialogue go on as if the action had worked. `patches.py` puts this class in its place.
"""

import asyncio
import json
import logging
from typing import Any, Dict, List, Optional

import aiohttp
import jsonschema
from jsonschema.validators import validator_for
from rasa.core.actions.action import ActionExecutionRejection, RemoteAction
from rasa.core.channels.channel import OutputChannel
from rasa.core.nlg import NaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event, SlotSet, deserialise_events
from rasa.shared.core.trackers import DialogueStateTracker, EventVerbosity
from rasa.utils.endpoints import EndpointConfig

from dialogue.errors import ActionFailed, ActionsUnreachable

logger = logging.getLogger(__name__)
TIMEOUT_SECONDS = 5.0
LARGEST_ANSWER = 1 << 20
_AWAY = (502, 503, 504)
_SCHEMA = RemoteAction.action_response_format_spec()
_VALIDATOR = validator_for(_SCHEMA)(_SCHEMA)


class ActionServer(EndpointConfig):
    """The action server as seen from here. Lives in the event loop that first calls it."""

    def __init__(self, url: str, secret: str, timeout: float = TIMEOUT_SECONDS) -> None:
        super().__init__(url=url)
        self._secret = secret
        self._timeout = timeout
        self._session: Optional[aiohttp.ClientSession] = None
        self._domain_of: Optional[Domain] = None
        self._domain_json = "{}"

    async def call(self, body: Dict[str, Any], domain: Domain) -> Any:
        """Post one call and return the decoded answer.

        Raises:
            ActionsUnreachable: nobody answers, or a balancer says so.
            ActionExecutionRejection: the action declined, by Rasa's protocol.
            ActionFailed: any other answer, or none in time.
        """
        text = f'{json.dumps(body, default=str)[:-1]}, "domain": {self._slim(domain)}}}'
        try:
            async with self._open().post(self.url, data=text.encode()) as response:
                content = await response.content.read(LARGEST_ANSWER)
                return self._decoded(response.status, content, body["next_action"])
        except asyncio.TimeoutError as error:
            kind = ActionsUnreachable if isinstance(error, aiohttp.ConnectionTimeoutError) else ActionFailed
            raise kind(f"no answer in {self._timeout:g} s") from error
        except aiohttp.ClientConnectorError as error:
            raise ActionsUnreachable(type(error).__name__) from error
        except (aiohttp.ServerDisconnectedError, ConnectionError) as error:
            raise ActionsUnreachable(type(error).__name__) from error
        except aiohttp.ClientError as error:
            raise ActionFailed(type(error).__name__) from error

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                headers={"Authorization": f"Bearer {self._secret}", "Content-Type": "application/json"},
                timeout=aiohttp.ClientTimeout(total=self._timeout, connect=2.0),
                connector=aiohttp.TCPConnector(limit=32),
                trust_env=False,
            )
        return self._session

    def _slim(self, domain: Domain) -> str:
        """What a form's validation reads of the domain, as JSON made once; never the responses."""
        if self._domain_of is not domain:
            whole = domain.as_dict()
            wanted = ("intents", "entities", "slots", "forms", "actions", "session_config")
            self._domain_json = json.dumps({name: whole.get(name) for name in wanted if name in whole}, default=str)
            self._domain_of = domain
        return self._domain_json

    @staticmethod
    def _decoded(status: int, content: bytes, action: str) -> Any:
        if status in _AWAY:
            raise ActionsUnreachable(f"status {status}")
        try:
            answer = json.loads(content)
        except ValueError as error:
            raise ActionFailed(f"status {status}, no JSON") from error
        if status == 400 and isinstance(answer, dict) and answer.get("action_name"):
            raise ActionExecutionRejection(action, "the action declined")
        if status != 200:
            raise ActionFailed(f"status {status}")
        return answer

    async def close(self) -> None:
        """Give the connections back."""
        if self._session is not None:
            await self._session.close()


class RemoteCall(RemoteAction):
    """A custom action. Either its events and replies count, or the turn fails."""

    async def run(
        self,
        output_channel: OutputChannel,
        nlg: NaturalLanguageGenerator,
        tracker: DialogueStateTracker,
        domain: Domain,
    ) -> List[Event]:
        """Call the action server and return what the action did."""
        if not isinstance(self.action_endpoint, ActionServer):
            raise ActionFailed("no action server is configured")
        body = {
            "next_action": self.name(),
            "sender_id": tracker.sender_id,
            "tracker": tracker.current_state(EventVerbosity.ALL),
            "version": "3.6.21",
        }
        answer = await self.action_endpoint.call(body, domain)
        try:
            _VALIDATOR.validate(answer)
            events = deserialise_events(answer.get("events") or [])
        except (jsonschema.ValidationError, ValueError, TypeError, KeyError, AttributeError) as error:
            # The error's text quotes the answer, so only its kind is told.
            raise ActionFailed(f"{self.name()} answered in a form that is none: {type(error).__name__}") from None
        said = await self._utter_responses(answer.get("responses") or [], output_channel, nlg, tracker)
        return [*said, *self._known(events, domain)]

    def _known(self, events: List[Event], domain: Domain) -> List[Event]:
        """Leave out values for slots that do not exist: Rasa would log each of them at every later turn."""
        slots = {slot.name for slot in domain.slots}
        unknown = sorted({event.key for event in events if isinstance(event, SlotSet) and event.key not in slots})
        if unknown:
            logger.error("action.unknown_slots", extra={"fields": {"action": self.name(), "slots": unknown}})
        return [event for event in events if not (isinstance(event, SlotSet) and event.key not in slots)]
