"""The same youth and worker as in the tests of conversations."""

from tests.conversations.conftest import dialogue, make_youth, settle, worker, youth

__all__ = ["dialogue", "make_youth", "settle", "worker", "youth"]
