"""What a question of Discord's own welcome would become here."""

from bot.rules.question_forms import Owned
from bot.rules.taking_over import Option, Prompt, new, offer


def prompt(*options: tuple[str, set[int]], text: str = "Tea?", several: bool = False) -> Prompt:
    """Return a prompt with these answers and the roles that they give."""
    found = tuple(Option(label, frozenset(roles)) for label, roles in options)
    return Prompt(7, text, found, several)


def test_a_role_tells_the_answer_that_alone_gives_it() -> None:
    """What every answer gives says nothing, and a group's key is no answer."""
    made = offer(prompt(("Green", {1, 9}), ("Black", {2, 9}), ("Milk", {3})), not_for={3})
    assert made is not None
    assert made.typed.labels == ("Green", "Black", "Milk")
    assert made.roles == {0: 1, 1: 2}
    assert made.typed.most == 1


def test_several_answers_stay_several() -> None:
    """As many as there are may be chosen; answers that are called alike are one."""
    made = offer(prompt(("Green", {1}), ("green", {2}), ("Milk", set()), several=True), not_for=())
    assert made is not None
    assert made.typed.labels == ("Green", "Milk")
    assert (made.typed.most, dict(made.roles)) == (2, {0: 1})


def test_no_question_without_roles_words_or_a_choice() -> None:
    """Nothing is offered that would not spare anybody a question, or could not be asked."""
    assert offer(prompt(("Green", set()), ("Milk", set())), not_for=()) is None
    assert offer(prompt(("Green", {1})), not_for=()) is None
    assert offer(prompt(("Green", {1}), ("Milk", {1})), not_for=()) is None
    assert offer(prompt(("Green", {1}), ("Milk", {2}), text="🍵"), not_for=()) is None


def test_more_answers_than_a_question_holds() -> None:
    """Those that give no role go first."""
    many = [(f"Tea {n}", {n} if n % 2 else set[int]()) for n in range(1, 41)]
    made = offer(prompt(*many), not_for=())
    assert made is not None
    assert len(made.typed.labels) == len(made.roles) == 20


def test_only_what_is_not_there_yet() -> None:
    """The same words, or roles that say all of it already: nothing new."""
    made = offer(prompt(("Green", {1}), ("Milk", {2})), not_for=())
    assert made is not None
    other = Owned(1, "Other?", (("A", 1), ("B", None)), 1, off=False)
    assert new([made], [other]) == (made,)
    assert new([made], [Owned(1, "tea?", (("A", None),), 1, off=False)]) == ()
    assert new([made], [other, Owned(2, "Milk?", (("Yes", 2),), 1, off=True)]) == ()
