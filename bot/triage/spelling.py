"""How young people spell: tables for `normalisation`, all in lower case and without accents.

Entries are written as they are typed and as the word patterns and the encoder should read them.
"""

from __future__ import annotations

# Whole words. Apostrophes are dropped before this table is read, so "i'm" and "im" are one entry.
WORDS: dict[str, str] = {
    # contractions
    "im": "i am", "ive": "i have", "hes": "he is", "shes": "she is", "theyre": "they are", "theyve": "they have",
    "youre": "you are", "youve": "you have", "weve": "we have", "itll": "it will", "theyll": "they will", "youll": "you will",
    "thats": "that is", "whats": "what is", "theres": "there is", "heres": "here is", "wheres": "where is", "whos": "who is",
    "its": "it is", "dont": "do not", "doesnt": "does not", "didnt": "did not", "cant": "can not", "cannot": "can not",
    "couldnt": "could not", "wont": "will not", "wouldnt": "would not", "shouldnt": "should not", "isnt": "is not",
    "arent": "are not", "wasnt": "was not", "werent": "were not", "havent": "have not", "hasnt": "has not", "hadnt": "had not",
    "aint": "is not", "lets": "let us", "everyones": "everyone is", "someones": "someone is", "somebodys": "somebody is",
    "nobodys": "nobody is", "howd": "how did", "theyd": "they would", "shouldve": "should have", "wouldve": "would have",
    "couldve": "could have", "dnt": "do not", "dunno": "do not know", "cnt": "can not", "wnt": "want",
    # text-speak
    "u": "you", "ur": "your", "urself": "yourself", "r": "are", "n": "and", "nd": "and", "da": "the", "dis": "this", "dat": "that",
    "wanna": "want to", "wana": "want to", "gonna": "going to", "gunna": "going to", "gona": "going to", "gna": "going to",
    "gon": "going to", "finna": "going to", "boutta": "about to", "bouta": "about to", "tryna": "trying to", "gotta": "have to",
    "hafta": "have to", "imma": "i am going to", "ima": "i am going to", "iwanna": "i want to", "lemme": "let me", "gimme": "give me",
    "2nite": "tonight", "2night": "tonight", "tonite": "tonight", "tn": "tonight", "2day": "today", "2moro": "tomorrow",
    "2morrow": "tomorrow", "tmrw": "tomorrow", "tmr": "tomorrow", "tmw": "tomorrow", "tomoz": "tomorrow", "tomoro": "tomorrow",
    "tomorow": "tomorrow", "tommorow": "tomorrow", "tommorrow": "tomorrow", "rn": "right now", "atm": "at the moment",
    "bf": "boyfriend", "gf": "girlfriend", "bff": "best friend", "bestie": "best friend",
    "pls": "please", "plz": "please", "plss": "please", "plzz": "please", "thx": "thanks", "ty": "thank you", "tysm": "thank you so much",
    "bc": "because", "cuz": "because", "coz": "because", "cos": "because", "becuz": "because", "bcuz": "because", "b4": "before",
    "smb": "somebody", "sb": "somebody", "sum1": "someone", "some1": "someone", "any1": "anyone", "every1": "everyone", "no1": "no one",
    "abt": "about", "ppl": "people", "msg": "message", "msgs": "messages", "msging": "messaging", "pic": "picture", "pics": "pictures",
    "pix": "pictures", "pikz": "pictures", "vid": "video", "vids": "videos", "nudez": "nudes", "noods": "nudes", "newds": "nudes",
    "noodz": "nudes", "idk": "i do not know", "iono": "i do not know", "idek": "i do not even know", "idc": "i do not care",
    "smth": "something", "sth": "something", "smthn": "something", "sumthin": "something", "sumthing": "something", "nun": "nothing",
    "nuthin": "nothing", "nothin": "nothing", "wit": "with", "w": "with", "wiv": "with", "wif": "with", "dem": "them", "em": "them",
    "luv": "love", "hav": "have", "hv": "have", "kno": "know", "rly": "really", "rlly": "really", "srsly": "seriously",
    "fr": "for real", "prob": "probably", "probs": "probably", "prolly": "probably", "def": "definitely", "ngl": "honestly",
    "tbh": "honestly", "ik": "i know", "ig": "instagram", "insta": "instagram", "snap": "snapchat", "sc": "snapchat", "irl": "in real life",
    "dm": "message", "dms": "messages", "ily": "i love you", "ilysm": "i love you so much", "yr": "year", "yrs": "years",
    "mth": "month", "mths": "months", "wk": "week", "wks": "weeks", "hr": "hour", "hrs": "hours", "min": "minutes", "mins": "minutes",
    "4ever": "forever", "gr8": "great", "m8": "mate", "l8r": "later", "pw": "password", "acc": "account", "addy": "address",
    "mum": "mum", "mom": "mum", "mama": "mum", "mommy": "mum", "mummy": "mum", "mam": "mum", "momma": "mum", "moms": "mum", "dads": "dad", "mums": "mum", "daddy": "dad", "papa": "dad", "stepdads": "stepdad",
    "nan": "grandma", "gran": "grandma", "granny": "grandma", "grandpa": "grandad",
    "bday": "birthday", "skool": "school", "2gether": "together", "wen": "when", "wher": "where", "wat": "what", "wut": "what", "wot": "what",
    "y": "why", "k": "ok", "kk": "ok", "abit": "a bit", "alot": "a lot", "incase": "in case", "infront": "in front",
    "fukin": "fucking", "fkn": "fucking", "fking": "fucking", "fkin": "fucking", "tf": "the fuck", "wtf": "what the fuck",
    # misspellings that carry risk
    "sucide": "suicide", "suiside": "suicide", "suicde": "suicide", "suacide": "suicide", "sucidal": "suicidal", "suisidal": "suicidal",
    "suicidle": "suicidal", "suicidial": "suicidal", "sewerslide": "suicide", "sewercide": "suicide", "sueycide": "suicide",
    "sewerslidal": "suicidal", "sewersidal": "suicidal", "sewacide": "suicide", "unalive": "kill", "unaliving": "killing",
    "unalived": "killed", "kms": "kill myself", "kmsing": "killing myself", "kys": "kill yourself", "ctb": "kill myself",
    "kil": "kill", "killin": "killing", "kiling": "killing", "dieing": "dying", "cuting": "cutting", "cvtting": "cutting",
    "cvt": "cut", "cuttin": "cutting", "kuttin": "cutting", "kutting": "cutting", "selfharm": "self harm", "selfharming": "self harming",
    "selfharmed": "self harmed", "selfh": "self harm", "shing": "self harming", "sh'ing": "self harming",
    "graped": "raped", "gr@ped": "raped", "grapist": "rapist", "r4pe": "rape", "raiped": "raped", "moleste": "molested",
    "saed": "sexually assaulted", "assulted": "assaulted", "asaulted": "assaulted", "abusd": "abused", "abusin": "abusing",
    "blackmale": "blackmail", "blackmaling": "blackmailing", "blakmail": "blackmail", "blackmailin": "blackmailing",
    "overdosed": "overdosed", "overdoze": "overdose", "od'd": "overdosed", "oded": "overdosed", "oding": "overdosing",
    "anorexik": "anorexic", "nekid": "naked", "nakey": "naked", "neked": "naked",
    "forcd": "forced", "forsed": "forced", "forceing": "forcing", "treatening": "threatening", "threatning": "threatening",
    "threatend": "threatened", "hurtin": "hurting", "hitin": "hitting", "hittin": "hitting", "beatin": "beating",
    "runnin": "running", "comin": "coming", "meetin": "meeting", "goin": "going", "livin": "living", "sayin": "saying",
    "sendin": "sending", "askin": "asking", "tellin": "telling", "makin": "making", "touchin": "touching", "bleedin": "bleeding",
    "strangeled": "strangled", "expozed": "exposed", "expoze": "expose",
}

