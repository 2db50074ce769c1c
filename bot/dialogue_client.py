"""Speaks the turn contract with the dialogue server. Knows nothing of Rasa beyond it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import httpx

from bot.errors import ConversationErased, DialogueBusy, DialogueFailed, DialogueUnavailable


@dataclass(frozen=True)
class Reply:
    """One bubble that the dialogue wants said."""

    text: str
    buttons: tuple[tuple[str, str], ...] = ()
    """Pairs of title and payload."""
    response: str | None = None


@dataclass(frozen=True)
class TurnResult:
    """What the dialogue server made of a turn."""

    replies: tuple[Reply, ...]
    language: str
    intent: str | None
    confidence: float | None
    ranking: list[dict[str, Any]] = field(default_factory=list)
    entities: list[dict[str, Any]] = field(default_factory=list)
    slots: dict[str, Any] = field(default_factory=dict)
    model: str | None = None
    replayed: bool = False


class DialogueClient:
    """A client of one dialogue server, or of a balancer in front of several."""

    def __init__(self, base_url: str, secret: str, *, timeout: float = 20.0) -> None:
        self._http = httpx.AsyncClient(
            base_url=base_url, headers={"Authorization": f"Bearer {secret}"}, timeout=timeout, trust_env=False
        )

    async def turn(
        self,
        *,
        conversation: str,
        message_id: str,
        channel: str,
        language: str | None,
        text: str | None,
        button: str | None,
        entities: list[dict[str, Any]],
        session: int,
    ) -> TurnResult:
        """Do one turn. Calling again with the same message_id gives the same result.

        Raises:
            DialogueUnavailable: unreachable, not ready, or its action server is.
            DialogueBusy: another turn of this conversation is running.
            ConversationErased: the conversation was deleted.
            DialogueFailed: this turn cannot be done.
        """
        body: dict[str, Any] = {
            "conversation": conversation,
            "message_id": message_id,
            "channel": channel,
            "language": language,
            "entities": entities,
            "session": session,
        }
        body |= {"button": button} if button is not None else {"text": text}
        response = await self._request("POST", "/turn", json=body)
        return _result(response.json())

    async def delete(self, conversation: str) -> None:
        """Erase all that the dialogue server holds of a conversation.

        Raises:
            DialogueUnavailable: it cannot be reached; nothing is known to be erased.
        """
        await self._request("DELETE", f"/turn/{conversation}")

    async def parse(self, texts: list[str]) -> list[dict[str, Any]]:
        """Return language, ranking and entities of each text; changes no conversation."""
        response = await self._request("POST", "/parse", json={"texts": texts})
        body = response.json()
        return list(body["results"] if isinstance(body, dict) else body)

    async def health(self) -> dict[str, Any]:
        """Return the model's id and whether it is ready."""
        return dict((await self._request("GET", "/health")).json())

    async def close(self) -> None:
        """Give the connections back."""
        await self._http.aclose()

    async def _request(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        try:
            response = await self._http.request(method, path, **arguments)
        except httpx.HTTPError as error:
            raise DialogueUnavailable(type(error).__name__) from None
        if response.status_code in (200, 204):
            return response
        detail = _error_of(response)
        if response.status_code == 409:
            raise DialogueBusy(detail)
        if response.status_code == 410:
            raise ConversationErased(detail)
        if response.status_code in (503, 504) or detail == "actions_unreachable":
            raise DialogueUnavailable(detail)
        raise DialogueFailed(f"{response.status_code} {detail}")


def _error_of(response: httpx.Response) -> str:
    try:
        return str(response.json().get("error", ""))[:80]
    except ValueError:
        return ""


def _result(body: dict[str, Any]) -> TurnResult:
    ranking = list(body.get("ranking") or [])
    return TurnResult(
        replies=tuple(
            Reply(
                text=row.get("text") or "",
                buttons=tuple((button["title"], button["payload"]) for button in row.get("buttons") or ()),
                response=(row.get("custom") or {}).get("response") or row.get("response"),
            )
            for row in body["replies"]
        ),
        language=body["language"],
        intent=body.get("intent"),
        confidence=ranking[0].get("confidence") if ranking else None,
        ranking=ranking,
        entities=list(body.get("entities") or []),
        slots=dict(body.get("slots") or {}),
        model=body.get("model"),
        replayed=bool(body.get("replayed")),
    )
