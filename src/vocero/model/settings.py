"""Which model answers, where, and how it is asked: arguments, then the environment, then a file."""

from __future__ import annotations

import math
import os
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast, get_args
from urllib.parse import urlsplit

from vocero.errors import SettingsError
from vocero.model.usage import Price

if TYPE_CHECKING:
    from collections.abc import Mapping

Mode = Literal["auto", "json_schema", "tools"]
"""How the answer's form is asked for; ``auto`` finds out with the first question."""

LOCAL = "local"
"""The name of the embedded model, and the default: no money is spent that nobody asked to spend."""
OPENAI_URL = "https://api.openai.com/v1"
SETTINGS_FILE = "vocero.toml"

_FILE_KEYS = ("model", "base_url", "timeout", "concurrency", "mode", "price")


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """Everything `connect` needs to know; made by `resolve`."""

    model: str = LOCAL
    base_url: str | None = None
    """Where the endpoint is, without a final slash; None for the embedded model."""
    api_key: str | None = field(default=None, repr=False)
    timeout: float = 600.0
    """Seconds one try may take, from sending to the last byte."""
    concurrency: int = 1
    """Questions on their way at once."""
    mode: Mode = "json_schema"
    price: Price | None = None
    openai_account: bool = False
    """Whether the address is OpenAI's or OPENAI_BASE_URL, so that the SDK's own OPENAI_* headers
    (organisation, project, custom) may go there."""

    @property
    def local(self) -> bool:
        """Whether the embedded model answers."""
        return self.base_url is None

    @classmethod
    def resolve(
        cls,
        model: str | None = None,
        *,
        base_url: str | None = None,
        api_key: str | None = None,
        timeout: float | None = None,
        concurrency: int | None = None,
        mode: Mode | None = None,
        price: Price | str | None = None,
        environ: Mapping[str, str] | None = None,
        directory: Path | None = None,
    ) -> ModelSettings:
        """Find every setting.

        An argument comes first, then ``VOCERO_MODEL``, ``VOCERO_BASE_URL``, ``VOCERO_API_KEY``,
        ``VOCERO_TIMEOUT``, ``VOCERO_CONCURRENCY``, ``VOCERO_MODE``, ``VOCERO_PRICE``, then
        ``OPENAI_BASE_URL`` and ``OPENAI_API_KEY``, then the nearest ``vocero.toml`` upwards from
        the directory. Where nothing names a model the embedded one answers, whatever addresses
        and keys lie in the environment. The embedded model takes its address, its concurrency
        of 1 and its mode ``"json_schema"`` from nowhere: other arguments for these are refused.

        Args:
            model: As the endpoint names it, or ``"local"``.
            base_url: ``http`` or ``https`` address of an OpenAI-compatible endpoint.
            api_key: Sent to the base URL and nowhere else. Without it ``OPENAI_API_KEY`` goes to
                ``OPENAI_BASE_URL`` or to OpenAI, never to an address named otherwise.
            timeout: Seconds for one try; default 120, embedded 600.
            concurrency: Questions at once; default 8.
            mode: Default ``"auto"``.
            price: Per million tokens, e.g. ``"0.15/0.60"`` (input/output[/cached input]).
            environ: Instead of the process's own variables.
            directory: Instead of the working directory.

        Raises:
            SettingsError: a value is malformed, missing, or contradicts another; the message
                names the variable, the argument or the file.
        """
        find = _Finder(
            os.environ if environ is None else environ,
            _read_file(Path.cwd() if directory is None else directory),
        )
        name, _ = find("model", model)
        seconds, seconds_from = find("timeout", timeout)
        local = name is None or name == LOCAL
        url, url_from = find("base_url", base_url)
        if local:
            # OPENAI_BASE_URL may lie around for other tools; the other three were meant for Vocero.
            meant = name is None and url is not None and url_from != "OPENAI_BASE_URL"
            if base_url is not None or meant:
                msg = f"{url_from} is set but no model of that endpoint: name one (VOCERO_MODEL)"
                raise SettingsError(msg)
            for setting, value in (("concurrency", concurrency), ("mode", mode)):
                if value not in {None, getattr(cls(), setting)}:
                    msg = (
                        f"{setting} is {value!r}, and the embedded model has "
                        f"{getattr(cls(), setting)!r} only: leave it out, or name another model"
                    )
                    raise SettingsError(msg)
            return cls(
                timeout=600.0 if seconds is None else _positive(seconds, seconds_from),
                price=None if price is None else _price(price, "price"),
            )
        address = _address(url, url_from) if url is not None else OPENAI_URL
        key, openai_account = find.key(api_key, address)
        slots, slots_from = find("concurrency", concurrency)
        form, form_from = find("mode", mode)
        rate, rate_from = find("price", price)
        return cls(
            model=_text(name, "model"),
            base_url=address,
            api_key=key,
            timeout=120.0 if seconds is None else _positive(seconds, seconds_from),
            concurrency=8 if slots is None else _count(slots, slots_from),
            mode="auto" if form is None else _mode(form, form_from),
            price=None if rate is None else _price(rate, rate_from),
            openai_account=openai_account,
        )


