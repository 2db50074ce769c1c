"""The words that the choice of language goes by. Used by language.py."""

import re

NEUTRAL = frozenset(
    """
    csn komvux syv kaa sfi im imv imy ims ima gymnasiet gymnasium gymnasie gy folkhögskola folkhogskola yh af
    arbetsförmedlingen arbetsformedlingen bup socialtjänsten linköping linkoping norrköping norrkoping motala mjölby
    mjolby finspång finspang söderköping soderkoping åtvidaberg atvidaberg vadstena ödeshög odeshog boxholm kinda
    kisa ydre österbymo valdemarsvik linkan lkpg nkpg norrkan norpan peking åtvid atvid östergötland ostergotland
    sverige ok okej okay k hej hi hello tja hallo bye tack sorry lol haha hehe mm hm nja nej no adhd add asd nkt npf
    el bygg vvs fordon teknik natur ekonomi sam samhäll sport it ai pc app chat bot student info test barn man in i
    an a om for so bra fan program bank hand land all den men under prov restaurang programme praktik
""".split()
)
"""Words that say nothing of the language: loanwords, names, places, and words that both languages have."""
DOMAIN = re.compile(
    r"gymnasi|folkh[öo]g|h[öo]gskol|skol(?:a|an|or|verket)$|skattev|kommun|aktivitetsansvar|program(?:met)?$|"
    r"l[äa]rling|utbildning|kurs(?:er)?$|"
    r"f[öo]rs[äa]kringskassan|migrationsverket|v[äa]gledare|studiebevis|studievägled|linje[nr]?$|studenten$|kassan$|verket$"
)
"""Swedish names of things here that English sentences are full of."""
_SPEAK = (
    r"\b(?:in|speak|talk|write|answer|reply|switch to|change to|back to|do you (?:speak|know)|på|prata|snacka|skriv|svara|kör"
    r"|byt till|tillbaka till|kan du|ta det på) (?:\w+ )?"
)
ASK_ENGLISH = re.compile(
    _SPEAK + r"(?:english|engelska|eng)\b|^(?:english|engelska)(?: please| pls| tack)?[.!?]*$", re.IGNORECASE
)
ASK_SWEDISH = re.compile(
    _SPEAK + r"(?:swedish|svenska)\b|^(?:swedish|svenska)(?: please| pls| tack)?[.!?]*$", re.IGNORECASE
)
"""Messages that ask the bot to speak the other language."""
LEARNING = re.compile(r"\b(?:lär|lära|plugga|läsa|kurs|learn|study|course|class|sfi|improve|bättre)", re.IGNORECASE)
"""Words of somebody who wants to learn a language: no wish to switch."""
