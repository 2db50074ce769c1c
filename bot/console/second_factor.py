"""Six digits from an app (TOTP, RFC 6238), and codes on paper for when the phone is lost.

No code counts twice: the time step of the last one is kept. Paper codes are kept as hashes.
"""

from __future__ import annotations

import hashlib
import hmac
import io
import secrets
from collections.abc import Sequence
from datetime import datetime

import pyotp
import segno

# A phone's clock may be half a minute off.
_STEPS_AROUND = (0, -1, 1)
_STEP_SECONDS = 30
PAPER_CODES = 10
_SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"
ISSUER = "Tillbaka"


def new_secret() -> str:
    """Return a secret for an app (160 bits, base 32)."""
    return pyotp.random_base32()


def address(secret: str, username: str) -> str:
    """Return the `otpauth:` address that an app reads."""
    return pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=ISSUER)


def picture(secret: str, username: str) -> str:
    """Return the address as a QR code: SVG to stand in a page, without style or script."""
    out = io.BytesIO()
    segno.make(address(secret, username), error="m").save(
        out, kind="svg", scale=5, border=4, xmldecl=False, svgns=False, dark="#000", light="#fff",
        title="QR-kod för inloggningsappen", svgclass="qr", lineclass=None,
    )  # fmt: skip
    return out.getvalue().decode()


def step_of(secret: str, code: str, now: datetime, last_step: int) -> int | None:
    """Return the time step that a code belongs to; None when it is wrong, old or was used."""
    digits = "".join(code.split())
    if len(digits) != 6 or not (digits.isascii() and digits.isdecimal()):
        return None
    step = int(now.timestamp()) // _STEP_SECONDS
    totp = pyotp.TOTP(secret)
    found = None
    for around in _STEPS_AROUND:
        # All are compared, so that the time taken says nothing.
        if hmac.compare_digest(totp.at(0, counter_offset=step + around), digits):
            found = step + around
    return found if found is not None and found > last_step else None


def new_paper_codes() -> list[str]:
    """Return new codes for paper (50 bits each)."""
    return ["-".join("".join(secrets.choice(_SIGNS) for _ in range(5)) for _ in range(2)) for _ in range(PAPER_CODES)]


def hash_of_paper(code: str) -> str:
    """Return what is kept of a paper code, however it was typed."""
    plain = "".join(sign for sign in code.lower() if sign.isalnum())
    return hashlib.sha256(plain.encode()).hexdigest()


def without(code: str, kept: Sequence[str]) -> list[str] | None:
    """Return the paper codes that are left when this one is used; None when it is none of them."""
    given = hash_of_paper(code)
    left = [one for one in kept if not hmac.compare_digest(one, given)]
    return left if len(left) < len(kept) else None
