"""An action server that keeps what it was told to do, over real HTTP. Its behaviour can be changed at will."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Dict, List, Optional

SECRET = "a-secret-for-tests"


class FakeActions:
    """Answers as `answers[action]` says, else as a well-behaved action server would."""

    def __init__(self) -> None:
        self.reset()
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                status, content = fake.answer(body, dict(self.headers))
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_arguments: Any) -> None:
                pass

        class Quiet(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_arguments: Any) -> None:
                pass  # a client that left early is part of the tests

        self._server = Quiet(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/webhook"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def reset(self) -> None:
        """Behave well again and forget."""
        self.calls: List[Dict[str, Any]] = []
        self.headers: List[Dict[str, str]] = []
        self.effects: Dict[str, int] = {}
        """Bookings by request key: what a repeated call must not make twice."""
        self.status = 200
        self.raw: Optional[bytes] = None
        self.delay = 0.0
        self.gate: Optional[threading.Event] = None
        self.entered = threading.Event()

    def answer(self, body: Dict[str, Any], headers: Dict[str, str]) -> "tuple[int, bytes]":
        self.calls.append(body)
        self.headers.append(headers)
        if body["next_action"] == "action_book_meeting":
            key = body["tracker"]["latest_message"]["metadata"]["message_id"]
            self.effects[key] = self.effects.get(key, 0) + 1
        if not body["next_action"].startswith("validate_"):
            self.entered.set()
        if self.gate is not None and not body["next_action"].startswith("validate_"):
            self.gate.wait(20)
        time.sleep(self.delay)
        if self.raw is not None:
            return self.status, self.raw
        if self.status == 400:
            return 400, json.dumps({"action_name": body["next_action"], "error": "no"}).encode()
        if self.status != 200:
            return self.status, b'{"error": "broken"}'
        return 200, json.dumps(self.well_behaved(body)).encode()

    def well_behaved(self, body: Dict[str, Any]) -> Dict[str, Any]:
        action = body["next_action"]
        if action == "action_book_meeting":
            events = [slot("booked", body["tracker"]["latest_message"]["metadata"]["message_id"]), slot("topic", None)]
            return {"events": events, "responses": [{"response": "utter_booked"}]}
        if action == "action_count":
            users = sum(1 for event in body["tracker"]["events"] if event["event"] == "user")
            return {"events": [slot("no_such_slot", "x")], "responses": [{"text": f"seen {users}", "buttons": []}]}
        if action == "action_set_language":
            return {"events": [slot("language", "en")], "responses": [{"text": "English it is."}]}
        if action == "action_circle":
            return {"events": [{"event": "followup", "name": "action_circle"}], "responses": []}
        if action == "validate_booking_form":
            return {"events": [slot(event["name"], event["value"]) for event in just_filled(body)], "responses": []}
        return {"events": [], "responses": []}

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def slot(name: str, value: Any) -> Dict[str, Any]:
    return {"event": "slot", "name": name, "value": value, "timestamp": None}


def just_filled(body: Dict[str, Any]) -> List[Dict[str, Any]]:
    """The slots that a form's validation is asked about: those set after the form's own event."""
    events = body["tracker"]["events"]
    last = max((place for place, event in enumerate(events) if event.get("name") == "booking_form"), default=-1)
    wanted = ("municipality", "topic")
    return [event for event in events[last + 1 :] if event["event"] == "slot" and event["name"] in wanted]
