"""What an operator can set: a TOML file, the environment, and a secrets file for the token."""

import os
import tomllib
from pathlib import Path
from typing import Any

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

CONFIG_VARIABLE = "HEARTH_CONFIG"
DEFAULT_CONFIG = Path("config.toml")
ONLY_SECRET = "token"  # noqa: S105 - the setting's name, not a secret


class WrongSetting(Exception):  # noqa: N818 - it names what is wrong, in one line
    """A setting that Hearth cannot start with; the message is the one line for the operator."""


class Settings(BaseSettings):
    """How this installation of Hearth runs. Frozen; built once in main and passed down."""

    model_config = SettingsConfigDict(
        env_prefix="HEARTH_", extra="forbid", frozen=True, secrets_dir=None
    )

    token: SecretStr = Field(default=SecretStr(""), repr=False)
    database: str = "sqlite+aiosqlite:///data/hearth.db"
    log_level: str = Field(default="INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$")
    log_format: str = Field(default="text", pattern="^(text|json)$")
    move_cooldown_days: int = Field(default=30, ge=0, le=365)
    free_first_move_days: int = Field(default=14, ge=0, le=365)
    visits_at_once: int = Field(default=3, ge=1, le=25)
    seat_kept_hours: int = Field(default=48, ge=1, le=720)
    offer_hours: int = Field(default=48, ge=1, le=336)
    split_approval_days: int = Field(default=5, ge=1, le=30)
    most_cared_groups: int = Field(default=3, ge=1, le=100)
    most_cared_homes: int = Field(default=200, ge=10, le=10_000)
    small_weeks: int = Field(default=4, ge=1, le=52)
    ritual_grace_minutes: int = Field(default=90, ge=1, le=1440)
    # How long what is known about people is kept, in days: bot/rules/keeping.py says what by which.
    retention_days: int = Field(default=120, ge=60, le=730)
    ties_days: int = Field(default=90, ge=60, le=365)
    left_days: int = Field(default=30, ge=1, le=365)
    drafts_days: int = Field(default=7, ge=1, le=60)
    letters_days: int = Field(default=60, ge=30, le=365)
    notes_days: int = Field(default=120, ge=14, le=365)
    concerns_days: int = Field(default=90, ge=30, le=365)
    removals_days: int = Field(default=365, ge=90, le=730)
    log_days: int = Field(default=180, ge=30, le=730)
    grace_days: int = Field(default=30, ge=1, le=90)
    removals_per_pass: int = Field(default=25, ge=1, le=1000)
    beat_file: Path = Path("data/beat")
    metrics_port: int = Field(default=0, ge=0, le=65_535)
    metrics_host: str = Field(default="127.0.0.1", min_length=1)
    reduced: bool = False
    # For a bot under test: where Discord is instead, and where its clock comes from.
    discord_url: str = ""
    test_clock_url: str = ""

    @field_validator("database")
    @classmethod
    def _async_driver(cls, value: str) -> str:
        if "://" not in value:
            raise ValueError("must be an SQLAlchemy URL such as sqlite+aiosqlite:///data/hearth.db")
        if value.startswith("sqlite:"):
            raise ValueError("needs an async driver: write sqlite+aiosqlite:///… instead of sqlite")
        return value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - pydantic's signature
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments win over the environment, it over the secrets file, that over the file."""
        config = settings_cls.model_config.get("toml_file")
        sources = [init_settings, env_settings, file_secret_settings]
        if config:
            sources.append(TomlConfigSettingsSource(settings_cls))
        return tuple(sources)


def load(config: Path | None = None, **overrides: Any) -> Settings:
    """Read the settings; `WrongSetting` names the first one that cannot be used.

    The file is `config`, else what HEARTH_CONFIG names, else config.toml if it is there. The token
    comes from HEARTH_TOKEN or, as Docker and Kubernetes hand secrets over, from a file that
    HEARTH_TOKEN_FILE names; never from the configuration file.
    """
    named = config or (Path(os.environ[CONFIG_VARIABLE]) if CONFIG_VARIABLE in os.environ else None)
    path = named or DEFAULT_CONFIG
    if named is not None and not path.is_file():
        raise WrongSetting(f"There is no configuration file at {path}.")
    if path.is_file():
        try:
            if ONLY_SECRET in tomllib.loads(path.read_text(encoding="utf-8")):
                raise WrongSetting(
                    f"token: take it out of {path}; it belongs in HEARTH_TOKEN or in a file"
                    " that HEARTH_TOKEN_FILE names."
                )
        except tomllib.TOMLDecodeError as error:
            raise WrongSetting(f"{path} is not valid TOML: {error}.") from error
    token_file = os.environ.get("HEARTH_TOKEN_FILE")
    if token_file and ONLY_SECRET not in overrides:
        try:
            overrides[ONLY_SECRET] = Path(token_file).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise WrongSetting(
                f"HEARTH_TOKEN_FILE: cannot read {token_file}: {error.strerror}."
            ) from error

    class FromFile(Settings):
        model_config = SettingsConfigDict(toml_file=path if path.is_file() else None)

    try:
        return FromFile(**overrides)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        name = ".".join(str(part) for part in first["loc"])
        raise WrongSetting(f"{name}: {first['msg'].removeprefix('Value error, ')}.") from None
