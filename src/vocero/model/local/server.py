"""Share one server of the embedded model among all processes of a user on this machine.

Whoever needs the model acquires a lease. The first one starts the server; the server stops by
itself some seconds after the last lease has ended, however it ended: see `vocero.model.local.host`.
"""

from __future__ import annotations

import contextlib
import http.client
import importlib.util
import re
import subprocess
import sys
import threading
import time
import urllib.parse
from typing import TYPE_CHECKING, Self

from vocero.errors import DependencyError, LocalModelError
from vocero.model.local.state import Address, ServerFolder
from vocero.model.local.weights import Progress, weights_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from filelock import BaseFileLock

HOST_COMMAND = (sys.executable, "-P", "-m", "vocero.model.local.host")
"""Starts the server; the model's path is added. `-P` keeps the user's directory off its imports."""
START_SECONDS = 120.0
"""Ready in 3 to 6 s from a warm disk; a cold and slow one may need a minute for 1.1 GB."""
HEALTH_SECONDS = 5.0
KILL_SIGNAL = 9


def acquire(*, progress: Progress | None = None) -> Lease:
    """A lease on the embedded model's server; fetches the weights and starts it if need be.

    Blocks until the server answers: call it in a thread from asynchronous code.

    Args:
        progress: Told of a download: the stage, the bytes there and the bytes in all.

    Raises:
        DependencyError: The extra `local` is not installed.
        LocalModelError: The weights cannot be had or the server does not start.
    """
    need_runtime()
    return LocalServer(weights_path(progress=progress)).acquire()


def need_runtime() -> None:
    """Raise DependencyError if the extra `local` is not installed."""
    if importlib.util.find_spec("xllamacpp") is None:
        raise DependencyError("the embedded model needs xllamacpp: pip install 'vocero[local]'")


class LocalServer:
    """The server of one model file on this machine.

    Args:
        model: The GGUF file.
        command: Starts the server process when the model's path is added.
    """

    def __init__(self, model: Path, *, command: Sequence[str] = HOST_COMMAND) -> None:
        self._model = model.resolve()
        self._command = command
        self._folder = ServerFolder(self._model)

    def acquire(self) -> Lease:
        """A lease on the server, which is started if none runs. Blocks until it answers.

        Raises:
            LocalModelError: The server does not start; the message holds its own words.
        """
        with self._starting():
            user = self._folder.new_user()
            try:
                return Lease(self, user, self._running())
            except BaseException:
                user.release()
                raise

    def address(self) -> Address:
        """Where the living server answers; one that died is started again.

        Raises:
            LocalModelError: The server does not start.
        """
        with self._starting():
            return self._running()

    @contextlib.contextmanager
    def _starting(self) -> Iterator[None]:
        """The lock on finding and starting the server; what the disk refuses is explained."""
        try:
            self._folder.create()
            with self._folder.starting():
                yield
        except OSError as error:
            raise LocalModelError(
                f"cannot write {self._folder.path}: {error.strerror or error}; free some space"
                " or set VOCERO_CACHE_DIR to another directory"
            ) from error

    def _running(self) -> Address:
        """The address of a server that answers; the caller holds the lock on starting."""
        folder = self._folder
        process: subprocess.Popen[bytes] | None = None
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            alive = folder.alive()
            address = folder.address() if alive else None
            if address is not None and _answers(address):
                return address
            if not alive and process is None:
                process = self._start()
            elif not alive and process is not None and process.poll() is not None:
                raise LocalModelError(self._failure(process.returncode))
            time.sleep(0.05)
        if process is not None:
            process.terminate()
        raise LocalModelError(
            f"the server of {self._model.name} did not answer within {START_SECONDS:g} s;"
            f" end it if it hangs, or look into {folder.log}"
        )

    def _start(self) -> subprocess.Popen[bytes]:
        self._folder.forget()  # what a killed server left
        with self._folder.log.open("wb") as log:
            process = subprocess.Popen(  # noqa: S603 - our own module and the model's path
                [*self._command, str(self._model)],
                cwd=self._folder.path,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C in one user's terminal must not end it for others
            )
        # Waited for, lest it stay a zombie when it ends before this process does.
        threading.Thread(target=process.wait, daemon=True).start()
        return process

    def _failure(self, code: int) -> str:
        log = self._folder.log
        lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        # llama.cpp marks errors with an E, and the first one names the cause of those after it.
        errors = [line for line in lines if re.match(r"[\d.]+ E ", line)]
        if code == -KILL_SIGNAL:
            reason = "it was killed, most often for want of memory: it needs 2.5 GB"
        elif errors:
            reason = (
                f"{errors[0]}; if the file is damaged, `vocero model remove` and fetch it again"
            )
        else:
            reason = lines[-1] if lines else f"exit code {code}"
        return f"the server of {self._model.name} did not start: {reason}; see {log}"


class Lease:
    """A use of the local server, which stays up until `release` or the end of this process.

    Attributes:
        address: Where the server answers, as far as this lease knows.
    """

    def __init__(self, server: LocalServer, user: BaseFileLock, address: Address) -> None:
        self._server = server
        self._user = user
        self.address = address

    @property
    def base_url(self) -> str:
        """`http://127.0.0.1:PORT/v1`."""
        return self.address.base_url

    @property
    def api_key(self) -> str:
        """The server's key."""
        return self.address.api_key

    @property
    def model(self) -> str:
        """The model's name, as the server's answers give it."""
        return self.address.model

    def ensure(self) -> Address:
        """The address of a living server: call this after a connection error.

        A server that died is started again, then with another port and another key. Blocks.

        Raises:
            LocalModelError: It does not start.
        """
        self.address = self._server.address()
        return self.address

    def release(self) -> None:
        """End the use; the server stops by itself when it was the last."""
        self._user.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


def _answers(address: Address) -> bool:
    # http.client heeds no proxy settings, which a request to this machine must not follow.
    url = urllib.parse.urlsplit(address.base_url)
    connection = http.client.HTTPConnection(url.netloc, timeout=HEALTH_SECONDS)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
