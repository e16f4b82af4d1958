"""The server's own process: it answers as long as it has users, then stops.

Started by `vocero.model.local.server` as `python -m vocero.model.local.host MODEL`, and by
`vocero serve` in the foreground. The key is made here, so it is on no command line.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import filelock

from vocero.errors import DependencyError, LocalModelError, SettingsError, VoceroError
from vocero.model.local.state import Address, ServerFolder

IDLE_SECONDS: Final = 10.0
"""How long the server outlives its last user, so that the next command finds it warm."""
TICK_SECONDS: Final = 0.5
CONTEXT_TOKENS: Final = 8192
PROMPT_CACHE_MIB: Final = 512
"""Prompts kept aside when articles take turns; llama.cpp's own bound is 8 GiB."""
LOG_ERRORS: Final = 1

Engine = Callable[[str], AbstractContextManager[str]]
"""Given the key, serves while it is entered, and yields `http://127.0.0.1:PORT`."""


def attend(
    model: Path,
    engine: Engine,
    *,
    idle_seconds: float | None = IDLE_SECONDS,
    announce: Callable[[Address], None] | None = None,
) -> None:
    """Serve until SIGTERM, Ctrl-C, or until no user has lived for `idle_seconds`.

    Runs in the main thread, whose signals it handles.

    Args:
        model: The model's file; processes that name the same one share the server.
        engine: What serves.
        idle_seconds: None serves without users, until a signal ends it.
        announce: Told the address once it answers.

    Raises:
        LocalModelError: A server of this model already runs, or the engine does not start.
    """
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    folder = ServerFolder(model.resolve())
    folder.create()
    try:
        life = folder.living().acquire(timeout=1)  # users look at this lock, each for an instant
    except filelock.Timeout:
        raise LocalModelError(_already(model, folder)) from None
    with life:
        folder.forget()
        key = secrets.token_urlsafe(32)
        with engine(key) as url:
            address = Address(f"{url}/v1", key, model.stem, os.getpid())
            folder.publish(address)
            try:
                if announce is not None:
                    announce(address)
                if idle_seconds is None:
                    stop.wait()
                else:
                    _until_idle(folder, stop, idle_seconds)
            finally:
                folder.forget()


def _already(model: Path, folder: ServerFolder) -> str:
    address = folder.address()
    where = f"at {address.base_url} (process {address.pid})" if address else "and is starting"
    return f"a server of {model.name} already runs {where}; it stops soon after its last user"


def _until_idle(folder: ServerFolder, stop: threading.Event, idle_seconds: float) -> None:
    used = time.monotonic()
    while not stop.wait(TICK_SECONDS):
        try:
            starting = folder.starting().acquire(timeout=0)
        except filelock.Timeout:  # a user is about to come
            used = time.monotonic()
            continue
        with starting:
            if folder.users():
                used = time.monotonic()
            elif time.monotonic() - used >= idle_seconds:
                folder.forget()  # under the lock: nobody can have read the address since
                return


def llama(
    model: Path, *, port: int = 0, threads: int | None = None, wait: str | None = None
) -> Engine:
    """llama.cpp's server as an engine: on the loopback address, key required, no web page.

    One slot, so that an answer does not depend on what else is asked at the time. What is cached of
    earlier prompts still shifts its log-probabilities (by up to 0.12 measured), which seldom shows.

    Args:
        model: The GGUF file.
        port: 0 takes a free one.
        threads: By default `VOCERO_LOCAL_THREADS`, else the cores this process may use.
        wait: `active` or `passive`, by default `VOCERO_LOCAL_WAIT`, else passive.
    """
    count = threads or _threads()
    policy = _wait_policy(wait)

    @contextlib.contextmanager
    def serve(key: str) -> Iterator[str]:
        os.environ["OMP_WAIT_POLICY"] = policy  # read when the library loads, hence before it
        try:
            import xllamacpp  # noqa: PLC0415 - 100 MB of an optional extra
        except ModuleNotFoundError as error:
            raise DependencyError(
                "the embedded model needs xllamacpp: pip install 'vocero[local]'"
            ) from error
        except ImportError as error:  # its one library that slim images lack is OpenMP's
            raise DependencyError(
                f"xllamacpp does not load: {error}; on Debian: apt-get install libgomp1"
            ) from error
        params = xllamacpp.CommonParams()
        params.model.path = str(model)
        params.model_alias = {model.stem}
        params.n_ctx = CONTEXT_TOKENS
        params.n_parallel = 1
        params.cache_prompt = True
        params.cache_ram_mib = PROMPT_CACHE_MIB
        params.cpuparams.n_threads = count
        params.cpuparams_batch.n_threads = count
        params.hostnames = ["127.0.0.1"]
        params.port = port
        params.api_keys = [key]
        params.cors_origins = ""  # by default llama.cpp lets every web page in
        params.cors_credentials = False
        params.ui = False
        params.endpoint_slots = False
        params.verbosity = LOG_ERRORS
        try:
            server = xllamacpp.Server(params)
        except RuntimeError as error:
            raise LocalModelError(
                f"llama.cpp cannot serve {model} on port {port or 'of its choice'}: {error}"
            ) from error
        yield f"http://127.0.0.1:{urlsplit(server.listening_address).port}"
        del server

    return serve


def _threads() -> int:
    chosen = os.environ.get("VOCERO_LOCAL_THREADS", "")
    if not chosen:
        # What the process may use, where the system can tell: a container may have fewer cores.
        return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    if not chosen.isdecimal() or int(chosen) == 0:
        raise SettingsError(f"VOCERO_LOCAL_THREADS is {chosen!r}; give a number from 1 up")
    return int(chosen)


def _wait_policy(wait: str | None) -> str:
    chosen = wait or os.environ.get("VOCERO_LOCAL_WAIT") or "passive"
    if chosen not in ("active", "passive"):
        raise SettingsError(f"VOCERO_LOCAL_WAIT is {chosen!r}; give active or passive")
    return chosen.upper()


if __name__ == "__main__":
    try:
        attend(Path(sys.argv[1]), llama(Path(sys.argv[1])))
    except VoceroError as error:
        sys.exit(str(error))
