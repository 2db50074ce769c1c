"""Starts dialogue servers for tests: inside this process, or as a program of its own that can be killed."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from pathlib import Path
from typing import Any, Dict, List, Optional

import httpx
import uvicorn
from cryptography.fernet import Fernet

from fake_actions import SECRET

ROOT = Path(__file__).resolve().parents[2]
KEY = Fernet.generate_key().decode()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Client:
    """Speaks the turn contract."""

    def __init__(self, base: str, secret: str = SECRET) -> None:
        self.base = base
        self.http = httpx.Client(
            base_url=base, headers={"authorization": f"Bearer {secret}"}, timeout=30, trust_env=False
        )

    def post(
        self, conversation: str, text: Optional[str] = None, message_id: Optional[str] = None, **more: Any
    ) -> httpx.Response:
        body: Dict[str, Any] = {
            "conversation": conversation,
            "message_id": message_id or str(uuid.uuid4()),
            "channel": "telegram",
            "language": None,
            "entities": [],
        }
        if text is not None:
            body["text"] = text
        body.update(more)
        return self.http.post("/turn", json=body)

    def say(
        self, conversation: str, text: Optional[str] = None, message_id: Optional[str] = None, **more: Any
    ) -> Dict[str, Any]:
        response = self.post(conversation, text, message_id, **more)
        assert response.status_code == 200, (response.status_code, response.text)
        return response.json()  # type: ignore[no-any-return]

    def said(self, conversation: str, text: Optional[str] = None, **more: Any) -> List[str]:
        return [reply.get("text", "") for reply in self.say(conversation, text, **more)["replies"]]

    def alive(self) -> bool:
        return True

    def wait_ready(self, seconds: float = 60) -> Dict[str, Any]:
        deadline = time.monotonic() + seconds
        while True:
            try:
                answer = self.http.get("/health")
                if answer.status_code == 200:
                    return answer.json()  # type: ignore[no-any-return]
            except httpx.HTTPError:
                pass
            assert self.alive(), "the server has ended"
            assert time.monotonic() < deadline, "the server did not become ready"
            time.sleep(0.05)


class InProcess(Client):
    """A server in a thread of this process, on a real port."""

    def __init__(
        self, model: Path, tracker_url: str, actions_url: str, clock: str = "", var_dir: Optional[Path] = None,
        keys: str = KEY,
    ) -> None:  # fmt: skip
        from dialogue.server import build
        from dialogue.settings import read

        port = free_port()
        environ = {
            "DIALOGUE_URL": f"http://127.0.0.1:{port}",
            "ACTIONS_URL": actions_url,
            "TRACKER_URL": tracker_url,
            "SHARED_SECRET": SECRET,
            "TRACKER_KEYS": keys,
            "BOT_CLOCK": clock,
            "DIALOGUE_MODEL": str(model),
            "VAR_DIR": str(var_dir or ROOT / "var"),
        }
        self.parts = build(read(environ))
        config = uvicorn.Config(self.parts.app(), host="127.0.0.1", port=port, log_config=None, ws="none")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        super().__init__(f"http://127.0.0.1:{port}")

    def alive(self) -> bool:
        return self._thread.is_alive()

    def stop(self) -> None:
        self.http.close()
        self._server.should_exit = True
        self._thread.join(timeout=20)


class Program(Client):
    """`python -m dialogue.server` as a process of its own."""

    def __init__(self, model: Path, tracker_url: str, actions_url: str, log: Path, **environ: str) -> None:
        port = free_port()
        child_end, self._pipe = os.pipe()
        variables = {
            **os.environ,
            "DIALOGUE_URL": f"http://127.0.0.1:{port}",
            "ACTIONS_URL": actions_url,
            "TRACKER_URL": tracker_url,
            "SHARED_SECRET": SECRET,
            "TRACKER_KEYS": KEY,
            "DIALOGUE_MODEL": str(model),
            "BOT_PARENT_PIPE": str(child_end),
            **environ,
        }
        self.log = log
        with log.open("ab") as file:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "dialogue.server"],
                cwd=ROOT, env=variables, stdout=file, stderr=file, pass_fds=(child_end,),
            )  # fmt: skip
        os.close(child_end)
        super().__init__(f"http://127.0.0.1:{port}")

    def alive(self) -> bool:
        return self.process.poll() is None

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)

    def close_pipe(self) -> None:
        os.close(self._pipe)
        self._pipe = -1

    def stop(self) -> None:
        self.http.close()
        if self._pipe >= 0:
            self.close_pipe()
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(20)
