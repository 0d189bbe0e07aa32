"""Group types: figures that go together."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import UserError
from bot.rules.types import KINDS, OVERWRITES_MOST, STARTING, TypeRules, changed, checked
from bot.texts import catalogue
from bot.texts.prompts import of_kind

GOOD = TypeRules("Book circle")


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"name": "  "}, "types.name_empty"),
        ({"name": "x" * 41}, "types.name_too_long"),
        ({"cap": 9}, "types.cap_out_of_range"),
        ({"cap": 151}, "types.cap_out_of_range"),
        ({"minimum": 4}, "types.minimum_too_small"),
        ({"cap": 20, "minimum": 11}, "types.minimum_too_big"),
        ({"visit_days": 0}, "types.visit_days_out_of_range"),
        ({"most_visitors": 51}, "types.visitors_out_of_range"),
        ({"split_delay_days": 0}, "types.delay_out_of_range"),
        ({"access": "overwrites", "cap": 96, "most_visitors": 1}, "types.too_many_overwrites"),
        ({"newcomers_per_week": 51}, "types.pace_out_of_range"),
        ({"lasts_days": 13}, "types.lasts_out_of_range"),
    ],
)
def test_figures_that_do_not_go_together(change: dict[str, object], key: str) -> None:
    """Each is named in one line that says what would go."""
    with pytest.raises(UserError) as refused:
        checked(replace(GOOD, **change), safety_roles=2)  # pyright: ignore[reportArgumentType] - wrong on purpose
    assert refused.value.key == key
    assert len(catalogue()(key, **refused.value.params)) < 400


@pytest.mark.parametrize(
    "change", [{"entry": "closed"}, {"kind": "x" * 5000}, {"patience": "never"}]
)
def test_a_choice_that_no_menu_offers(change: dict[str, str]) -> None:
    """Nobody can send it, so it is an error of the code and no refusal."""
    with pytest.raises(ValueError, match="is none of"):
        checked(replace(GOOD, **change), safety_roles=2)  # pyright: ignore[reportArgumentType] - wrong on purpose


@given(
    st.builds(
        TypeRules,
        st.just("Any"),
        cap=st.integers(0, 200),
        minimum=st.integers(0, 100),
        most_visitors=st.integers(0, 60),
        access=st.sampled_from(["role", "overwrites"]),
    ),
    st.integers(0, 10),
)
def test_what_passes_can_split_and_be_repaired(rules: TypeRules, safety: int) -> None:
    """A full group can become two, and a room opened person by person stays within one call."""
    try:
        good = checked(rules, safety_roles=safety)
    except UserError:
        return
    assert 10 <= good.cap <= 150
    assert good.cap >= 2 * good.minimum >= 10
    if good.access == "overwrites":
        assert good.cap + good.most_visitors + safety + 2 <= OVERWRITES_MOST


def test_what_is_left_out_of_an_edit_stays() -> None:
    """None changes nothing, False does."""
    rules = replace(GOOD, listed=True)
    assert changed(rules, {"cap": None, "listed": False}) == replace(rules, listed=False)


def test_a_group_can_last_for_ever_again() -> None:
    """No days at all mean no last day."""
    ending = replace(GOOD, lasts_days=84)
    assert checked(changed(ending, {"lasts_days": 0}), safety_roles=0).lasts_days is None
    assert changed(ending, {"lasts_days": None}).lasts_days == 84


def test_each_of_the_kinds_has_a_template() -> None:
    """Two or three rituals each for the six kinds; a plain one for what owners make up."""
    assert [one.rules.kind for one in STARTING] == list(KINDS)
    for one in STARTING:
        assert len(one.rituals) >= (1 if one.rules.kind == "own" else 2), one.rules.kind
        assert checked(
            replace(one.rules, name="Named", newcomers_per_week=one.pace), safety_roles=10
        )


@pytest.mark.parametrize("starting", STARTING, ids=lambda s: s.rules.kind)
def test_every_starting_type_is_sound(starting: object) -> None:
    """What a server starts out with passes its own checks; setup tells which rituals it brings."""
    say = catalogue()
    kind = next(s for s in STARTING if s is starting)
    assert checked(replace(kind.rules, name="Named"), safety_roles=5)
    assert say(f"types.kind_{kind.rules.kind}")
    titles = [of_kind(ritual.kind).title for ritual in kind.rituals]
    assert f"*{', '.join(titles)}*" in catalogue().entries[f"setup.type_{kind.rules.kind}"]
