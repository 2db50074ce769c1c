"""The fields that staff edit: how each is shown in a form and read from it. Faults are said in Swedish."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import phonenumbers

from bot.catalogue.importer import clean
from bot.catalogue.kinds import Status
from bot.edits.rules import EditRefused
from bot.given import read_day

MOST = 300
FORMS: Mapping[str, str] = {"school": "skola", "apprentice": "lärling", "adult": "vuxen"}
STATES = ((str(Status.OPEN), "Tar emot elever"), (str(Status.CLOSED), "Stängd"))
YES_NO_UNKNOWN = (("", "Vet inte"), ("yes", "Ja"), ("no", "Nej"))
YES_NO = (("no", "Nej"), ("yes", "Ja"))

Options = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Field:
    """One field of a form: `show` makes text of a value, `read` a value of text."""

    name: str
    label: str
    read: Callable[[str], Any]
    show: Callable[[Any], str]
    hint: str = ""
    options: Options = ()
    long: bool = False
    required: bool = False
    most: int = MOST
    """How many characters a text may have."""

    def value(self, text: str) -> Any:
        """Return what a text stands for.

        Raises:
            EditRefused: it cannot be that.
        """
        stripped = text.strip()
        if self.required and not stripped:
            raise EditRefused(f"{self.label}: skriv något här.")
        try:
            value = self.read(stripped)
        except ValueError as error:
            raise EditRefused(f"{self.label}: {error}") from None
        if isinstance(value, str) and len(value) > self.most:
            raise EditRefused(f"{self.label}: högst {self.most} tecken.")
        return value


def words(name: str, label: str, *, hint: str = "", long: bool = False, required: bool = False) -> Field:
    """A text; empty means that it is not known."""
    return Field(name, label, _words, _shown, hint, long=long, required=required)


def phone(name: str, label: str, hint: str = "") -> Field:
    """A Swedish phone number, also a short one such as 112."""
    return Field(name, label, _phone, _shown, hint)


def web(name: str, label: str, hint: str = "") -> Field:
    """A web address."""
    return Field(name, label, _web, _shown, hint)


def email(name: str, label: str, hint: str = "") -> Field:
    """An e-mail address of a function."""
    return Field(name, label, _email, _shown, hint)


def day(name: str, label: str, hint: str = "") -> Field:
    """A day."""
    return Field(name, label, _day, _shown, hint)


def names(name: str, label: str, hint: str = "") -> Field:
    """Names, one on each line."""
    return Field(name, label, _names, lambda value: "\n".join(value or ()), hint, long=True)


def choice(name: str, label: str, options: Options, hint: str = "") -> Field:
    """One of some values, kept as the text it stands for."""
    return Field(name, label, _one_of(options), lambda value: str(value or options[0][0]), hint, options)


def yes_no(name: str, label: str, options: Options = YES_NO, hint: str = "") -> Field:
    """Yes or no, or (with a third option) not known."""
    kept: Mapping[str, bool | None] = {"yes": True, "no": False, "": None}
    check = _one_of(options)
    shown = {True: "yes", False: "no", None: "" if options is YES_NO_UNKNOWN else "no"}
    return Field(name, label, lambda text: kept[check(text)], lambda value: shown[value], hint, options)


def programmes(name: str, label: str, known: Mapping[str, str], orientations: Mapping[str, str]) -> Field:
    """Programmes, one on each line: a code, perhaps an orientation's, perhaps a form."""

    def read(text: str) -> list[dict[str, Any]]:
        return [_offer(line, known, orientations) for line in text.splitlines() if line.strip()]

    hint = "Ett program på varje rad: EE, EE lärling, IM IMV, VO vuxen. Koderna står under formuläret."
    return Field(name, label, read, _shown_offers, hint, long=True)


def codes(name: str, label: str, known: Mapping[str, str], hint: str = "") -> Field:
    """Codes of programmes."""

    def read(text: str) -> list[str]:
        found = [part.upper() for part in re.split(r"[\s,;]+", text) if part]
        for code in found:
            if code not in known:
                raise ValueError(f"programmet {code} finns inte.")
        return list(dict.fromkeys(found))

    return Field(name, label, read, lambda value: " ".join(value or ()), hint)


def _words(text: str) -> str | None:
    return " ".join(text.split()) or None


def _shown(value: Any) -> str:
    return "" if value is None else str(value)


def _phone(text: str) -> str | None:
    if not text or re.fullmatch(r"\d{3,6}", text):
        return text or None
    found = clean.phone(text)
    if found is None:
        example = phonenumbers.format_number(phonenumbers.parse("013207600", "SE"), 2)
        raise ValueError(f"det är inget svenskt telefonnummer. Skriv till exempel {example}.")
    return found


def _web(text: str) -> str | None:
    if not text:
        return None
    found = clean.web(text)
    if found is None:
        raise ValueError("det är ingen webbadress. Den börjar med https:// och har inga mellanslag.")
    return found


def _email(text: str) -> str | None:
    if text and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", text):
        raise ValueError("det är ingen e-postadress.")
    return text or None


def _day(text: str) -> str | None:
    if not text:
        return None
    try:
        return read_day(text).isoformat()
    except ValueError:
        raise ValueError("skriv dagen som år-månad-dag, till exempel 2027-01-15.") from None


def _names(text: str) -> list[str]:
    return list(dict.fromkeys(" ".join(line.split()) for line in text.splitlines() if line.strip()))


def _one_of(options: Options) -> Callable[[str], str]:
    allowed = {value for value, _ in options}

    def check(text: str) -> str:
        if text not in allowed:
            raise ValueError("välj något i listan.")
        return text

    return check


def _offer(line: str, known: Mapping[str, str], orientations: Mapping[str, str]) -> dict[str, Any]:
    parts = line.split()
    code, form, orientation = parts[0].upper(), "school", None
    if code not in known:
        raise ValueError(f"programmet {parts[0]} finns inte.")
    for part in parts[1:]:
        named = next((name for name, word in FORMS.items() if word == part.lower()), None)
        if named is not None:
            form = named
        elif orientations.get(part.upper()) == code:
            orientation = part.upper()
        else:
            raise ValueError(f"”{part}” är varken en inriktning på {code} eller skola, lärling eller vuxen.")
    return {"code": code, "orientation": orientation, "form": form}


def _shown_offers(value: Any) -> str:
    lines = []
    for offer in value or ():
        form = FORMS[offer["form"]] if offer["form"] != "school" else None
        lines.append(" ".join(part for part in (offer["code"], offer.get("orientation"), form) if part))
    return "\n".join(lines)
