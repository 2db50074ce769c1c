"""Settings: all faults at once, secrets made once and hidden, the README in step."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.errors import SettingsError
from bot.settings import ROOT, VARIABLES, load


def test_defaults_work_on_one_machine(tmp_path: Path) -> None:
    settings = load({}, root=tmp_path)

    assert settings.telegram is None
    assert settings.database_url == f"sqlite:///{tmp_path}/var/bot.db"
    assert settings.public_url == "http://127.0.0.1:8080"


def test_all_faults_are_named_at_once(tmp_path: Path) -> None:
    environ = {
        "HTTP_PORT": "many", "DIALOGUE_URL": "nowhere", "TELEGRAM_MODE": "pigeon", "BOT_CLOCK": "noon",
        "TELEGRAM_BOT_TOKEN": "1:a",
    }  # fmt: skip
    with pytest.raises(SettingsError) as failure:
        load(environ, root=tmp_path)

    for name in ("HTTP_PORT", "DIALOGUE_URL", "TELEGRAM_MODE", "BOT_CLOCK"):
        assert name in str(failure.value)


def test_secrets_are_made_once_and_only_the_owner_may_read_them(tmp_path: Path) -> None:
    first, second = load({}, root=tmp_path), load({}, root=tmp_path)

    assert first.shared_secret == second.shared_secret
    assert first.encryption_keys == second.encryption_keys
    assert first.metrics_secret == second.metrics_secret != first.shared_secret
    for path in (tmp_path / "var" / "secrets").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_programs_that_start_at_once_agree_on_the_secrets(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: load({}, root=tmp_path).shared_secret, range(16)))

    assert len(set(made)) == 1


def test_secrets_do_not_show_in_repr(tmp_path: Path) -> None:
    settings = load({"TELEGRAM_BOT_TOKEN": "12345:very-secret", "SHARED_SECRET": "hush-hush"}, root=tmp_path)

    for secret in ("very-secret", "hush-hush", settings.encryption_keys, settings.metrics_secret):
        assert secret not in repr(settings)


def test_with_a_remote_database_no_secret_is_made_up(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="ENCRYPTION_KEYS"):
        load({"DATABASE_URL": "postgresql://bot@db.example.org/bot"}, root=tmp_path)


def test_a_database_on_this_machine_may_use_them(tmp_path: Path) -> None:
    assert load({"DATABASE_URL": "postgresql://bot@127.0.0.1/bot"}, root=tmp_path).encryption_keys


def test_the_readme_table_names_every_setting_and_its_default() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for variable in VARIABLES:
        row = f"| `{variable.name}` | {f'`{variable.default}`' if variable.default else ''} | {variable.help} |"
        assert row in readme, f"README lacks the row: {row}"


def test_only_settings_reads_the_environment() -> None:
    # The others only hand it on to child programs.
    allowed = {"settings.py", "supervisor.py", "turn.py"}
    for path in (ROOT / "bot").rglob("*.py"):
        if path.name not in allowed:
            assert "os.environ" not in path.read_text(encoding="utf-8"), path
