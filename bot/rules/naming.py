"""Names: when two are the same, how they look as a room, how they stand in a message.

What people type is shown to others, so it passes through here twice: `clean` when it is stored
(invisible and direction-changing characters go, blanks are collapsed), `safe` when it is put into a
message (markdown and mentions lose their power).
"""

import difflib
import re
import unicodedata
from collections.abc import Sequence

KEY_LENGTH = 80
ROOM_NAME_LENGTH = 100  # Discord: a channel's name has 1 to 100 characters
MARKS_IN_A_ROW = 4  # enough for every living script; more is a tower of accents

JOINER = "\u200d"  # holds the parts of one emoji together
PICTURE = "\ufe0f"  # asks for the coloured picture of a sign
KEPT_FORMATS = frozenset((JOINER, PICTURE))
# Letters and signs that are drawn as nothing: a name of them would look like none.
BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")
NEVER_DRAWN = frozenset("\u034f\u17b4\u17b5\u180b\u180c\u180d\u180f")
SPECIAL = re.compile(r"([\\*_~`|\[\]()<>])")
LINE_START = re.compile(r"^(\s*)(?:([#\-+])|(\d+)\.)", re.MULTILINE)
# With a port or a last dot, too: browsers, which clients leave links to, take these all the same.
INVITE = re.compile(
    r"(discord(?:app)?\.)(?=(?:gg\.?(?::\d*)?|com\.?(?::\d*)?/+invite)/)", re.IGNORECASE
)
MENTION = re.compile(r"@(?=everyone|here|[&!]?\d)", re.IGNORECASE)
CUSTOM_EMOJI = re.compile(r"<a?:\w{2,32}:\d{15,20}>")
NEAR_ENOUGH = 0.6
VARIANTS = re.compile("[\ufe00-\ufe0e\U000e0100-\U000e01ef]")  # other drawings of a letter
BESIDE_LETTERS = re.compile(
    rf"(?<![^\w\s]){JOINER}|{JOINER}(?![^\w\s])|(?<![^\w\s]){PICTURE}(?!\u20e3)"
)


def clean(text: str, *, lines: bool = False) -> str:
    """Return `text` without what cannot be seen; with `lines` its line breaks stay.

    Control characters, zero-width characters and those that turn the direction of writing go, and
    so do accents piled higher than any script needs. A joiner stays where it holds an emoji
    together.
    """
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    kept: list[str] = []
    marks = 0
    for char in unicodedata.normalize("NFC", text.replace("\r\n", "\n")):
        category = unicodedata.category(char)
        if char == "\n" and lines:
            kept.append(char)
        elif char.isspace() or char in BLANK:
            kept.append(" ")
        elif (
            char in NEVER_DRAWN
            or VARIANTS.match(char)
            or (category in {"Cc", "Cf", "Cs", "Co", "Cn"} and char not in KEPT_FORMATS)
        ):
            continue
        elif category in {"Mn", "Me"} and char not in KEPT_FORMATS:
            marks += 1
            if marks <= MARKS_IN_A_ROW:
                kept.append(char)
            continue
        else:
            kept.append(char)
        marks = 0
    shown = "".join(kept)
    # Beside letters these are a way to make two names look the same.
    before = ""
    while before != shown:
        before, shown = shown, unicodedata.normalize("NFC", BESIDE_LETTERS.sub("", shown))
    if not lines:
        return " ".join(shown.split())
    rows = [" ".join(row.split()) for row in shown.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(rows)).strip()


def key(name: str) -> str:
    """Return what two names have in common when people would take them for the same one."""
    plain = unicodedata.normalize("NFKC", clean(name)).casefold()
    return " ".join(unicodedata.normalize("NFKC", plain).split())[:KEY_LENGTH]


def in_order(name: str) -> list[tuple[int, int, str]]:
    """Return what sorts names as people do: Circle 2 before Circle 10."""
    parts = re.findall(r"[0-9]+|[^0-9]+", key(name))
    return [(0, int(part), "") if part[0] in "0123456789" else (1, 0, part) for part in parts]


def room_name(emoji: str, name: str) -> str:
    """Return a name that Discord accepts for a text channel, as it would look there."""
    words = re.findall(r"[\w']+", key(name).replace("'", "").replace("_", " "))
    sign = "" if CUSTOM_EMOJI.fullmatch(emoji) or not emoji.strip() else f"{emoji.strip()}-"
    return (sign + ("-".join(words) or "room"))[:ROOM_NAME_LENGTH].rstrip("-")


