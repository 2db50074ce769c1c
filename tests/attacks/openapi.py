"""Describes the program's routes as an OpenAPI document, made from the routes themselves: for schemathesis."""

from __future__ import annotations

import re
from typing import Any

from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount, Route

_JSON = {"type": "object", "properties": {
    "id": {"type": "string"}, "text": {"type": "string"}, "button": {"type": "string"}, "code": {"type": "string"},
    "update_id": {"type": "integer"}, "message": {"type": "object"}, "callback_query": {"type": "object"},
}}  # fmt: skip
_FORM = {"type": "object", "properties": {
    name: {"type": "string"} for name in ("csrf", "text", "token", "do", "lang", "username", "password", "code", "key")
}}  # fmt: skip
_QUERY = ("after", "lang", "page", "filter", "state", "code")


def document(app: Starlette) -> dict[str, Any]:
    """Return the document; streams are left out, for they never end."""
    paths: dict[str, Any] = {}
    _collect(list(app.routes), "", paths)
    return {"openapi": "3.0.3", "info": {"title": "bot", "version": "1"}, "paths": paths}


def _collect(routes: list[BaseRoute], prefix: str, paths: dict[str, Any]) -> None:
    for route in routes:
        if isinstance(route, Mount):
            _collect(list(route.routes or []), prefix + route.path, paths)
        elif isinstance(route, Route) and not route.path.endswith("/events"):
            path = re.sub(r"\{(\w+):\w+\}", r"{\1}", prefix + route.path)
            for method in sorted((route.methods or {"GET"}) - {"HEAD"}):
                paths.setdefault(path or "/", {})[method.lower()] = _operation(path, method)


def _operation(path: str, method: str) -> dict[str, Any]:
    text = {"type": "string"}
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {**text, "minLength": 1}}
        for name in re.findall(r"\{(\w+)\}", path)
    ] + [{"name": name, "in": "query", "schema": text} for name in _QUERY]
    operation: dict[str, Any] = {"parameters": parameters, "responses": {"default": {"description": "any"}}}
    if method == "POST":
        content = (
            {"application/json": {"schema": _JSON}}
            if path.startswith(("/telegram", "/chat/"))
            else {"application/x-www-form-urlencoded": {"schema": _FORM}}
        )
        operation["requestBody"] = {"content": content}
    return operation
