"""The words that tell a programme from the everyday meaning of its name. Used by programmes.py; all folded."""

import re

STUDY_INTENTS = frozenset(
    """
    ask_programmes ask_eligibility find_education ask_apprenticeship ask_switch_programme ask_introductory_programme
    ask_how_to_apply ask_application_dates ask_further_studies ask_validation ask_distance_studies ask_komvux
    ask_complete_grades ask_folk_high_school ask_provider_details
""".split()
)
"""Questions about studies: in such a message even an everyday word names a programme."""

ANSWER_INTENTS = frozenset("inform help_me_choose show_more affirm ask_work".split())
"""Messages that may be a bare answer: a short one that names a trade means it."""

EVERYDAY = frozenset(
    """
    bil bilar cars truck trucks lastbil vehicle vehicles natur vard varden restaurang restaurant hotell hotel turist
    turism tourism musik music musikal sang dans dansa dance teater theatre theater konst konstnar art arts artist djur
    animals hast hastar horse horses skog forest tradgard garden riding ekonomi eko economy business handel handels
    butik forsaljning sales retail samhalle samhalls science technology teknik tekniker design designer fashion drawing
    makeup baka baking matlagning cooking psykologi psychology juridik marketing industri industrial electronics
    elektronik electricity electrical electric electrics photography fotografi servering bonde acting actor dancer
    singer animation maklare foretagare foretagande mechanics bygga intro intron introduktion mek mecka
    construction service hospitality builder livsmedel manufacturing researcher forskare scientist sprint
    preparand fastighet healthcare groom
""".split()
) | {"laga mat", "health care", "spela musik", "bygga hus", "klippa har", "social studies", "natural resources"}
"""Words of the catalogue that people use all day long without thinking of school."""

AS_INFINITIVE = {
    "jobbar": "jobba",
    "jobbat": "jobba",
    "arbeta": "jobba",
    "arbetar": "jobba",
    "working": "work",
    "works": "work",
    "worked": "work",
    "fixing": "fix",
    "driving": "drive",
    "kor": "köra",
    "lagar": "laga",
    "mekar": "meka",
    "klipper": "klippa",
    "spelar": "spela",
}

SHORT_NAMES = (
    ("sam", "SA"),
    ("natur", "NA"),
    ("nv", "NA"),
    ("sp", "SA"),
    ("ek", "EK"),
    ("te", "TE"),
    ("est", "ES"),
    ("hum", "HU"),
    ("vvs", "VF"),
)
"""Short for a programme, but only where it is said that somebody studies it."""

STUDY = re.compile(
    r"\b(?:bli|blir|plugga|pluggar|pluggade|lasa|laser|laste|last|studera|studerar|utbilda|utbildar|utbildning\w*|utb|"
    r"kurs|kurser|program\w*|linje\w*|inriktning\w*|gymnasi\w+|komvux|vux|yh|larling\w*|soka|soker|sokt|sokte|ansoka|byta|byter|"
    r"bytte|drom\w*|hade varit|vore|yrke\w*|jobb\w*|framtid\w*|intresserad|become|becoming|to be|study|studying|studied|training|"
    r"programm?e?s?|course|courses|learn|learning|education|apply|applied|switch|career|job|dream|future|interested|"
    r"degree|class|classes|apprentice\w*|track)\b"
)
"""Somewhere in the message, study or work to come is spoken of."""

_STUDY_VERB = (
    r"lasa|laser|laste|last|plugga\w*|studera\w*|ga|gar|gatt|gick|inom|byta|byter|bytte|soka|soker|sokt|sokte|hoppade?|"
    r"utbildning\w*|utbilda\w*|kurs\w*|program\w*|linje\w*|inriktning\w*|lara mig|intresserad av|larling\w*|borja\w*|"
    r"bli|quit|left|dropped(?: out of)?|hoppa\w* av|slutade?|study|studying|studied|took|take|taking|course\w*|programm?e\w*|learn\w*|train\w*|apprentice\w*|enrolled|"
    r"switch\w*|class\w*|in school for|school for|skola for"
)
STUDY_BEFORE = re.compile(rf"\b(?:{_STUDY_VERB})[ ,:]+(?:[a-z]+[ ,]+){{0,2}}$")
"""Within two words before: a verb or noun of study."""
STUDY_AFTER = re.compile(
    r"^[ ,-]*(?:pa |i |at |in |with |med |som )?(?:programm?e?t?|linjen?|utbildning\w*|inriktning\w*|gymnasi\w*|komvux|"
    r"vux|folkhog\w*|folkis|larling\w*|distans|upper secondary|high school|program\w*|school|course\w*|class\w*|track|"
    r"kraver|kravs|studies|degree|apprentice\w*|training|student|(?:gick|gar|laste|laser) jag)\b"
)
"""Right after: a word that makes it a form of study."""

