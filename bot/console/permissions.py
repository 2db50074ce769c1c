"""Who may do what in the console: one table from role to permissions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum


class Role(StrEnum):
    """What an account is for; one account may have several."""

    COUNSELLOR = "counsellor"
    REVIEWER = "reviewer"
    EDITOR = "editor"
    ADMIN = "admin"
    DPO = "dpo"
    """The data protection officer: sees who read what, and the retention; no words of the young."""


class Permission(StrEnum):
    """What a page or a form needs."""

    OWN_ACCOUNT = "own_account"
    ANSWER_CHATS = "answer_chats"
    """The queue, chats, notes and calls to staff."""
    SEE_BOOKINGS = "see_bookings"
    READ_LOGS = "read_logs"
    """Conversations with placeholders instead of names and numbers."""
    EDIT_CATALOGUE = "edit_catalogue"
    """Schools, contact points of municipalities, facts and dates: what the bot says."""
    MANAGE_STAFF = "manage_staff"
    READ_ACCESS_LOG = "read_access_log"
    UNMASK = "unmask"
    """See the names and numbers of a conversation, for a reason that is written down."""
    PRESERVE = "preserve"
    """Keep a conversation for a report of concern (orosanmälan), and say where it is registered."""
    SEE_RETENTION = "see_retention"


PERMISSIONS: Mapping[Role, frozenset[Permission]] = {
    Role.COUNSELLOR: frozenset(
        {
            Permission.OWN_ACCOUNT,
            Permission.ANSWER_CHATS,
            Permission.SEE_BOOKINGS,
            Permission.READ_LOGS,
            Permission.UNMASK,
            Permission.PRESERVE,
        }
    ),
    Role.REVIEWER: frozenset({Permission.OWN_ACCOUNT, Permission.READ_LOGS}),
    Role.EDITOR: frozenset({Permission.OWN_ACCOUNT, Permission.EDIT_CATALOGUE}),
    Role.DPO: frozenset({Permission.OWN_ACCOUNT, Permission.READ_ACCESS_LOG, Permission.SEE_RETENTION}),
    Role.ADMIN: frozenset(
        {Permission.OWN_ACCOUNT, Permission.EDIT_CATALOGUE, Permission.MANAGE_STAFF, Permission.READ_ACCESS_LOG}
    ),
}

ROLE_NAMES: Mapping[Role, str] = {
    Role.COUNSELLOR: "Vägledare",
    Role.REVIEWER: "Granskare",
    Role.EDITOR: "Redaktör",
    Role.ADMIN: "Administratör",
    Role.DPO: "Dataskyddsombud",
}


def permissions_of(roles: Iterable[str]) -> frozenset[Permission]:
    """Return everything an account with these roles may do; unknown roles give nothing."""
    known = [Role(role) for role in roles if role in set(Role)]
    return frozenset().union(*(PERMISSIONS[role] for role in known))
