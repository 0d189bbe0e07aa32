"""What somebody who means harm might type, and how to tell that it did what they meant.

Every text carries a mark of its own (Q and a word). `alive` looks for marks whose surroundings
Discord would read as markup, for mentions of those who have no part in anything, and for characters
that cannot be seen or turn the direction of writing.
"""

import re
import unicodedata
from dataclasses import dataclass

STRANGE_TIME = 86461
TYPED_ESCAPES = "\\*Qesc\\* \\"
ZALGO = "\u0300\u0301\u0302\u0303\u0304\u0305\u0306\u0307\u0308\u0309"
MOST_AT_ONCE = 190
FEW = ("lines at once", "more lines at once", "flood of stars", "control")
FAR = "evil.example"


@dataclass(frozen=True, slots=True)
class Bystanders:
    """Whom nobody has a reason to ping, and where nobody has a reason to send anyone."""

    person: int
    role: int
    room: int


def short(who: Bystanders) -> dict[str, str]:
    """Return texts by what they try; each is short enough for a name."""
    return {
        "everyone": "Qa @everyone @here",
        "person": f"Qa <@{who.person}>",
        "role": f"Qa <@&{who.role}>",
        "room": f"Qa <#{who.room}>",
        "time": f"Qa <t:{STRANGE_TIME}:R>",
        "command": f"</ban:{who.person}> <id:guide>",
        "link": f"[Qlink](https://{FAR}/x)",
        "address": f"Qa https://{FAR}",
        "invite": "Qa discord.gg/Qevil",
        "other invite": "discord.com/invite/Qevil",
        "bold": "**Qbold** __Qunder__",
        "slanted": "*Qslant* _Qlow_ ~~Qgone~~",
        "spoiler": "||Qspoil||",
        "code": "`Qcode` ```Qfence",
        "heading": "# Qhead",
        "subtext": "-# Qsub",
        "quote": ">>> Qquote",
        "list": "- Qlist",
        "numbers": "1. Qnum",
        "escape": TYPED_ESCAPES,
        "emoji": "<:Qemoji:123456789012345678>",
        "direction": "Qa \u202egnp.exe\u2066x\u200f",
        "zalgo": f"Qz{ZALGO}{ZALGO}q",
        "unseen": "Q\u200ba\u2060\ufeff\u00ad",
        "sql": "Qa\"'); DROP TABLE server;--",
        "places": "Qa {group} {0!r} %s %(x)s",
        "only emoji": "👨\u200d👩\u200d👧🏳️\u200d🌈",
        "control": "Q\x00a\x07\x1b[31mb",
        "lines": "Qa\n\n\n\n\n\nQb",
        "empty": "",
        "blank": "   ",
        "blank letter": "\u3164\u2800",
        "digits": "٣۴𝟓²",
        "minus": "-1",
        "huge": "9" * 30,
    }


def chunks(who: Bystanders) -> dict[str, str]:
    """Return texts for fields that take more than a name: several at once, and floods."""
    found: dict[str, str] = {}
    rows: list[str] = []
    for text in (*short(who).values(), ""):
        if not text.strip() and text:
            continue
        if rows and (not text or len("\n".join((*rows, text))) > MOST_AT_ONCE):
            found[f"lines {len(found)}"] = "\n".join(rows)
            rows = []
        rows.append(text)
    floods = packed(who)
    return found | {name: text for name, text in floods.items() if "lines at once" not in name}


def few(who: Bystanders) -> dict[str, str]:
    """Return the texts that hold the most, for what takes many steps to come to."""
    texts = packed(who)
    return {name: texts[name] for name in FEW}


def packed(who: Bystanders) -> dict[str, str]:
    """Return longer texts for fields that take them: much at once, and as much as there may be."""
    every = [text for text in short(who).values() if text.strip()]
    half = len(every) // 2
    return {
        "lines at once": "\n".join(every[:half]),
        "more lines at once": "\n".join(every[half:]),
        "words at once": " ".join(every),
        "flood of lines": "Qa" + "\n" * 400 + "# Qhead",
        "flood of stars": "Qa" + "*" * 3998,
        "flood of marks": "Qa" + ZALGO * 399,
        "flood of pings": f"<@!{who.person}>" * 160 + "@everyone" * 100,
        "one long word": "Qa" + "x" * 3998,
        "empty": "",
        "blank": "  \n ",
        "blank letter": "\u3164\u2800",
        "only emoji": "🌊🔥",
        "control": "Q\x00a\x07\x1b[31mb",
    }


MARKED = (
    ("a link", r"(?<!\\)\[Qlink"),
    ("an address", rf"://{re.escape(FAR)}"),
    ("an invite", r"discord\.(?:gg|com/invite)/Qevil"),
    ("bold or under", r"(?<!\\)[*_]Q(?:bold|under)"),
    ("slanted", r"(?<!\\)[*_~]Q(?:slant|low|gone)"),
    ("a spoiler", r"(?<!\\)\|Qspoil"),
    ("code", r"(?<!\\)`Q(?:code|fence)"),
    ("a heading", r"(?m)^\s*#+\s+Qhead"),
    ("small print", r"(?m)^\s*-#\s+Qsub"),
    ("a quote", r"(?m)^\s*>+\s+Qquote"),
    ("a list", r"(?m)^\s*[-*]\s+Qlist"),
    ("a numbered list", r"(?m)^\s*\d+[.)]\s+Qnum"),
    ("an escape of ours taken away", r"(?<!\\)\*Qesc|(?<!\\)(?:\\\\)*\\Qesc"),
    ("an emoji", r"(?<!\\)<a?:Qemoji"),
    ("a guide", r"(?<!\\)<id:"),
    ("everybody", r"(?:Qa |>|@everyone ?)@(?:everyone|here)"),
    ("more than two blank lines", r"\n\n\n\n"),
)
UNSEEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f\u00ad\u061c\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\u2800\ufeff]"
)
MOST_MARKS = 4


def unseen(text: str) -> list[str]:
    """Return what of a text cannot be seen, turns it around, or stands over other lines."""
    found = [f"U+{ord(char):04X}" for char in UNSEEN.findall(text)]
    marks = 0
    for char in text:
        marks = marks + 1 if unicodedata.category(char) in {"Mn", "Me"} else 0
        if marks > MOST_MARKS and char != "\ufe0f":
            return [*found, "a tower of accents"]
    return found


def alive(text: str, who: Bystanders) -> list[str]:
    """Return what Discord would make of a message's text that its writer had no right to."""
    found = [what for what, pattern in MARKED if re.search(pattern, text)]
    mentions = {
        "a person": rf"(?<!\\)<@!?{who.person}>",
        "a role": rf"(?<!\\)<@&{who.role}>",
        "a room": rf"(?<!\\)<#{who.room}>",
        "a moment": rf"(?<!\\)<t:{STRANGE_TIME}",
        "a command": rf"(?<!\\)</ban:{who.person}",
    }
    found += [what for what, pattern in mentions.items() if re.search(pattern, text)]
    return found + unseen(text)


def unfit(label: str) -> list[str]:
    """Return what is wrong with a label, which Discord shows as it is: escapes would be read."""
    found = unseen(label)
    label = label.replace(TYPED_ESCAPES, "")
    if re.search(r"\\[*_~`|<>\[\]()#@\\]", label):
        found.append("an escape that is read")
    if "\u200b" in label:
        found.append("a break that is not seen")
    return found + (["a line break"] if "\n" in label else [])
