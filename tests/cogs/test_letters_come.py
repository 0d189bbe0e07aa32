"""Letters from first to last: people write, one falls silent, and by the clock a letter comes."""

from datetime import timedelta

from tests.cogs.founding import at_home, channel, group, looked_after, set_up
from tests.conftest import Running

DAY = timedelta(days=1)


async def test_a_silence_reaches_its_facilitator_by_day(hearth: Running) -> None:
    """Noticed at midnight, told by day; and Lena sees that Mara is back."""
    care = await hearth.owner.create_channel("care")
    await set_up(hearth, facilitators_room=care)
    await hearth.advance(timedelta(minutes=1))
    await group(hearth)
    people = [await at_home(hearth, name) for name in ("Lena", "Kim", "Mara", "Omar", "Jo", "Ada")]
    lena, mara = people[0], people[2]
    await looked_after(hearth, lena)
    room = channel(hearth, "🌊-riverside")
    midnight = hearth.sandbox.clock.now().replace(hour=0, minute=0)
    for day in range(1, 25):
        await hearth.advance(midnight + day * DAY + timedelta(hours=1))
        assert list(care.history) == [], "nobody is called at night"
        for person in people:
            if day < 8 or person is not mara:
                await person.write(room, "Here.")
        await hearth.settle()
        await hearth.advance(midnight + day * DAY + timedelta(hours=10))
        if list(care.history):
            break
    (line,) = list(care.history)
    assert line.content == f"{lena.mention}, your letter is ready."
    letter = await lena.press(line, "Open")
    assert f"{mara.mention}, quiet for" in letter.text
    answered = await lena.press(letter, "I reached out")
    assert f"✓ {mara.mention}: you reached out. Thank you." in answered.text
    await mara.write(room, "I was on the mountain.")
    await hearth.advance(DAY)
    again = await lena.press(line, "Open")
    assert f"✓ {mara.mention} is back." in again.text
