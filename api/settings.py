"""The only reader of the environment. Unknown `GREENLIGHT_*` names refuse to start: a typo is no default."""

import os
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import platformdirs
from dotenv import dotenv_values
from pydantic import BeforeValidator, Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from agent.models import OFFLINE, Access, Choice, Rates
from tools.errors import Invalid, explain
from tools.ledger import Limits
from tools.money import ZERO, Money
from tools.providers.account import Account, Host
from tools.providers.openai_videos import NAME as VIDEOS
from tools.providers.openai_videos import ProfileName, Server
from tools.providers.openrouter import Workspace
from tools.shots import FILE_BYTES_MAX
from tools.story import Metaphor, read_metaphors
from tools.studio import Config

PREFIX = "GREENLIGHT_"
APPLICATION = "greenlight"
REHEARSAL = "rehearsal"
Role = Literal["viewer", "member", "approver", "admin"]
ROLES: tuple[Role, ...] = ("viewer", "member", "approver", "admin")


def _dollars(amount: Any) -> Money:
    if isinstance(amount, Money):
        return amount
    read = Money.usd(str(amount).strip())
    if read < ZERO:
        raise ValueError("cannot be negative")
    return read


def _rates(text: Any) -> Rates | None:
    return Rates.read(str(text)) if text else None


def _as(name: str) -> Any:
    """A setting by the name that its vendor gave it, which people have set already."""
    return Field(default=None, validation_alias=name)


Key = Annotated[str | None, Field(repr=False, pattern=r"^[!-~]*$")]  # what a header can hold
Address = Annotated[str | None, Field(pattern=r"^https?://[^/?#@\s]+(/[^?#\s]*)?$")]
Dollars = Annotated[Money, NoDecode, BeforeValidator(_dollars)]  # as written: JSON would make a float of it


@dataclass(frozen=True, slots=True)
class Token:
    """A known person: `name:role:token`."""

    name: str
    role: Role
    secret: str


