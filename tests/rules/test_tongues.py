"""The language of a group, however it is named."""

import pytest

from bot.errors import UserError
from bot.rules.tongues import TONGUES, shown, tongue


@pytest.mark.parametrize("typed", ["de", "German", "deutsch", " DEUTSCH "])
def test_a_language_is_known_by_each_of_its_names(typed: str) -> None:
    """By its code, in English, and as its speakers call it."""
    assert tongue(typed) == "de"


def test_every_language_reads_itself() -> None:
    """No name stands for two languages."""
    for code, names in TONGUES.items():
        assert [tongue(name) for name in (code, *names)] == [code] * 3
        assert shown(code) == names[1]


def test_a_near_miss_is_offered() -> None:
    """One line that says what was meant; nonsense gets an example."""
    with pytest.raises(UserError) as near:
        tongue("Germn")
    assert near.value.key == "groups.language_near"
    assert "German" in near.value.params["names"]
    with pytest.raises(UserError) as far:
        tongue("zzzzqqq")
    assert far.value.key == "groups.language_unknown"


def test_a_code_that_is_not_known_is_shown_as_it_is() -> None:
    """A row from elsewhere reads all the same."""
    assert shown("tlh") == "tlh"
