"""A ritual's prompts as a plain text file: one per line, as a person writes it in any editor."""

import re
from collections.abc import Sequence

from bot.errors import UserError
from bot.rules.naming import clean, safe
from bot.rules.ritual_forms import PROMPT_MOST, PROMPTS_MOST

KILOBYTES_MOST = 128  # as many prompts as fit, in the longest letters there are, and words beside
BYTES_MOST = KILOBYTES_MOST * 1024
LEFT_OUT = "#"
START_SHOWN = 40
LINE_ENDS = re.compile(r"\r\n|\r|\n")


def laid_out(head: str, prompts: Sequence[str]) -> bytes:
    """Return the prompts as a file that begins with a line about itself, `head`.

    A prompt that begins as such a line would is moved in by a blank, which reading takes off.
    """
    lines = [f" {prompt}" if prompt.startswith(LEFT_OUT) else prompt for prompt in prompts]
    return "\n".join((head, *lines, "")).encode()


def read(content: bytes) -> tuple[str, ...]:
    """Return the prompts of a file, each once; UserError says which line does not fit.

    Lines are counted as editors count them. Text is UTF-8, or UTF-16 with its mark, as some
    editors save it.
    """
    prompts: dict[str, None] = {}
    for number, line in enumerate(LINE_ENDS.split(_text(content)), start=1):
        prompt = clean(line)
        if not prompt or line.startswith(LEFT_OUT):
            continue
        if len(prompt) > PROMPT_MOST:
            raise UserError(
                "ritual_kinds.file_line_long",
                line=number,
                start=safe(prompt[:START_SHOWN]),
                n=len(prompt),
                most=PROMPT_MOST,
            )
        if prompt not in prompts and len(prompts) == PROMPTS_MOST:
            raise UserError("ritual_kinds.file_line_many", line=number, most=PROMPTS_MOST)
        prompts[prompt] = None
    if not prompts:
        raise UserError("ritual_kinds.file_empty")
    return tuple(prompts)


def _text(content: bytes) -> str:
    if len(content) > BYTES_MOST:
        raise UserError("ritual_kinds.file_big", most=KILOBYTES_MOST)
    marked = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        text = content.decode("utf-16" if marked else "utf-8-sig")
    except UnicodeDecodeError:
        raise UserError("ritual_kinds.file_no_text") from None
    if "\0" in text:  # no text has it, whatever it was saved with
        raise UserError("ritual_kinds.file_no_text")
    return text
