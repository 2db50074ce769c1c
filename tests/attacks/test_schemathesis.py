"""Schemathesis on every route, with and without a session: no answer is a fault of ours."""

from __future__ import annotations

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from starlette.applications import Starlette

from tests.attacks.conftest import WEBHOOK_SECRET, Target
from tests.attacks.openapi import document

EXAMPLES = 6


def operations(app: Starlette) -> list[schemathesis.APIOperation]:
    """Return what can be asked of the program."""
    schema = schemathesis.openapi.from_dict(document(app))
    schema.app = app
    return [result.ok() for result in schema.get_all_operations()]


@pytest.mark.parametrize("role", ["nobody", "counsellor", "admin"])
def test_no_route_breaks_whatever_is_sent(target: Target, role: str) -> None:
    found = operations(target.app)
    assert len(found) > 40, "the document lacks the routes"
    headers = {"X-Telegram-Bot-Api-Secret-Token": WEBHOOK_SECRET}
    cookies = {} if role == "nobody" else {"console_session": target.cookies[role]}
    for operation in found:
        if operation.path.endswith("/sign-out"):
            continue

        @given(case=operation.as_strategy())
        @settings(
            max_examples=EXAMPLES, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        def ask(case: schemathesis.Case) -> None:
            answer = case.call(headers=headers, cookies=cookies, allow_redirects=False)
            # Without the programs beside it this one says 503 on purpose.
            down = case.operation.path == "/health/ready"
            assert answer.status_code < 500 or down, f"{case.method} {case.formatted_path}: {answer.status_code}"

        ask()
