"""Where the secret of a key comes from, and that a key is ready before anything is run for it."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import tomlkit
from cryptography.hazmat.primitives.serialization import Encoding
from typer.testing import CliRunner

from tests.cli.test_app import WALLBOX
from tests.signing.authority import Authority
from tests.signing.softhsm import PIN, SoftTokens, soft_tokens
from vdoc.cli.app import app
from vdoc.cli.reference_bench import ReferenceBench
from vdoc.cli.running import Wanted, run_command
from vdoc.cli.signing_key import SigningAs, asking, new_passphrase
from vdoc.errors import BenchError, InputError
from vdoc.pics import load_pics
from vdoc.signing import KeyType, PublicKey, load_signing_key, new_key, read_challenge

__all__ = ["soft_tokens"]
WORDS = "open sesame"
NOW = datetime.now(UTC)
DAY = timedelta(days=1)


@pytest.fixture
def passphrase_file(tmp_path: Path) -> Path:
    path = tmp_path / "passphrase"
    path.touch(0o600)
    path.write_text(f"{WORDS}\n")
    return path


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    """Of a bench whose station cannot be reached."""
    bench = ReferenceBench(tmp_path / "bench", load_pics(WALLBOX))
    bench.make_firmware()
    return bench.write_settings("http://127.0.0.1:9", "http://127.0.0.1:9/ev")


class TestAsking:
    def test_a_file_then_the_environment_then_a_person(
        self, passphrase_file: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("VDOC_KEY_PASSPHRASE", "of the environment")
        assert asking(passphrase_file, None)("passphrase", "x") == WORDS
        monkeypatch.setenv("VDOC_KEY_PASSPHRASE", "of the environment")
        assert asking(None, lambda _text: "typed")("passphrase", "x") == "of the environment"
        assert asking(None, lambda text: text)("passphrase", "x.key") == "passphrase of x.key"
        assert asking(None, None)("passphrase", "x") is None

    def test_a_pin_is_another_secret(
        self, passphrase_file: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("VDOC_PIN", PIN)
        assert asking(passphrase_file, None)("PIN", "token=acme") == PIN

    def test_programs_that_a_run_starts_are_not_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("VDOC_KEY_PASSPHRASE", "VDOC_PIN"):
            monkeypatch.setenv(name, WORDS)
        asking(None, None)
        assert not {"VDOC_KEY_PASSPHRASE", "VDOC_PIN"} & set(os.environ)

    @pytest.mark.parametrize("command", [["cases", "--missing"], ["plan", WALLBOX, "--bench"]])
    def test_nor_are_those_of_other_commands(
        self, settings: Path, command: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("VDOC_PIN", PIN)
        said(*command, *([settings] if "--bench" in command else []))
        assert "VDOC_PIN" not in os.environ

    def test_nor_is_the_provision_command_of_a_run_without_a_key(
        self, settings: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        told = tmp_path / "told"
        command = ["sh", "-c", f"env > {told}; exit 3"]
        tree = tomlkit.parse(settings.read_text("utf-8"))
        tree["provision"]["command"] = command
        settings.write_text(tomlkit.dumps(tree), "utf-8")
        for name in ("VDOC_KEY_PASSPHRASE", "VDOC_PIN"):
            monkeypatch.setenv(name, WORDS)
        with pytest.raises(BenchError, match="ended with 3"):
            run_command(WALLBOX, settings, tmp_path / "out", Wanted(only=["B_06"]))
        assert "VDOC_PASSWORD_FILE" in told.read_text()
        assert WORDS not in told.read_text()

    def test_a_new_passphrase_without_anybody_is_refused(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("VDOC_KEY_PASSPHRASE", raising=False)
        with pytest.raises(InputError, match="--passphrase-file"):
            new_passphrase(None)


class TestNewKeys:
    def test_from_a_file_or_the_environment(
        self, tmp_path: Path, passphrase_file: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        shown = said("keys", "new", "a", "--dir", tmp_path, "--passphrase-file", passphrase_file)
        assert "(encrypted)" in " ".join(shown.split())
        monkeypatch.setenv("VDOC_KEY_PASSPHRASE", WORDS)
        said("keys", "new", "b", "--dir", tmp_path, "--passphrase")
        for name in ("a", "b"):
            assert b"ENCRYPTED" in (tmp_path / f"{name}.key").read_bytes()
            load_signing_key(tmp_path / f"{name}.key", lambda _what, _of: WORDS)

    def test_a_terminal_is_asked_twice_without_echo(self, tmp_path: Path) -> None:
        command = [sys.executable, "-m", "vdoc.cli", "keys", "new", "a", "--passphrase"]
        environment = {k: v for k, v in os.environ.items() if not k.startswith("VDOC_")}
        terminal, far = pty.openpty()
        with subprocess.Popen(
            [*command, "--dir", str(tmp_path)], stdin=far, stdout=far, stderr=far,
            start_new_session=True, env=environment,
        ) as process:  # fmt: skip
            os.close(far)
            shown = answered(terminal, 2)
        os.close(terminal)
        assert (process.returncode, WORDS.encode() in shown) == (0, False), shown
        load_signing_key(tmp_path / "a.key", lambda _what, _of: WORDS)


def said(*arguments: object) -> str:
    """What a command prints, in this process."""
    done = CliRunner().invoke(app, [*map(str, arguments)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def answered(terminal: int, questions: int) -> bytes:
    """Give the passphrase at each prompt; return what the terminal showed."""
    shown = b""
    for number in range(1, questions + 1):
        while shown.count(b": ") < number:
            shown += os.read(terminal, 1024)
        os.write(terminal, f"{WORDS}\n".encode())
    while True:
        try:
            shown += os.read(terminal, 1024)
        except OSError:  # Linux: nobody has the other end open
            return shown


class TestBeforeARun:
    def refused(self, settings: Path, key: object, words: str) -> None:
        out = settings.parent / "out"
        with pytest.raises(InputError, match=words):
            run_command(WALLBOX, settings, out, Wanted(key=SigningAs(str(key))))
        assert not out.exists()

    def test_a_wrong_passphrase_is_told(
        self, settings: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        key = new_key(tmp_path, "closed", passphrase=WORDS.encode()).private
        self.refused(settings, key, "nobody is here to give its passphrase")
        monkeypatch.setenv("VDOC_KEY_PASSPHRASE", "guess")
        self.refused(settings, key, "another passphrase")

    def test_a_wrong_pin_is_told(
        self, settings: Path, soft_tokens: SoftTokens, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        soft_tokens.generate()
        monkeypatch.setenv("VDOC_PIN", "guess")
        self.refused(settings, soft_tokens.uri(), "refuses the PIN")
        self.refused(settings, soft_tokens.uri("&pin-value=1"), "seen by everybody")

    def test_a_certificate_that_ends_within_a_day_is_told(
        self, settings: Path, tmp_path: Path
    ) -> None:
        key = new_key(tmp_path, "vendor", KeyType.ECDSA_P256).private
        public = load_signing_key(key).public.key
        certificates = Authority(NOW - DAY, 30 * DAY).certificates(public, until=NOW + DAY / 2)
        pem = b"".join(each.public_bytes(Encoding.PEM) for each in certificates)
        key.with_suffix(".chain.pem").write_bytes(pem)
        self.refused(settings, key, "certificate-time")
        assert SigningAs(str(key)).open().chain  # what signs now, such as a laboratory, may

    def test_a_key_that_is_ready_goes_into_the_run(
        self, settings: Path, soft_tokens: SoftTokens, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        soft_tokens.generate()
        monkeypatch.setenv("VDOC_PIN", PIN)
        key, out = SigningAs(soft_tokens.uri()), settings.parent / "out"
        with pytest.raises(BenchError, match="provision"):  # its first deed, which nobody answers
            run_command(WALLBOX, settings, out, Wanted(key=key, only=["B_06"]))


class TestTokens:
    def test_a_token_key_is_shown(self, soft_tokens: SoftTokens) -> None:
        soft_tokens.generate()
        pem = said("keys", "show", "--pem", soft_tokens.uri())
        public = PublicKey.from_pem(pem.encode())
        assert said("keys", "show", soft_tokens.uri()) == f"ecdsa-p256 {public.key_id}\n{pem}"

    def test_a_challenge_is_signed_on_it(
        self, soft_tokens: SoftTokens, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        soft_tokens.generate()
        out, key = tmp_path / "challenge.json", soft_tokens.uri()
        monkeypatch.setenv("VDOC_PIN", PIN)
        said("challenge", "new", "--pics", WALLBOX, "--key", key, "--out", out)
        public = PublicKey.from_pem(said("keys", "show", "--pem", key).encode())
        assert read_challenge(out.read_bytes()).signed.verified_by(public)