class Settings(BaseSettings):
    """Every setting of the service, by the name it has in the environment without its prefix.

    Keys of vendors have the names that people have set already.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=".env", extra="ignore", arbitrary_types_allowed=True, frozen=True
    )

    data_dir: Path = Field(default_factory=lambda: Path(platformdirs.user_data_dir(APPLICATION)))
    database_url: str | None = None
    storage_url: str | None = None
    model: str = OFFLINE
    model_rates: Annotated[Rates | None, NoDecode, BeforeValidator(_rates)] = None
    model_budget_usd: Dollars = Money.usd("5")
    budget_usd: Dollars = Money.usd("50")
    project_budget_usd: Dollars = Money.usd("10")
    user_budget_usd: Dollars | None = None
    play_budget_usd: Dollars = Money.usd("100")
    provider: str | None = None
    prices: Path | None = None
    metaphors: Path | None = None
    quote_minutes: Decimal = Field(default=Decimal(15), gt=0, le=24 * 60)
    repo_roots: str | None = None
    tokens: str = Field(default="", repr=False)
    videos_base_url: Address = None
    videos_api_key: Key = None
    videos_profile: ProfileName = "generic"
    images_base_url: Address = None
    images_api_key: Key = None
    speech_base_url: Address = None
    speech_api_key: Key = None
    rehearsal_faults: str = ""
    public_url: str | None = Field(default=None, pattern=r"^https?://[^/?#\s]+$")
    openrouter_api_key: Key = _as("OPENROUTER_API_KEY")
    openrouter_base_url: Address = _as("OPENROUTER_BASE_URL")
    openrouter_webhook_secret: Annotated[str | None, Field(repr=False)] = _as("OPENROUTER_WEBHOOK_SECRET")
    fal_key: Key = _as("FAL_KEY")
    fal_base_url: Address = _as("FAL_BASE_URL")
    runway_key: Key = _as("RUNWAYML_API_SECRET")
    runway_base_url: Address = _as("RUNWAYML_BASE_URL")
    google_key: Key = _as("GEMINI_API_KEY")
    google_base_url: Address = _as("GEMINI_BASE_URL")
    elevenlabs_api_key: Key = _as("ELEVENLABS_API_KEY")
    elevenlabs_base_url: Address = _as("ELEVENLABS_BASE_URL")
    openai_key: Key = _as("OPENAI_API_KEY")
    openai_base_url: Address = _as("OPENAI_BASE_URL")
    anthropic_key: Key = _as("ANTHROPIC_API_KEY")
    anthropic_base_url: Address = _as("ANTHROPIC_BASE_URL")
    ollama_key: Key = _as("OLLAMA_API_KEY")
    ollama_base_url: Address = _as("OLLAMA_BASE_URL")

    @field_validator("data_dir", "prices", "metaphors", mode="after")
    @classmethod
    def _at_home(cls, path: Path | None) -> Path | None:
        return None if path is None else path.expanduser().absolute()

    @classmethod
    def read(cls) -> Self:
        """Read the environment and `.env`; `Invalid` names the setting that is wrong."""
        _refuse_unknown({name for name, known in cls.model_fields.items() if known.validation_alias is None})
        try:
            return cls()
        except ValidationError as error:
            wrong = explain(error)
            name = wrong.what.split(".")[0]
            raise Invalid(PREFIX + name.upper() if name in cls.model_fields else name, wrong.why) from None

    def people(self) -> tuple[Token, ...]:
        return tuple(_token(each.strip()) for each in self.tokens.split(",") if each.strip())

    def config(self) -> Config:
        """The settings as the studio takes them."""
        here = Path.cwd()
        roots = self.repo_roots.split(os.pathsep) if self.repo_roots else [str(here)]
        return Config(
            data_dir=self.data_dir,
            database_url=self.database_url or f"sqlite:///{self.data_dir / 'greenlight.db'}",
            limits=Limits(
                month=self.budget_usd,
                project=self.project_budget_usd,
                play=self.play_budget_usd,
                model=self.model_budget_usd,
                user=self.user_budget_usd,
            ),
            provider=self.provider or self._usual_provider(),
            quote_life=timedelta(seconds=int(self.quote_minutes * 60)),
            repo_roots=tuple(Path(root).expanduser().absolute() for root in roots if root),
            here=here,
            prices=self.prices,
            rehearsal_faults=self.rehearsal_faults,
            public_url=self.public_url,
            videos=self.videos(),
            fal=_account(self.fal_key, self.fal_base_url),
            openrouter=self.openrouter(),
            runway=_account(self.runway_key, self.runway_base_url),
            google=_account(self.google_key, self.google_base_url),
            images=_host(self.images_base_url, self.images_api_key),
            speech=_host(self.speech_base_url, self.speech_api_key),
            elevenlabs=_account(self.elevenlabs_api_key, self.elevenlabs_base_url),
            metaphors=() if self.metaphors is None else _metaphors(self.metaphors),
        )

    def chosen_model(self) -> Choice:
        """The language model that directs, with what was set up for its maker."""
        choice = Choice(self.model, rates=self.model_rates)
        return replace(choice, access=self._access(choice.maker))

    def _access(self, maker: str) -> Access:
        match maker:
            case "openai" | "openai-chat" | "openai-responses":
                found = (self.openai_key, self.openai_base_url)
            case "openrouter":
                found = (self.openrouter_api_key, self.openrouter_base_url)
            case "anthropic":
                found = (self.anthropic_key, self.anthropic_base_url)
            case "google":
                found = (self.google_key, self.google_base_url)
            case "ollama":
                found = (self.ollama_key, self.ollama_base_url)
            case _:
                return Access()
        return Access(*(each or None for each in found))

    def _usual_provider(self) -> str:
        """Play money, unless somebody said where their own server is and what it costs them."""
        return VIDEOS if self.videos_base_url and self.prices else REHEARSAL

    def videos(self) -> Server | None:
        """The server of `/v1/videos`, if one is set up."""
        if self.videos_base_url is None:
            return None
        return Server(self.videos_base_url, self.videos_api_key, self.videos_profile)

    def openrouter(self) -> Workspace | None:
        """The workspace there, if one is set up."""
        if not self.openrouter_api_key:
            return None
        secret = self.openrouter_webhook_secret or None
        return Workspace(self.openrouter_api_key, self.openrouter_base_url, secret)


def _account(key: str | None, address: str | None) -> Account | None:
    """An account, if there is a key: without one there is nobody to bill."""
    return Account(key, address) if key else None


def _host(address: str | None, key: str | None) -> Host | None:
    return None if address is None else Host(address, key or None)


def _metaphors(path: Path) -> tuple[Metaphor, ...]:
    """A person's own metaphors; a mistake in them is said at the start, and not in the middle of a plan."""
    name = f"{PREFIX}METAPHORS"
    try:
        with path.open("rb") as opened:
            text = opened.read(FILE_BYTES_MAX + 1).decode()
    except OSError as error:
        raise Invalid(name, f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise Invalid(name, f"{path} is not UTF-8 text") from None
    return read_metaphors(text, f"{name} ({path.name})")


def _token(text: str) -> Token:
    name, _, rest = text.partition(":")
    role, _, secret = rest.partition(":")
    for known in ROLES:
        if role == known and name and secret:
            return Token(name, known, secret)
    raise Invalid(f"{PREFIX}TOKENS", f"needs name:role:token with a role of {', '.join(ROLES)}")


def _refuse_unknown(known: set[str]) -> None:
    names = {*os.environ, *dotenv_values(".env")}  # noqa: TID251 -- this is the one place
    for name in sorted(names):
        if name.startswith(PREFIX) and name.removeprefix(PREFIX).lower() not in known:
            raise Invalid(name, "is no setting of this version; see the README for those there are")