# Phrases, as regular expressions over the text after `WORDS`; each needs its neighbours to mean what it says here.
PHRASES: tuple[tuple[str, str], ...] = (
    (r"\bsewer slide\b", "suicide"),
    (r"\bself ?- ?harm", "self harm"),
    (r"\bi'll\b", "i will"),
    (r"\bill (?=(?:just |probably |never |finally |maybe )?(?:kill|do|be|send|die|end|jump|take|hurt|meet|go|run|cut|leave|see|have|stab|make|show|tell)\b)", "i will "),
    (r"\bhell (?=(?:just |probably |never )?(?:send|post|leak|tell|kill|hurt|come|share|show|put|do|be|find|beat|ruin|get|know|hit|upload)\b)", "he will "),
    (r"\bshell (?=(?:just |probably |never )?(?:send|post|leak|tell|kill|hurt|come|share|show|put|do|be|find|beat|ruin|get|hit|upload)\b)", "she will "),
    (r"\bgrape(?= me\b)", "rape"),
    (r"\b(got|was|been|being) (?:sa'd|s a|sa)(?= (?:by|when|at|last|and|again)\b)", r"\1 sexually assaulted"),
    (r"\b(?:sa'd|sa) me\b", "sexually assaulted me"),
    (r"\bsa'd\b", "sexually assaulted"),
    (r"\b(i|to|and|started|still|been|relapsed|urge to|urges to|stop) sh\b(?!!)", r"\1 self harm"),
    (r"\bsh (?=(?:again|relapse|urges?|tonight|today|clean|for)\b)", "self harm "),
    (r"\bhow r\b", "how are"),
    (r"\bto die 4\b", "to die for"),
    (r"\b(\d\d?) ?(?:yo|y ?/ ?o|yrs? old)\b", r"\1 years old"),
    (r"\b(want|going|need|have|trying|wanted|used|talk|speak|go|how) 2\b", r"\1 to"),
    (r"\bcommit(?:ted|ting)? sui\b", "commit suicide"),
    (r"\bmy self\b", "myself"),
    (r"\bto +(night|day|morrow)\b", r"to\1"),
    (r"\bparrents?\b", "parents"),
)

