"""The engine: a loaded model on its own thread and event loop, so that health checks stay responsive.

Used by server.py. A turn blocks its loop for some milliseconds; the server's own loop never waits for that.
"""

import asyncio
import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Awaitable, Callable, Dict, List, Optional, TypeVar

from dialogue import model_file
from dialogue.clock import STOCKHOLM, Clock
from dialogue.errors import NoModel
from dialogue.language import detect
from dialogue.model_file import Model

logger = logging.getLogger(__name__)
Result = TypeVar("Result")
PARSE_AT_ONCE = 32


class Engine:
    """Loads the model in the background and runs what is asked on its own loop."""

    def __init__(self, find_model: Callable[[], Path], actions_url: str, secret: str, clock: Clock) -> None:
        self._find_model = find_model
        self._actions_url, self._secret = actions_url, secret
        self.clock = clock
        self.model: Optional[Model] = None
        self.reason = "The model is being loaded."
        self.processor: Any = None
        self._actions: Any = None
        self.loop = asyncio.new_event_loop()
        self._pool = ThreadPoolExecutor(max_workers=8, thread_name_prefix="engine")
        self._thread = threading.Thread(target=self._main, name="engine", daemon=True)
        self.loaded = threading.Event()

    @property
    def ready(self) -> bool:
        """Whether turns can be done."""
        return self.processor is not None

    def start(self) -> None:
        """Start the thread and begin to load."""
        self._thread.start()

    async def run(self, work: Awaitable[Result]) -> Result:
        """Run something on the engine's loop from another one. It goes on if the caller leaves."""
        return await asyncio.shield(
            asyncio.wrap_future(asyncio.run_coroutine_threadsafe(_as_coroutine(work), self.loop))
        )

    async def in_thread(self, work: Callable[..., Result], *arguments: Any) -> Result:
        """Run blocking work (the database, understanding) beside the engine's loop."""
        return await self.loop.run_in_executor(self._pool, work, *arguments)

    def stop(self) -> None:
        """Stop the loop after what runs in it now."""
        if self._actions is not None:
            asyncio.run_coroutine_threadsafe(self._actions.close(), self.loop).result(timeout=5)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(timeout=5)

    def _main(self) -> None:
        asyncio.set_event_loop(self.loop)
        try:
            self._load()
        except NoModel as error:
            self.reason = str(error)
            logger.error("model.missing", extra={"fields": {"reason": self.reason}})
        except Exception as error:  # any reason why a model does not load is told by /health
            self.reason = f"The model cannot be loaded: {type(error).__name__}."
            logger.exception("model.unloadable")
        self.loaded.set()
        self.loop.run_forever()

    def _load(self) -> None:
        model = model_file.checked(self._find_model())
        from dialogue.log import configure_structlog

        configure_structlog()
        from dialogue.embedded.agent import EmbeddedAgent
        from dialogue.embedded.remote_action import ActionServer

        self._actions = ActionServer(self._actions_url, self._secret)
        agent = EmbeddedAgent(self._actions)
        agent.load_model(model.path)
        processor = agent.processor
        assert processor is not None
        self._warm_up(processor)
        self.model, self.processor = model, processor
        logger.info("model.ready", extra={"fields": {"model": model.id}})

    def _warm_up(self, processor: Any) -> None:
        """The first message is slow (lazy imports, first embedding): make it ours."""
        from rasa.core.channels.channel import UserMessage

        detect("det här är bara en provmening", None)
        processor.parse_all([UserMessage("hej, kan du hjälpa mig?", metadata=self.metadata("sv"))])

    def metadata(self, language: str, **more: Any) -> Dict[str, Any]:
        """What the components and the actions are told beside the text."""
        return {"language": language, "now": self.clock().astimezone(STOCKHOLM).isoformat(), **more}

    def parse(self, texts: List[str], hint: Optional[str], now: Optional[str] = None) -> List[Dict[str, Any]]:
        """Understand texts that stand alone, written at `now` (ISO 8601; None is now). Blocking; raises NoModel."""
        if self.processor is None:
            raise NoModel(self.reason)
        from rasa.core.channels.channel import UserMessage

        results: List[Dict[str, Any]] = []
        for start in range(0, len(texts), PARSE_AT_ONCE):
            part = texts[start : start + PARSE_AT_ONCE]
            languages = [detect(text, hint) for text in part]
            messages = [
                UserMessage(text or " ", metadata={**self.metadata(language), **({"now": now} if now else {})})
                for text, (language, _) in zip(part, languages)
            ]
            for (language, other), parsed in zip(languages, self.processor.parse_all(messages)):
                results.append({"language": language, "other_language": other, **understood(parsed)})
        return results


def understood(parsed: Dict[str, Any]) -> Dict[str, Any]:
    """Intent, full ranking and entities as the turn contract gives them."""
    intent = parsed.get("intent") or {}
    ranking = parsed.get("intent_ranking") or ([intent] if intent.get("name") else [])
    return {
        "intent": intent.get("name"),
        "confidence": round(float(intent.get("confidence") or 0.0), 4),
        "ranking": [{"name": row["name"], "confidence": round(float(row["confidence"]), 4)} for row in ranking],
        "entities": [_entity(entity) for entity in parsed.get("entities") or []],
    }


def _entity(entity: Dict[str, Any]) -> Dict[str, Any]:
    return {name: entity[name] for name in ("entity", "value", "start", "end", "role") if entity.get(name) is not None}


async def _as_coroutine(work: Awaitable[Result]) -> Result:
    return await work
