"""No line of code reads what people write, but the menu with which authors share it.

test_forgotten.py looks for it in a run.
"""

from tests.trust.reading_code import attributes

READS = ("content", "clean_content", "system_content", "embeds", "attachments", "poll")
# Whatever is called `content` and the like in the application, and what it is.
KNOWN = {
    ("bot.conversation", "before"): "pictures of the bot's own answer, to be replaced",
    ("bot.gateway.payloads", "one"): "the bytes of a picture that was drawn",
    ("bot.reporting", "dark[0]"): "the bytes of a picture that was drawn",
    ("bot.reporting", "light[0]"): "the bytes of a picture that was drawn",
    ("bot.services.bridge_posts", "row"): "a file its author ticked, or a message that is owed",
    ("bot.services.bridges", "one"): "the bytes of a file that its author ticked",
    ("bot.services.drafts", "row"): "what somebody typed into a form of Hearth's",
    ("bot.services.letters", "row"): "a message of Hearth's own that is owed",
    ("bot.services.outbox", "row"): "a message of Hearth's own that is owed",
    ("bot.services.personal", "OutboxMessage"): "a message of Hearth's own that is owed",
    ("bot.services.personal", "row"): "a message of Hearth's own that is owed",
    ("bot.services.privacy", "row"): "a message of Hearth's own that is owed",
    ("bot.services.sending", "row"): "a message of Hearth's own that is owed",
    ("bot.services.setup_work", "step"): "what an owner chose in setup",
    ("bot.services.setup_work", "todo"): "what an owner chose in setup",
    ("bot.services.undertakings", "step"): "what an owner chose in setup",
    ("cogs.bridges", "message"): "what an author has the menu show; of others', if it is empty",
    ("cogs.ritual_prompts", "found"): "the bytes of a file of prompts that is handed over",
}


def test_no_code_reads_what_a_message_says() -> None:
    """Every attribute that could be a message's words is known to be something else."""
    found = {(module, before) for module, before, _ in attributes(*READS)}
    assert found == KNOWN.keys(), found ^ KNOWN.keys()