def safe(text: str) -> str:
    """Return `text` so that a message shows it as it was typed: no markdown, no mention, no link.

    What cannot be seen goes here, too: not everything that is shown was stored. Characters that
    Discord takes no backslash before (letters, digits) are parted by one that has no width.
    """
    shown = text if text.isascii() and text.isprintable() else clean(text, lines=True)
    shown = SPECIAL.sub(r"\\\1", shown)
    shown = LINE_START.sub(_at_line_start, shown)
    shown = INVITE.sub("\\1\u200b", shown.replace("://", ":\u200b//"))
    return MENTION.sub("@\u200b", shown)


def _at_line_start(found: re.Match[str]) -> str:
    """Return a heading's, a list's or a numbered list's beginning as it was typed."""
    blanks, sign, number = found.groups()
    return f"{blanks}\\{sign}" if sign else f"{blanks}{number}\\."


def near(wanted: str, names: Sequence[str], most: int = 3) -> list[str]:
    """Return the names that someone who typed `wanted` may have meant, the likeliest first."""
    by_key: dict[str, str] = {}
    for name in names:
        by_key.setdefault(key(name), name)
    typed = key(wanted)
    if not typed:
        return []
    begins = [found for found in by_key if found.startswith(typed) or typed.startswith(found)]
    within = [found for found in by_key if typed in found]
    alike = difflib.get_close_matches(typed, list(by_key), n=most, cutoff=NEAR_ENOUGH)
    ordered = dict.fromkeys([*sorted(begins, key=len), *sorted(within, key=len), *alike])
    return [by_key[found] for found in ordered][:most]


spare_names: tuple[tuple[str, str], ...] = (
    ("🌊", "Millpond"),
    ("🌿", "Fernhollow"),
    ("🪵", "Driftwood"),
    ("🌾", "Barley Row"),
    ("🕯️", "Candlewick"),
    ("🍎", "Orchard Gate"),
    ("🌙", "Moonrise"),
    ("⛰️", "Stonebrook"),
    ("🐝", "Beeline"),
    ("🌲", "Pinewatch"),
    ("🦉", "Owl Lantern"),
    ("🍄", "Mossy Step"),
    ("🌻", "Sunfield"),
    ("🛶", "Quiet Oar"),
    ("🏮", "Lantern Yard"),
    ("🪺", "Nestwood"),
    ("🍂", "Amberleaf"),
    ("🐚", "Shell Cove"),
    ("🔔", "Bellmere"),
    ("🪁", "Kite Hill"),
    ("🫖", "Kettleside"),
    ("🌉", "Footbridge"),
    ("🦊", "Foxglove"),
    ("🧭", "Northdoor"),
    ("🌧️", "Rainporch"),
    ("🪴", "Windowsill"),
    ("🦔", "Hedgerow"),
    ("🍵", "Slow Cup"),
    ("🐟", "Trout Run"),
    ("🌼", "Daisy Bank"),
    ("🏡", "Long Table"),
    ("🧶", "Woolen Mill"),
    ("🌅", "Early Quay"),
    ("🦢", "Swanmere"),
    ("🥾", "Waymark"),
    ("🪨", "Cairn"),
    ("🐿️", "Acorn Court"),
    ("🍯", "Honeycomb"),
    ("🌬️", "Windward"),
    ("⚓", "Old Anchor"),
    ("🎐", "Chimes"),
    ("🌷", "Tulip Lane"),
    ("🧺", "Market Basket"),
    ("🦆", "Reedbed"),
    ("🔭", "Starwatch"),
    ("🛖", "Roundhouse"),
    ("🌰", "Chestnut Walk"),
    ("🪶", "Featherfall"),
    ("🍇", "Vine Terrace"),
    ("🌫️", "Morning Mist"),
    ("🐎", "Paddock"),
    ("🎣", "Jetty"),
    ("🌱", "Seedbed"),
    ("🥖", "Warm Loaf"),
    ("🦋", "Meadow Wing"),
    ("🌳", "Elm Circle"),
    ("🚲", "Towpath"),
    ("🍁", "Maple Turn"),
    ("🐌", "Snail Pace"),
    ("🪟", "Lit Window"),
    ("🌸", "Blossom End"),
    ("🦭", "Seal Rock"),
    ("🧱", "Brickyard"),
    ("🎋", "Reed Whistle"),
    ("🏞️", "Ford Crossing"),
    ("🐦", "Wrenfield"),
    ("🍋", "Lemon House"),
    ("🌠", "Evening Star"),
    ("🪜", "Garden Ladder"),
    ("🐢", "Easy Harbour"),
    ("🌵", "Dry Creek"),
    ("🎈", "Fairground"),
)
