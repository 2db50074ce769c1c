"""Makes web addresses in a bubble clickable, in a text that is escaped. The script has the same rule."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

# The mark that ends a sentence does not belong to the address.
_ADDRESS = re.compile(r"https?://[^\s<>\"]*[^\s<>\".,;:!?)]")


def with_links(text: str) -> Markup:
    """Return a text as HTML, escaped, with its addresses as links that tell the target nothing."""
    parts, end = [], 0
    for match in _ADDRESS.finditer(text):
        parts.append(escape(text[end : match.start()]))
        link = '<a href="{0}" target="_blank" rel="noopener noreferrer">{0}</a>'
        # Markup's own format escapes its values.
        parts.append(Markup(link).format(match[0]))
        end = match.end()
    return Markup("").join([*parts, escape(text[end:])])