# Words that dodge filters by digits, signs, stars, dots or spaces: only what turns into one of these is changed.
HIDDEN: frozenset[str] = frozenset(
    "suicide suicidal kill killed killing killer die died dying dead death myself yourself himself herself harm cut cutting cuts blade hurt hurting "
    "rape raped rapist raping nude nudes naked sex sexual sexually porn abuse abused abuser assault assaulted molest molested "
    "blackmail blackmailed blackmailing threat threatening selfharm anorexia anorexic bulimia overdose pills knife gun help "
    "drug drugs drugged trafficked trafficking prostitute unalive bleeding blood scared hate unsafe police stab".split()
)

# What words run together may be made of: "iwanttodie", "killmyself".
GLUED: frozenset[str] = (
    HIDDEN
    | frozenset(
        "i a im my me to so it is he she him her they we you u want wanna wants gonna going not dont cant be here anymore end my life "
        "self help please pls just need someone hate live alive living this no the and of in on off for up do stop have with who am are "
        "alone tired everything nobody cares love like feel feeling over all".split()
    )
) - frozenset({"selfharm"})

# Signs for letters inside words.
LEET: dict[str, str] = {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b", "@": "a", "$": "s", "!": "i", "|": "l", "€": "e", "+": "t"}

# Letters of other scripts that look Latin; read so only inside words that have Latin letters too.
LOOKALIKES: dict[str, str] = dict(
    zip(
        "абвгдеіїјкмнорԛѕтуԝхһɡɩοανικρτυχᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢı",
        "abbgdeiijkmhopqstywxhgioavikptuxabcdefghijklmnoprstuvwyzi",
        strict=True,
    )
)

# What an emoji says in a crisis chat; all others are read by their Unicode names.
EMOJI: dict[str, str] = {
    "💀": "skull", "☠": "skull", "😂": "lol", "🤣": "lol", "😆": "lol", "😹": "lol", "😭": "crying", "😢": "crying", "🥺": "pleading",
    "🔪": "knife", "🗡": "knife", "🔫": "gun", "🩸": "blood", "💊": "pills", "🪒": "blade", "⚰": "coffin", "🪦": "grave", "🆘": "sos help",
    "💔": "broken heart", "😰": "anxious", "😨": "scared", "😱": "scared", "😔": "sad", "😞": "sad", "🥲": "sad smile", "🙏": "please",
    "👍": "yes", "👎": "no", "👌": "ok", "✅": "yes", "❌": "no", "🍆": "sex", "🍑": "bum", "🤢": "sick", "🤮": "vomit", "❤": "love",
    "🚪": "door", "🎮": "game", "🤐": "secret", "🤫": "secret", "🔒": "locked", "🏳": "white flag", "🚑": "ambulance", "🚨": "alarm", "✈": "plane",
}
