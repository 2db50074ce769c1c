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
ONLY_SWEDISH = frozenset(
    """
    jag och är inte på att det som för av till har kan ska vill hur vad när varför vilken vilka vilket finns går
    gå med jätte också eller från bara mig dig sig mitt mina din ditt dina hon han hen vi ni de dom dem
    nån något nåt någon mer mycket lite så då nu här där ut upp ner efter före utan hos mellan vid ett ej
    inget ingen inga alla allt blir bli blev vara varit måste skulle ville får fått kommer kom ju väl typ
    asså alltså liksom ba å ja jo mej dej sedan idag imorgon igår ikväll klockan kl heter bor tycker vet
    förstår behöver söker läsa läser plugga pluggar kille tjej gammal fyller född hjälp skriv prata
    jg oxå iaf nåra nånting va ere tkr snälla måndag tisdag onsdag torsdag fredag lördag söndag
""".split()
)
ONLY_ENGLISH = frozenset(
    """
    the is are was were my your his their our me you he she they we it i'm i've i'd don't dont can't cant
    what where when why how which who and or but with without from this that these those there here have has had
    does did not no yes of at about into if because would could should must need want wanna gonna
    know like just really get got going went been be more some any anything something nothing everyone
    school schools study studying please pls thx thanks hello u ur idk tbh it's isn't doesn't years old
    monday tuesday wednesday thursday friday saturday sunday tomorrow today yesterday
""".split()
)
"""Words of one of the two languages alone, as people type them."""
OTHERS = (
    "DANISH",
    "BOKMAL",
    "FINNISH",
    "GERMAN",
    "SPANISH",
    "POLISH",
    "SOMALI",
    "TURKISH",
    "FRENCH",
    "BOSNIAN",
    "ALBANIAN",
    "ROMANIAN",
    "ITALIAN",
)
"""The languages in Latin letters that a message may be in besides, by their names in lingua."""
ONLY_OTHER = frozenset(
    """
    jeg ikke og af hvad hva hvor hvordan hvorfor meg deg noe noen skolen
    ich nicht und das ist wie kann wo ein wir mein meine habe hilfe schule
    yo que dónde donde cómo puedo quiero estudiar escuela soy tengo necesito ayuda
    je ne suis veux avec où école aide
    nie jest się jak mogę gdzie szkoła chcę czy pomoc
    minä voinko miten missä koulu haluan opiskella olen mitä
    waa iyo waxaan rabaa dugsi dugsiga sidee halkee baan aan waxbarasho caawimaad
    bir için nasıl nerede okul istiyorum değil yardım
    nije kako gdje mogu škola želim pomoć hoću trebam
    unë nuk është mund shkollë ndihmë
    este cum unde vreau școală ajutor
""".split()
)
"""Frequent words of those languages that are words of neither of ours."""
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
