"""A wrong setting is one line with its name, before anything is opened."""

from pathlib import Path

import pytest

from api.auth import check_host
from api.settings import Settings
from tools.errors import Invalid
from tools.money import Money
from tools.providers.account import Account


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("GREENLIGHT_BUDGET_USD", "abc", "'abc' is not an amount in dollars"),
        ("GREENLIGHT_BUDGET_USD", "-1", "cannot be negative"),
        ("GREENLIGHT_BUDGET_USD", "nan", "'nan' is not an amount in dollars"),
        ("GREENLIGHT_QUOTE_MINUTES", "0", "Input should be greater than 0"),
        (
            "GREENLIGHT_VIDEOS_PROFILE",
            "other",
            "Input should be 'generic', 'sglang', 'vllm-omni' or 'litellm'",
        ),
        ("GREENLIGHT_BUGDET_USD", "5", "is no setting of this version; see the README for those there are"),
    ],
)
def test_a_wrong_setting_names_itself(
    name: str, value: str, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(Invalid) as wrong:
        Settings.read()

    assert (wrong.value.what, wrong.value.why) == (name, why)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OPENROUTER_API_KEY", "secret\nkey"),
        ("OPENROUTER_BASE_URL", "openrouter.ai/secret"),
        ("GREENLIGHT_OPENROUTER_API_KEY", "secret"),
        ("GREENLIGHT_VIDEOS_API_KEY", "secret\nkey"),
        ("GREENLIGHT_IMAGES_BASE_URL", "api.openai.com/secret"),
        ("GREENLIGHT_SPEECH_API_KEY", "secret\nkey"),
        ("ELEVENLABS_API_KEY", "secret\nkey"),
        ("ELEVENLABS_BASE_URL", "secret"),
        ("FAL_BASE_URL", "ftp://gateway.example/secret"),
        ("GREENLIGHT_FAL_KEY", "secret"),
    ],
)
def test_a_wrong_setting_of_a_vendor_names_itself_and_shows_nothing(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(Invalid) as wrong:
        Settings.read()

    assert wrong.value.what == name
    assert "secret" not in str(wrong.value)


@pytest.mark.parametrize(
    ("vendor", "key", "address"),
    [
        ("fal", "FAL_KEY", "FAL_BASE_URL"),
        ("runway", "RUNWAYML_API_SECRET", "RUNWAYML_BASE_URL"),
        ("google", "GEMINI_API_KEY", "GEMINI_BASE_URL"),
        ("elevenlabs", "ELEVENLABS_API_KEY", "ELEVENLABS_BASE_URL"),
    ],
)
def test_the_vendors_own_name_for_the_key_sets_it_up_and_nothing_shows_it(
    vendor: str, key: str, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(key, "made-up-key")
    monkeypatch.setenv(address, "https://gateway.example/here")
    settings = Settings.read()

    assert getattr(settings.config(), vendor) == Account("made-up-key", "https://gateway.example/here")
    assert "made-up-key" not in repr(settings) + repr(settings.config())


def test_an_amount_is_read_as_it_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GREENLIGHT_BUDGET_USD", "7.50")
    monkeypatch.setenv("GREENLIGHT_PLAY_BUDGET_USD", "0.000001")

    settings = Settings.read()

    assert settings.budget_usd == Money.usd("7.5")
    assert settings.play_budget_usd == Money(1)


def test_a_half_written_token_is_refused_without_being_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GREENLIGHT_TOKENS", "ann:boss:s3cret")

    with pytest.raises(Invalid) as wrong:
        Settings.read().people()

    assert "s3cret" not in str(wrong.value)


def test_a_host_that_others_reach_needs_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Invalid):
        check_host(Settings.read(), "0.0.0.0")
    monkeypatch.setenv("GREENLIGHT_TOKENS", "ann:approver:a-token")

    check_host(Settings.read(), "0.0.0.0")


@pytest.mark.parametrize(
    ("given", "provider"),
    [
        ({}, "rehearsal"),
        ({"VIDEOS_BASE_URL": "http://localhost:30000"}, "rehearsal"),  # at what price, nobody said
        ({"VIDEOS_BASE_URL": "http://localhost:30000", "PRICES": "prices.toml"}, "openai_videos"),
        ({"VIDEOS_BASE_URL": "http://localhost:30000", "PRICES": "p.toml", "PROVIDER": "fal"}, "fal"),
    ],
)
def test_who_renders_is_play_money_until_a_server_and_its_price_are_named(
    given: dict[str, str], provider: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("VIDEOS_BASE_URL", "PRICES", "PROVIDER"):
        monkeypatch.delenv(f"GREENLIGHT_{name}", raising=False)
    for name, value in given.items():
        monkeypatch.setenv(f"GREENLIGHT_{name}", value)

    assert Settings.read().config().provider == provider


def test_a_language_model_gets_its_own_makers_key_also_from_a_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-another")
    (tmp_path / ".env").write_text(
        "GREENLIGHT_MODEL=anthropic:claude-haiku-4-5\nANTHROPIC_API_KEY=sk-of-anthropic\n"
    )
    choice = Settings.read().chosen_model()

    assert (choice.model, choice.access.key) == ("anthropic:claude-haiku-4-5", "sk-of-anthropic")
    assert "sk-of" not in repr(choice)
