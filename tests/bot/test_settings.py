"""A wrong setting stops the start with one line that names it; the example says what holds."""

import tomllib
from pathlib import Path

import pytest

from bot.settings import Settings, WrongSetting, load

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder without a configuration file, and an environment without Hearth's variables."""
    monkeypatch.chdir(tmp_path)
    for name in ("HEARTH_CONFIG", "HEARTH_TOKEN", "HEARTH_TOKEN_FILE", "HEARTH_LOG_LEVEL"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def test_without_anything_the_defaults_hold() -> None:
    """Hearth needs no configuration file."""
    assert load().model_dump() == Settings().model_dump()


def test_the_example_names_every_setting_with_its_default() -> None:
    """`config.example.toml` and the code say the same, but for the token, which is never there."""
    example = tomllib.loads((ROOT / "config.example.toml").read_text(encoding="utf-8"))
    fields = Settings.model_fields
    assert set(example) == set(fields) - {"token"}
    for name, value in example.items():
        default = fields[name].default
        assert value == (str(default) if isinstance(default, Path) else default), name


def test_the_environment_wins_over_the_file(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An operator can override one value without touching the file."""
    (elsewhere / "config.toml").write_text('log_level = "WARNING"\nvisits_at_once = 2\n')
    monkeypatch.setenv("HEARTH_LOG_LEVEL", "DEBUG")
    settings = load()
    assert (settings.log_level, settings.visits_at_once) == ("DEBUG", 2)


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("visits_at_once = 0", "visits_at_once"),
        ('log_level = "loud"', "log_level"),
        ('database = "sqlite:///x.db"', "database"),
        ('database = "here"', "database"),
        ("colour = 3", "colour"),
        ('token = "abc"', "token"),
        ("visits_at_once = ", "not valid TOML"),
    ],
)
def test_a_wrong_setting_is_named(elsewhere: Path, content: str, named: str) -> None:
    """The operator reads which setting it is, in one line."""
    (elsewhere / "config.toml").write_text(content)
    with pytest.raises(WrongSetting, match=named) as raised:
        load()
    assert "\n" not in str(raised.value)


def test_a_named_file_that_is_not_there_is_an_error(elsewhere: Path) -> None:
    """A mistyped path does not silently mean the defaults."""
    with pytest.raises(WrongSetting, match=r"nowhere\.toml"):
        load(elsewhere / "nowhere.toml")


def test_the_token_comes_from_a_file_and_is_never_printed(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Docker hands secrets over as files; no repr shows what was in it."""
    (elsewhere / "secret").write_text("very-secret\n")
    monkeypatch.setenv("HEARTH_TOKEN_FILE", str(elsewhere / "secret"))
    settings = load()
    assert settings.token.get_secret_value() == "very-secret"
    assert "very-secret" not in repr(settings)


def test_an_unreadable_token_file_is_named(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A secret that is not mounted is said so."""
    monkeypatch.setenv("HEARTH_TOKEN_FILE", str(elsewhere / "missing"))
    with pytest.raises(WrongSetting, match="HEARTH_TOKEN_FILE"):
        load()
