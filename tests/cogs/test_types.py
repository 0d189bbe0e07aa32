"""/hearth type: pace, voice and a last day, as owners set them."""

from tests.cogs.founding import set_up
from tests.conftest import Running


async def test_pace_voice_and_a_last_day(hearth: Running) -> None:
    """Given, shown, changed and taken back; figures that make no sense are one friendly line."""
    owner = hearth.owner
    await set_up(hearth)
    added = await owner.command(
        "hearth type add",
        name="Course",
        kind="cohort",
        cap=30,
        newcomers_per_week=12,
        voice=True,
        lasts_days=56,
    )
    assert "**Course** is added" in added.text
    shown = await owner.command("hearth type list")
    while "Course" not in shown.text:
        shown = await owner.press(shown, "More")
    assert "12 newcomers a week, others wait in line" in shown.text
    assert "a voice room beside the text room" in shown.text
    assert "ends 56 days after it opens" in shown.text
    too_many = await owner.command("hearth type edit", type="Course", newcomers_per_week=51)
    assert "takes in 0 to 50 newcomers a week" in too_many.text
    too_short = await owner.command("hearth type edit", type="Course", lasts_days=3)
    assert "lasts 14 to 730 days" in too_short.text
    await owner.command(
        "hearth type edit", type="Course", newcomers_per_week=0, voice=False, lasts_days=0
    )
    shown = await owner.command("hearth type list")
    while "Course" not in shown.text:
        shown = await owner.press(shown, "More")
    course = shown.text[shown.text.index("**Course**") :].split("**", 3)[2]
    for word in ("newcomers", "voice", "ends"):
        assert word not in course
