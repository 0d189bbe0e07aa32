"""A ritual's prompts as a plain text file: what goes out comes back, whatever the editor."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import UserError
from bot.rules.naming import clean
from bot.rules.ritual_files import BYTES_MOST, laid_out, read
from bot.rules.ritual_forms import PROMPT_MOST, PROMPTS_MOST
from bot.texts import catalogue

PROMPTS = st.lists(
    st.text(max_size=60).map(clean).filter(bool), min_size=1, max_size=PROMPTS_MOST, unique=True
)


@given(PROMPTS, st.sampled_from(["\n", "\r\n", "\r"]), st.sampled_from(["utf-8", "utf-8-sig"]))
def test_what_goes_out_comes_back(prompts: list[str], end: str, encoding: str) -> None:
    """With any editor's line ends and marks; the line about the file is none of the prompts."""
    text = laid_out("# Paths: one prompt per line.", prompts).decode()
    assert read(text.replace("\n", end).encode(encoding)) == tuple(prompts)
    assert read(text.encode("utf-16")) == tuple(prompts)


@given(st.binary(max_size=300))
def test_no_bytes_break_it(content: bytes) -> None:
    """They are prompts, or there is a text that says why not."""
    prompts, told = ("",), ""
    try:
        prompts = read(content)
    except UserError as error:
        told = catalogue()(error.key, **error.params)
    assert told or all(prompt and prompt == clean(prompt) for prompt in prompts)


@pytest.mark.parametrize(
    ("content", "why", "line"),
    [
        (b"A?\n\nB?\n" + b"x" * (PROMPT_MOST + 1), "file_line_long", 4),
        ("\n".join(f"{n}?" for n in range(PROMPTS_MOST + 1)).encode(), "file_line_many", 61),
        (b"", "file_empty", None),
        (b"# A?\n#B?\n \n", "file_empty", None),
        (b"x" * (BYTES_MOST + 1), "file_big", None),
        ("Grüße?".encode("latin-1"), "file_no_text", None),
        (b"A\0B", "file_no_text", None),
    ],
)
def test_what_does_not_fit_is_named_with_its_line(
    content: bytes, why: str, line: int | None
) -> None:
    """Lines are counted as an editor counts them, empty ones and remarks too."""
    with pytest.raises(UserError) as refused:
        read(content)
    assert refused.value.key == f"ritual_kinds.{why}"
    assert refused.value.params.get("line") == line


def test_a_prompt_that_stands_twice_is_one() -> None:
    """And does not count as too many."""
    many = "\n".join(f"{n}?" for n in range(PROMPTS_MOST))
    assert len(read(f"{many}\n1?\n  2?\n".encode())) == PROMPTS_MOST


def test_as_much_as_fits_in_the_longest_letters_is_not_too_large() -> None:
    """A file that Hearth gave out is one that it takes."""
    prompts = [f"{number:02}" + "𝛀" * (PROMPT_MOST - 2) for number in range(PROMPTS_MOST)]
    assert len(read(laid_out("# Title", prompts))) == PROMPTS_MOST
