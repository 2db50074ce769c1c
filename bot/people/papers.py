"""The papers of `docs/privacy/` that are made from the code: the data map and the retention plan.

`bot privacy papers` writes them; a test holds the files to the models.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Column, MetaData

from bot.db.metadata import metadata
from bot.people import data_map, retention_plan
from bot.people.data_map import Class
from bot.settings import ROOT

_CLASSES = {
    Class.KEY: "slumpat id",
    Class.TECHNICAL: "teknik",
    Class.METRIC: "siffra eller kod",
    Class.CONTENT: "innehåll",
    Class.CONTACT: "vem och var",
    Class.STAFF: "om personal",
    Class.SECRET: "hash eller nyckel",
    Class.PUBLIC: "offentligt",
}
_ABOUT = {"youth": "den unga", "staff": "personal", "nobody": "ingen person"}
_BLANK = {"columns": "innehållet töms, siffrorna blir kvar", "delete": "raderna tas bort", "keep": "står kvar"}


def data_map_page(models: MetaData) -> str:
    """Return the data map as Markdown."""
    plan = retention_plan.load(ROOT / "data")
    lines = [
        "# Datakarta",
        "",
        "Skriven av `bot privacy papers` ur tabellerna i koden. Ändra i `bot/people/data_map.yml`, inte här.",
        "Ett test stoppar varje ny kolumn som inte är klassad.",
        "",
        "**Krypterat** betyder att värdet ligger krypterat (AES-256-GCM) även i databasens filer och kopior.",
        "Allt som är *innehåll* eller *vem och var* är krypterat; testet kräver det.",
    ]
    for about in ("youth", "staff", "nobody"):
        lines += ["", f"## Om {_ABOUT[about]}"]
        for table in sorted(models.tables.values(), key=lambda one: one.name):
            if data_map.is_public(table.name) or data_map.entry_of(table.name).about != about:
                continue
            entry = data_map.entry_of(table.name)
            lines += ["", f"### `{table.name}`", "", f"{entry.holds} Gallras som: *{plan[entry.document_type].name}*."]
            if about == "youth" and not entry.apart:
                lines += [f"När chatten gallras: {_BLANK[entry.blank]}. När den unga raderar: raderna tas bort."]
            lines += ["", "| Kolumn | Vad | Krypterat |", "|---|---|---|"]
            lines += [_row(column) for column in table.c]
    public = sorted(name for name in models.tables if data_map.is_public(name))
    lines += ["", "## Offentliga uppgifter", "", ", ".join(f"`{name}`" for name in public) + "."]
    lines += [
        "",
        "## Utanför databasen",
        "",
        "| Var | Vad | Hur det går bort |",
        "|---|---|---|",
        "| Dialogmotorns databas (`TRACKER_URL`) | Text med dolda namn och nummer, det boten minns; krypterat |"
        " Töms vid radering och gallring; SQLite skriver över sidorna |",
        "| Programmens loggar (`var/log`) | Händelser och slumpade id, aldrig text, namn, nummer eller avsikt |"
        f" Efter {plan['log'].days} dagar, och tidigare när en logg blir över 100 MB; utan `bot run`: av driften |",
        "| Avsändarens journal (`var/`) | Slumpade id på meddelanden som är på väg | När de är framme |",
        "| Säkerhetskopior | Samma som databasen, krypterat innehåll | Efter den tid driften har bestämt |",
        "| Telegram | Allt som skrivs i Telegram, utanför kommunens kontroll | Av den unga själv, i appen |",
        "| Vägledares egen Telegram | Larm, och det den unga skriver med dolda namn och nummer när vägledaren svarar"
        " från sin telefon | När den unga raderar tar boten bort det som är högst 48 timmar gammalt (mer tillåter"
        " inte Telegram); det äldre, och det som vägledaren själv skrev, tar vägledaren bort |",
        "| Vägledares e-post | Larm med pseudonym och kommun, aldrig den ungas ord | Av vägledaren, enligt kommunens"
        " regler för e-post |",
        "| Vägledares kalender | Mötets tid, sätt och kommun; vad den unga vill kallas bara om vägledaren har valt det"
        " | Mötet går ur flödet vid radering; kalendern hämtar det igen inom den tid den själv väljer (boten ber om"
        " 15 minuter) |",
        "",
    ]
    return "\n".join(lines)


def _row(column: Column[object]) -> str:
    kind = data_map.class_of(column)
    sealed = "ja" if data_map.is_sealed(column) else ""
    return f"| `{column.name}` | {_CLASSES[kind] if kind else '?'} | {sealed} |"


def retention_page(data_dir: Path, models: MetaData) -> str:
    """Return the retention plan as Markdown."""
    lines = [
        "# Gallringsplan",
        "",
        "Skriven av `bot privacy papers` ur `data/retention.yml`. Kommunen beslutar tiderna i ett gallringsbeslut,",
        "ändrar dagarna i filen och kör kommandot igen. Gallringen körs varje dag av sig själv.",
        "",
        "- `bot retention run --dry-run` visar vad som skulle gallras.",
        "- `bot retention run` gallrar nu.",
        "- Varje körning skrivs i gallringsloggen, innan något tas bort. En körning som avbröts står där som inte klar."
        " Dataskyddsombudet ser loggen i konsolen under *Gallring*.",
        "- Siffrorna i statistiken är desamma före och efter: innehållet töms, räkningen står kvar.",
        "",
        "| Handling | Tid | Räknas från | Vad som händer | Varför | Tabeller |",
        "|---|---|---|---|---|---|",
    ]
    for row in retention_plan.load(data_dir).values():
        tables = "filer i `var/log`" if row.key == "log" else ", ".join(
            f"`{table}`" for table in sorted(models.tables)
            if not data_map.is_public(table) and data_map.entry_of(table).document_type == row.key
        )  # fmt: skip
        time = f"{row.days} dagar" if row.days is not None else "–"
        lines.append(
            f"| {row.name} | {time} | {row.counts_from} | {row.goes} | {row.why} | {tables or '(i tabeller ovan)'} |"
        )
    lines += [
        "",
        "## Det som inte gallras",
        "",
        "- En chatt som en vägledare har just nu, eller med en påminnelse eller ett meddelande som väntar.",
        "- En chatt med ett bokat möte, så länge planen sparar det som hör till mötet.",
        "- Underlag till en anmälan om oro, förrän det är registrerat i kommunens eget system. Innan något töms i en"
        " chatt med ett sådant underlag skrivs det in i underlaget.",
        "",
    ]
    return "\n".join(lines)


def write(root: Path, data_dir: Path) -> list[str]:
    """Write both papers; return what is not classified, in which case nothing is written."""
    models = metadata()
    problems = data_map.problems(models)
    if not problems:
        folder = root / "docs" / "privacy"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "data-map.md").write_text(data_map_page(models), encoding="utf-8")
        (folder / "retention-plan.md").write_text(retention_page(data_dir, models), encoding="utf-8")
    return problems
