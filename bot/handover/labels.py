"""What codes of the dialogue mean in a counsellor's Swedish: intents, slots, reasons.

Used for the summary of a handover and by the console. Staff read these, never a youth.
"""

from __future__ import annotations

from collections.abc import Mapping

from bot.handover.models import EndReason, HandoverState, Reason

INTENTS: Mapping[str, str] = {
    "greet": "hälsar",
    "goodbye": "säger hej då",
    "thank": "tackar",
    "affirm": "säger ja",
    "deny": "säger nej",
    "ask_for_help": "frågar vad boten kan",
    "ask_if_bot": "undrar om det är en bot",
    "restart": "vill börja om",
    "stop": "vill avbryta",
    "change_language": "byter språk",
    "ask_rephrase": "ber om en enklare förklaring",
    "chitchat": "småpratar",
    "praise": "ger beröm",
    "complain": "är missnöjd med svaret",
    "ask_ways_back": "vägar tillbaka till studier",
    "ask_programmes": "gymnasieprogram",
    "ask_introductory_programme": "introduktionsprogram",
    "ask_eligibility": "behörighet",
    "ask_age_limit": "åldersgränser",
    "ask_komvux": "komvux",
    "ask_folk_high_school": "folkhögskola",
    "ask_apprenticeship": "lärling",
    "ask_distance_studies": "distansstudier",
    "ask_swedish_courses": "svenska (sfi och sva)",
    "ask_further_studies": "studier efter gymnasiet",
    "ask_validation": "validering",
    "ask_diploma": "gymnasieexamen",
    "ask_complete_grades": "läsa upp betyg",
    "ask_switch_programme": "byta program",
    "ask_how_to_apply": "hur man söker",
    "ask_application_dates": "ansökningsdatum",
    "ask_study_finance": "studiebidrag och pengar",
    "ask_csn_absence": "CSN och frånvaro",
    "ask_travel_and_housing": "resor och boende",
    "ask_special_support": "särskilt stöd",
    "ask_study_with_children": "studera med barn",
    "ask_kaa": "kommunens aktivitetsansvar",
    "ask_must_attend": "måste man gå i skolan",
    "ask_work": "jobb och praktik",
    "ask_study_guidance": "studievägledning",
    "help_me_choose": "vill ha hjälp att välja",
    "ask_residence_status": "uppehållsstatus",
    "find_education": "letar utbildning",
    "ask_provider_details": "uppgifter om en skola",
    "show_more": "vill se fler",
    "book_counsellor": "vill boka en tid",
    "change_booking": "vill flytta sin tid",
    "cancel_booking": "vill avboka",
    "show_booking": "frågar efter sin tid",
    "talk_to_human": "vill prata med en människa",
    "inform": "ger ett svar",
    "tell_low_mood": "mår dåligt",
    "tell_bullying": "berättar om mobbning",
    "tell_low_motivation": "orkar inte, saknar motivation",
    "tell_trouble_at_home": "har det svårt hemma",
    "tell_substance_use": "alkohol eller droger",
    "crisis_self_harm": "tecken på självskada",
    "crisis_violence": "tecken på våld",
    "ask_privacy": "frågar om sina uppgifter",
    "delete_my_data": "vill radera sina uppgifter",
    "export_my_data": "vill se sina uppgifter",
    "set_reminder": "vill ha en påminnelse",
    "stop_reminders": "vill slippa påminnelser",
    "nlu_fallback": "inte förstått",
    "out_of_scope": "inte förstått",
}

SLOTS: Mapping[str, str] = {
    "municipality": "kommun",
    "age": "ålder",
    "education_type": "utbildning",
    "programme": "program",
    "topic": "ämne",
    "contact_how": "kontakt",
    "meeting_time": "tid",
}

VALUES: Mapping[str, str] = {
    "upper_secondary": "gymnasiet",
    "introductory": "introduktionsprogram",
    "adapted_upper_secondary": "anpassad gymnasieskola",
    "komvux": "komvux",
    "sfi": "sfi",
    "folk_high_school": "folkhögskola",
    "higher_vocational": "yrkeshögskola",
    "university": "högskola",
    "phone": "telefon",
    "video": "video",
    "meet": "ses på plats",
    "walk": "promenad",
    "chat": "chatt",
    "back_to_school": "vägar tillbaka",
    "choose": "vad hen vill bli",
    "money": "pengar",
    "other": "något annat",
}

REASONS: Mapping[str, str] = {
    Reason.ASKED: "bad om en människa",
    Reason.TWO_MISSES: "boten förstod inte, två gånger",
    Reason.CRISIS: "tecken på fara",
    Reason.TECHNICAL: "tekniskt fel",
}

STATES: Mapping[str, str] = {
    HandoverState.REQUESTED: "väntar",
    HandoverState.OFF_HOURS_QUEUED: "väntar till öppning",
    HandoverState.LIVE: "pågår",
    HandoverState.TIMED_OUT: "ingen hann, väntar kvar",
    HandoverState.CLOSED: "avslutad",
}

END_REASONS: Mapping[str, str] = {
    EndReason.YOUTH_ENDED: "den unga gick tillbaka till boten",
    EndReason.COUNSELLOR_CLOSED: "klart för nu",
    EndReason.YOUTH_SILENT: "den unga svarar inte",
    EndReason.CLAIM_TIMEOUT: "ingen hann ta chatten",
    EndReason.OFF_HOURS_EXPIRED: "väntade för länge",
    EndReason.TRANSFERRED_EXTERNAL: "hänvisad vidare",
    EndReason.BOOKED_MEETING: "en tid är bokad",
    EndReason.YOUTH_DELETED_DATA: "den unga raderade sina uppgifter",
    EndReason.YOUTH_UNREACHABLE: "den unga kan inte nås",
    EndReason.INTERNAL_ERROR: "tekniskt fel",
}

RISKS: Mapping[str, str] = {"none": "ingen", "self_harm": "kan skada sig", "violence": "våld eller hot"}


_KINDS: Mapping[str, str] = {
    "sticker": "skickade ett klistermärke",
    "button": "tryckte på en knapp",
    "other": "skickade något som inte kan läsas",
}


def kind_label(kind: str) -> str:
    """Return what somebody did who wrote no words."""
    return _KINDS.get(kind, "skickade något")


def intent_label(name: str | None) -> str:
    """Return what an intent means; an unknown one keeps its name."""
    return INTENTS.get(name or "nlu_fallback", name or "")


def value_label(value: object) -> str:
    """Return what a slot's code means; a free value stays as it is."""
    return VALUES.get(str(value), str(value))
