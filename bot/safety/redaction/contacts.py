"""Finds e-mail addresses (also spelled out) and user names on social media. Called by `bot.safety.redact`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.safety.redaction.spans import Kind, Span
from bot.safety.redaction.word_lists import words

_ATOM = r"[A-Za-z0-9À-ɏ!#$%&'*+/=?^_{|}~-]"
_PLAIN = re.compile(
    rf"(?<![\w.+%-])(?P<local>(?:{_ATOM}"
    rf"|\.){{1,128}}+)@(?P<domain>[A-Za-z0-9À-ɏ-]{{1,63}}+(?:\.[A-Za-z0-9À-ɏ-]{{1,63}}+)*+)"
)
_MAILERS = (
    r"gmail|googlemail|g-mail|hotmail|outlook|live|icloud|yahoo|telia|msn|protonmail|proton|bredband|comhem|tele2"
    r"|spray|me"
    r"|elev|student|skola|edu|mail"
)
_DOT_WORD = r"\s?[(\[{]\s?(?:dot|punkt|prick)\s?[)\]}]\s?|\s{1,3}(?:dot|punkt|prick|pkt)\s{1,3}"
_LINK = rf"(?:{_DOT_WORD}|\s?[(\[{{]?(?:understreck|underscore|bindestreck|dash)[)\]}}]?\s?|\.)"
_PART = r"[A-Za-z0-9À-ɏ_+-]{1,64}+"
# A point that is followed by a blank ends a sentence.
_STOP = rf"(?:{_DOT_WORD}|\.|\s\.\s?)"
# A spelled-out sign tells enough; the bare words need a spelled-out dot or a known mail service after them.
_STRONG_AT = (
    r"(?:\s?[(\[{<]\s?(?:at|@|a|snabel-?\s?a)\s?[)\]}>]\s?"
    r"|\s?(?:snabel\s?-?\s?a|snabla|alfakrull|kanelbulle)\s{1,3}|\s{0,2}@\s{0,2})"
)
_SPELLED = re.compile(
    rf"(?<![\w.+-])(?P<local>{_PART}(?:{_LINK}{_PART}){{0,4}}?)"
    rf"(?:(?P<strong>{_STRONG_AT})(?P<domain>{_PART}(?:{_STOP}{_PART}){{1,3}})"
    rf"|\s{{1,3}}(?:at|ät)\s{{1,3}}(?P<weak>(?:{_PART}){_STOP}(?:{_PART}(?:(?:{_DOT_WORD}|\.){_PART}){{0,2}}))"
    rf"|(?:{_STRONG_AT}|\s{{1,3}}(?:at|ät)\s{{1,3}})(?P<service>(?:{_MAILERS})(?:\s(?:com|se|net|nu))?)(?!\w))",
    re.IGNORECASE,
)
# The whole of a short answer, with any blank for a point.
_ANSWER = re.compile(
    rf"\W*(?:[a-zåäö]{{2,8}} (?:är|is) )?(?P<local>{_PART}(?:{_LINK}{_PART}){{0,4}}?)(?:{_STRONG_AT}|\s(?:at|ät)\s)"
    rf"(?P<domain>{_PART}(?:[\s.]{{1,2}}{_PART}){{0,2}})\W*",
    re.IGNORECASE,
)
LONGEST_ANSWER = 80
_SPELLED_DOT = re.compile(_DOT_WORD, re.IGNORECASE)
_MAILER = re.compile(rf"(?:{_MAILERS})\b", re.IGNORECASE)
_TOP = frozenset("se com net org nu eu no dk fi io edu co uk de fr pl me info gov ru ua tr ir so ly app dev".split())
_SIGNS = (("understreck", "_"), ("underscore", "_"), ("bindestreck", "-"), ("dash", "-"))
_PLATFORM = (
    r"snap(?:chat)?|sc|insta(?:gram)?|ig|discord|dc|disc|tik\s?tok|kik|telegram|tg|steam|roblox|xbox|psn|twitter"
    r"|facebook|fb"
    r"|messenger|signal|youtube|twitch|reddit|bereal|whatsapp|skype|minecraft|fortnite"
)
_AT_HANDLE = re.compile(r"(?<![\w@.])@[A-Za-z0-9_À-ɏ][A-Za-z0-9_.À-ɏ]{1,39}(?:#\d{2,6})?")
# An underscore inside a word, not around one as in "_jätte_ viktigt": nobody writes so but in user names.
_UNDERSCORED = re.compile(
    r"(?<![\w@./:-])(?![A-Z]{2,}_)(?=[\w.]*[A-Za-zÀ-ɏ])[A-Za-z0-9À-ɏ.]+_[A-Za-z0-9_.À-ɏ]*[A-Za-z0-9À-ɏ]"
)
_NAMED_HANDLE = re.compile(
    rf"\b(?P<own>min |mitt |my |ditt |)(?:{_PLATFORM})(?:et|en|s)?(?:[\s-]?(?:namn|name|id|användare|user(?:name)?"
    rf"|konto|account))?"
    rf"(?P<link>\s?[:=]\s?|\s(?:är|e|is|heter|hette|name)\s(?:typ\s)?"
    rf"|\s)(?P<handle>[A-Za-z0-9_À-ɏ][A-Za-z0-9_.#À-ɏ-]{{1,39}})",
    re.IGNORECASE,
)
_HANDLE_ON = re.compile(
    rf"\b(?P<cue>heter|kallar mig|kallas|finns som|användarnamn(?:et)?(?: är)?|username(?: is)?|i'm|im|am|called"
    rf"|jag är|som|as|add(?: me)?|adda(?: mig)?)"
    rf"\s(?P<handle>[A-Za-z0-9_À-ɏ][A-Za-z0-9_.#À-ɏ-]{{1,39}})\s(?:på|on|i|in)\s(?:{_PLATFORM})\b",
    re.IGNORECASE,
)
_ODD_ON = re.compile(
    rf"(?<![\w@.])(?P<handle>[A-Za-z0-9_À-ɏ][A-Za-z0-9_.#À-ɏ-]{{1,39}})\s(?:på|on)\s(?:{_PLATFORM})\b", re.IGNORECASE
)
_USER = re.compile(
    r"\b(?:användarnamn(?:et)?|username|gamertag|nick(?:name)?)(?:\s?[:=]\s?|\s(?:är"
    r"|is)\s)(?P<handle>[A-Za-z0-9_À-ɏ][A-Za-z0-9_.#À-ɏ-]{1,39})",
    re.IGNORECASE,
)


def find_emails(text: str, lenient: bool = False) -> Iterator[Span]:
    """Find e-mail addresses; the value is the address in lower case, signs written as signs.

    `lenient` when the bot has just asked for one: "anna at telia se" and "anna@telia" are addresses then.
    """
    if lenient and len(text) <= LONGEST_ANSWER and (answer := _ANSWER.fullmatch(text)):
        domain = re.sub(r"[\s.]+", ".", _SPELLED_DOT.sub(".", answer["domain"])).lower()
        yield Span(Kind.EMAIL, f"{_signs(answer['local'])}@{domain}", answer.start("local"), answer.end("domain"))
    for match in _PLAIN.finditer(text):
        if "." not in match["domain"]:
            continue
        start = match.start("local") + len(match["local"]) - len(match["local"].lstrip(".'*/=-"))
        end = match.end() - (len(match["domain"]) - len(match["domain"].rstrip("-")))
        if start < match.end("local"):
            yield Span(Kind.EMAIL, text[start:end].lower(), start, end)
    lowered = text.lower()
    if not any(
        sign in lowered for sign in ("@", " at", "(at", "[at", "{at", "snab", " ät", "alfakrull", "kanelbulle", "(a")
    ):
        return
    for match in _SPELLED.finditer(text):
        domain = match["domain"] or match["weak"] or match["service"]
        if match["weak"] and not (_SPELLED_DOT.search(match["weak"]) or _MAILER.match(match["weak"])):
            continue
        if match["service"] and match["service"].lower() in {"me", "live", "skola", "student", "mail", "elev", "edu"}:
            continue
        plain = _signs(domain)
        if match["domain"] and plain.rsplit(".", 1)[-1] not in _TOP and not _MAILER.match(plain):
            continue
        if match["service"] and " " in match["service"]:
            plain = match["service"].lower().replace(" ", ".")
        yield Span(Kind.EMAIL, f"{_signs(match['local'])}@{plain}", *match.span())


def _signs(spelled: str) -> str:
    plain = _SPELLED_DOT.sub(".", spelled).lower()
    for word, sign in _SIGNS:
        plain = re.sub(rf"\s?[(\[{{]?{word}[)\]}}]?\s?", sign, plain)
    return re.sub(r"\s", "", plain)


def find_handles(text: str) -> Iterator[Span]:
    """Find user names: with an @, beside the name of a service, or after the word for user name."""
    for match in _AT_HANDLE.finditer(text):
        yield _handle(match[0], match.start())
    for match in _UNDERSCORED.finditer(text):
        yield _handle(match[0], match.start())
    for match in _USER.finditer(text):
        if _possible(match["handle"], sure=True):
            yield _handle(match["handle"], match.start("handle"))
    for match in _NAMED_HANDLE.finditer(text):
        sure = match["link"].strip() != "" and (bool(match["own"]) or match["link"].strip() in {":", "=", "heter"})
        if _possible(match["handle"], sure=sure or (bool(match["own"]) and match["link"].strip() != "")):
            yield _handle(match["handle"], match.start("handle"))
    for match in _HANDLE_ON.finditer(text):
        sure = match["cue"].lower() in {"heter", "kallar mig", "kallas", "finns som", "called", "add me", "adda mig"}
        if _possible(match["handle"], sure=sure):
            yield _handle(match["handle"], match.start("handle"))
    for match in _ODD_ON.finditer(text):
        if _possible(match["handle"], sure=False):
            yield _handle(match["handle"], match.start("handle"))


def _possible(handle: str, *, sure: bool) -> bool:
    bare = handle.rstrip(".-").lower()
    if bare in words("not_names") or len(bare) < 2 or re.fullmatch(rf"{_PLATFORM}|\d{{1,3}}", bare):
        return False
    odd = re.search(r"[a-zà-ɏ][._#]\w|\w_|_\w|[a-zà-ɏ]\d|\d[a-zà-ɏ]", bare) is not None
    return odd or sure


def _handle(handle: str, start: int) -> Span:
    bare = handle.rstrip(".-")
    return Span(Kind.HANDLE, bare, start, start + len(bare))