class _Finder:
    """Looks a setting up in the order of precedence; says where it was found."""

    def __init__(self, environ: Mapping[str, str], file: tuple[Path, dict[str, object]]) -> None:
        # A variable that is set to nothing counts as not set.
        self._environ = {name: value.strip() for name, value in environ.items() if value.strip()}
        self._path, self._file = file

    def __call__(self, setting: str, argument: object) -> tuple[object, str]:
        if argument is not None:
            return argument, setting
        names = [f"VOCERO_{setting.upper()}"]
        if setting == "base_url":
            names.append("OPENAI_BASE_URL")
        for name in names:
            if name in self._environ:
                return self._environ[name], name
        return self._file.get(setting), f"{setting} in {self._path}"

    def key(self, argument: str | None, address: str) -> tuple[str | None, bool]:
        """Return the key for an address and whether the address is the OpenAI account's own."""
        theirs = {OPENAI_URL, self._environ.get("OPENAI_BASE_URL", OPENAI_URL).rstrip("/")}
        openai_account = address in theirs
        candidates = [
            ("api_key", argument),
            ("VOCERO_API_KEY", self._environ.get("VOCERO_API_KEY")),
        ]
        if openai_account:
            candidates.append(("OPENAI_API_KEY", self._environ.get("OPENAI_API_KEY")))
        for source, key in candidates:
            if key:
                # Anything else breaks the header, and the error of that would show the key.
                if not key.isascii() or not key.isprintable() or " " in key:
                    msg = f"{source} holds characters that no key has: set it again without spaces"
                    raise SettingsError(msg)
                return key, openai_account
        if address == OPENAI_URL:
            msg = (
                f"no key for {address}: set VOCERO_API_KEY, or VOCERO_BASE_URL for another address"
            )
            raise SettingsError(msg)
        return None, openai_account


def _read_file(directory: Path) -> tuple[Path, dict[str, object]]:
    # Not in folders above: a file that somebody put into /tmp must not decide where keys go.
    path = directory / SETTINGS_FILE
    if not path.is_file():
        return path, {}
    if hasattr(os, "getuid") and path.stat().st_uid not in {os.getuid(), 0}:
        msg = f"{path} belongs to somebody else: take it away, or make it your own (chown)"
        raise SettingsError(msg)
    try:
        values: dict[str, object] = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        msg = f"{path} cannot be read as TOML: {error}"
        raise SettingsError(msg) from error
    for key in values:
        if key == "api_key":
            msg = f"{path} holds an api_key: take it out and set VOCERO_API_KEY instead"
            raise SettingsError(msg)
        if key not in _FILE_KEYS:
            msg = f"{path} has an unknown setting {key!r}: known are {', '.join(_FILE_KEYS)}"
            raise SettingsError(msg)
    return path, values


def _text(value: object, source: str) -> str:
    if not isinstance(value, str) or not value:
        msg = f"{source} is {value!r}: give a name"
        raise SettingsError(msg)
    return value


def _address(value: object, source: str) -> str:
    text = _text(value, source).rstrip("/")
    # Not shown, for all three hold secrets: errors and journals name the address.
    if "?" in text or "#" in text:
        msg = f"{source} has a query or a fragment: give the bare address, without '?' and '#'"
        raise SettingsError(msg)
    if "@" in text.split("://")[-1].partition("/")[0]:
        msg = f"{source} holds a password: give the bare address, and the key as VOCERO_API_KEY"
        raise SettingsError(msg)
    try:
        parts = urlsplit(text)
        sound = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        sound = False
    if not sound:
        msg = f"{source} is {text!r}: give an address such as http://127.0.0.1:8080/v1"
        raise SettingsError(msg)
    return text


def _positive(value: object, source: str) -> float:
    try:
        number = float(cast("str | float", value))
    except (TypeError, ValueError):
        number = 0.0
    if isinstance(value, bool) or not math.isfinite(number) or number <= 0:
        msg = f"{source} is {value!r}: give seconds, e.g. 60"
        raise SettingsError(msg)
    return number


def _count(value: object, source: str) -> int:
    try:
        number = int(value) if isinstance(value, str) else value
    except ValueError:
        number = 0
    if not isinstance(number, int) or isinstance(number, bool) or number < 1:
        msg = f"{source} is {value!r}: give a whole number of at least 1"
        raise SettingsError(msg)
    return number


def _mode(value: object, source: str) -> Mode:
    if value not in get_args(Mode):
        msg = f"{source} is {value!r}: give one of {', '.join(get_args(Mode))}"
        raise SettingsError(msg)
    return cast("Mode", value)


def _price(value: object, source: str) -> Price:
    if isinstance(value, Price):
        return value
    try:
        return Price.parse(_text(value, source))
    except ValueError:
        msg = f"{source} is {value!r}: give input/output per million tokens, e.g. '0.15/0.60'"
        raise SettingsError(msg) from None