TOWARDS = re.compile(
    r"(?:\b(?:bli|blir|plugga(?:r|de|t)?(?: till| inom)?|laser?(?: till| inom)?|lasa(?: till| inom)?|laste|last|studera(?: till| inom)?|"
    r"utbildar?(?: mig| sig)?(?: till| inom| som)?|utbildning(?:ar|en)?(?: till| inom| som| i)?|"
    r"program(?:met)?(?: till| inom| for| med)?|become|becoming|study(?:ing)?(?: to be| to become)?|to be|"
    r"byta(?: till)?|bytte till|gick(?: pa)?|switch(?:ing)? to|change to|took|take|jobba (?:som|inom|i|med)|work as|"
    r"train(?:ing)?(?: as| to be| to become)?|learn(?: to be)?|program(?:me)? (?:with|for|about)|"
    r"drommen ar(?: att bli)?|dream (?:is|job is)(?: to be| to become)?)"
    r"(?: (?:en|ett|a|an|typ|the|att|om|like|kanske|maybe))*|\b(?:vill|ska|kan)(?: (?:jag|man|typ))?) $"
)
"""Right before: the word is an aim."""
WORK = re.compile(r"^(?:jobba|work)\b")
WANTED_BEFORE = re.compile(
    r"\b(?:vill|want|wanna|drom\w*|dream|skulle|like to|love to|hoppas|gillar att|kul att)\b[^.!?]*$"
)
STUDY_ASKED_AFTER = re.compile(
    r"\b(?:what|which|how|where|vad|vilke\w|hur|var|vart)\b[^.!]*\b(?:study|plugga|lasa|laser|program\w*|school|linje|utbild\w*)"
)
"""Around "jobba med barn": it is wished for, or one asks what to study for it."""
TO_BECOME_AFTER = re.compile(
    r"^[ ,]*(?:(?:vill|ska|kan|hade|skulle|tankte) )?(?:jag |man )?(?:vilja )?bli\b|^ is my dream"
)

NOT_STUDY_BEFORE = re.compile(
    r"(?:\b(?:gillar|alskar|hatar|gilla|like|love|hate|likes|enjoy|sager|sag|says|said|saying|min|mitt|mina|din|ditt|"
    r"hans|hennes|deras|var|vart|my|your|his|her|our|their|rent|hyra|kop\w*|buy|ring\w*|call|hos|traffa|till min|min|"
    r"pappas|mammas|lyssna\w* pa|listen\w* to|see|seeing|meet|behover|need|rekommendera|recommend|find|hitta)"
    r"(?: (?:bli|en|a|an|att|to|be|become|typ|the|nya|new|gamla|old|bra|good|dalig|bad))*) $"
)
KIN_IS_BEFORE = re.compile(
    r"\b(?:pappa|farsan|mamma|morsan|bror|brorsa\w*|syster|syrra\w*|kusin|farbror|morbror|moster|faster|mormor|farfar|"
    r"sambo\w*|pojkvan\w*|flickvan\w*|kompis|bf|gf|boyfriend|girlfriend|husband|wife|friend|roommate|dad|mom|mum|brother|sister|uncle|aunt|cousin|father|mother|grandpa|grandma)(?:s \w+| (?:ar|is) \d\d (?:och|and))?(?: som| who)? "
    r"(?:ar|e|is|was|var|blev|jobbar som|jobbade som|works as|worked as)(?: an?| en| ett)? $"
)
"""What somebody of the family works as."""
SCHOOL_SUBJECT_BEFORE = re.compile(
    r"\b(?:[a-f]|f:?et|betyg\w*|godkant|underkant|failed|passed) (?:i|in) (?:\w+ (?:och|o|and) )?$"
)
SCHOOL_SUBJECT_AFTER = re.compile(
    r"^(?: (?:och|o|and) \w+)? (?:i|in|from|fran) (?:nian|attan|sjuan|9:?an|8:?an|(?:9|8|7|nin|eigh|seven)th|grundskolan|"
    r"hogstadiet|ar 9|arskurs|year (?:9|nine)|grade 9)\b"
)
""" "F i natur i nian": a subject of the compulsory school."""
THE_BEFORE = re.compile(r"\bthe $")
IS_AFTER = re.compile(r"^ (?:was|were|is|are|who|that|at)\b")
""" "The bus driver was rude": somebody."""
NOT_STUDY_AFTER = re.compile(
    r"^(?:'s)? (?:sa|said|says|tycker|sager|told|tells|thinks|ringde|called|nara mig|near me|har stangt|ar trasig|broke)\b"
)
"""Around the word: it is somebody or something at hand, not a programme."""

NAMES_A_PROGRAMME = re.compile(
    r"program|linje|linjen|utbildning|\w (?:och|o|a|and|&|n) \w|\w&\w|track\b|introduktion|alternativ|preparandar"
)
OR_BEFORE = re.compile(
    r"(?:\b(?:lasa|laser|laste|last|plugga|pluggar|studera|ga|gar|gick|inom|om|till|pa|med|program|programmet|linje|"
    r"linjen|study|studying|och|bli|byta|soka|sokt|intresserad av)|^)[ ,]*$"
)
"""Right before "el i" or "el på": the trade. Elsewhere "el" is short for "eller"."""
STRONG = re.compile(r"(?:programm?e?t?|linjen?|utbildning(?:en)?)$")

LETTERS_OF_IM = ("im", "imv", "ima", "imy", "ims", "imi")
IM = re.compile(r"\b(?:im|imv|ima|imy|ims|imi)\b")
IM_ASKED = re.compile(
    r"\b(?:is|on|the|about|to|for|does|an|or|vad ar|va ar|vad e|va e|pa|till|om|ga|gar|gick|gatt|heter|av|fran|kallas|called|mean(?:s|t)?) $"
)
IM_IS_I_AM = re.compile(
    r"^\s(?:<|\d|a\b(?! real)|an\b|so\b|not\b|in\b|at\b|just\b|really\b|from\b|fran\b|ifran\b|the\b|going\b|tired\b|"
    r"sorry\b|sad\b|still\b|like\b|too\b|very\b|kinda\b|only\b|living\b|new\b|done\b|[a-z]+ing\b|[a-z]+ed\b|"
    r"[a-z]+teen\b|twenty)"
)
