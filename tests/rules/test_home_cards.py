"""The card behind /home: it fits, whatever waits, and what is urgent stands first."""

from datetime import UTC, datetime

from bot.rules.home_cards import HomeCard, Invited, Note, Request, home_card, notes_only
from bot.rules.message import Button, Line
from bot.rules.place_names import Place

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
BUTTONS_MOST = 25  # of a message, by Discord


def note(name: str, *, urgent: bool = False, buttons: int = 1) -> Note:
    """Return a note with buttons of its own."""
    return Note(
        (Line(f"x.{name}"),), tuple(Button("x", f"{name}:{n}") for n in range(buttons)), urgent
    )


def test_whatever_waits_the_buttons_fit() -> None:
    """Thirty notes, visits and invitations: what is always there stays, each id once."""
    card = HomeCard(
        home=Place(1, "Riverside", "🌊", 501),
        state="here",
        visits=[Place(n, f"G{n}", "", 600 + n, NOON) for n in range(2, 5)],
        invitations=[Invited(n, f"I{n}", visits=True) for n in range(10, 15)],
        requests=[Request(n, f"R{n}", "join", NOON, refused=False) for n in range(20, 23)],
        notes=[note(f"n{n}") for n in range(30)],
        counted=True,
        draft=True,
        question_waits=True,
    )
    said = home_card(card, 7)
    assert len(said.buttons) == BUTTONS_MOST
    presses = [button.press for button in said.buttons]
    assert len(set(presses)) == BUTTONS_MOST
    for always in ("away-open", "wishes-open", "charter:1", "living-who:1:0", "privacy-show"):
        assert always in presses
    assert presses[-1] == "help-open"


def test_what_is_urgent_stands_first() -> None:
    """Its lines above the home, its buttons before all others; the rest stands below."""
    card = HomeCard(
        home=Place(1, "Riverside", "🌊", 501),
        state="here",
        notes=[note("later"), note("now", urgent=True)],
    )
    said = home_card(card, 7)
    keys = [line.key for line in said.lines]
    assert keys[0] == "x.now"
    assert keys.index("x.now") < keys.index("home.card_home") < keys.index("x.later")
    assert said.buttons[0].press == "now:0"


def test_who_lives_nowhere_is_shown_no_room(now: datetime) -> None:
    """Find a home comes first; while a seat is only kept, who lives there is not shown."""
    bare = home_card(HomeCard(), 7)
    assert bare.buttons[0].press == "find-open"
    assert not [b for b in bare.buttons if b.press.startswith(("charter", "living"))]
    kept = home_card(HomeCard(home=Place(1, "Riverside", until=now), state="kept"), 7)
    assert "charter:1" in [button.press for button in kept.buttons]
    assert not [b for b in kept.buttons if b.press.startswith("living")]


def test_notes_alone_fit_too() -> None:
    """While setup is half done, the card is nothing but its notes."""
    said = notes_only([note("a", buttons=20), note("b", buttons=20)])
    assert [line.key for line in said.lines] == ["x.a", "x.b"]
    assert len(said.buttons) <= BUTTONS_MOST
