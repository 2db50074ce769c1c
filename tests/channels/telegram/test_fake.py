"""The Bot API server of the tests can also be run as a program and led from outside."""

from __future__ import annotations

import re
import subprocess
import sys

import httpx

from tests.conftest import ROOT


def test_the_server_runs_as_a_program_with_control_addresses() -> None:
    command = [sys.executable, "-m", "tests.fakes.telegram", "--port", "0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        found = re.match(r"TELEGRAM_API_BASE_URL=(\S+) TELEGRAM_BOT_TOKEN=(\S+)", program.stdout.readline())
        assert found is not None
        api = f"{found[1]}/bot{found[2]}"
        with httpx.Client(base_url=found[1], trust_env=False, timeout=20) as client:
            client.post("/control/text", json={"chat": 7, "text": "hej"})
            updates = client.post(f"{api}/getUpdates", data={"timeout": "1"}).json()["result"]
            assert [update["message"]["text"] for update in updates] == ["hej"]
            client.post("/control/fault", json={"kind": "too_fast", "seconds": 3, "chat": 7})
            refused = client.post(f"{api}/sendMessage", data={"chat_id": "7", "text": "x"})
            assert (refused.status_code, refused.json()["parameters"]) == (429, {"retry_after": 3})
            client.post(f"{api}/sendMessage", data={"chat_id": "7", "text": "svar"})
            assert [one["text"] for one in client.get("/control/sent?chat=7").json()] == ["svar"]
            assert client.post(f"{api}/setMyCommands").status_code == 404
            assert client.post(f"{found[1]}/bot1:wrong/getMe").status_code == 401
        program.terminate()
