"""What the processes that share a server know of each other: files in one private directory.

Who lives is told by file locks, which the kernel drops with their process, even after `kill -9`: no
process id is ever taken for a living one because another process has come by the same number.

- `start.lock`  held while somebody looks for the server or starts it, and while it decides to stop
- `alive.lock`  held by the server as long as it lives
- `users/*`     one lock file for each user, held as long as the user lives
- `state.json`  the server's address and key, mode 0600; there only while it answers
- `server.log`  what the server printed since it was last started
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import socket
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

import filelock

from vocero.model.local.paths import cache_dir

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Address:
    """Where a server answers, and to whom."""

    base_url: str
    """`http://127.0.0.1:PORT/v1`, for OpenAI clients."""
    api_key: str
    """The key the server made for itself when it started."""
    model: str
    """The model's name, as the server's answers give it."""
    pid: int
    """The server's process id, for messages."""


class ServerFolder:
    """The directory shared by one model's server and its users, on one machine.

    Attributes:
        path: The directory, readable by its owner alone.
        log: The file that holds the server's output.
    """

    def __init__(self, model: Path) -> None:
        digest = hashlib.sha256(os.fsencode(model)).hexdigest()[:12]
        # The machine's name keeps apart those that share a home directory.
        self.path = cache_dir() / "servers" / f"{socket.gethostname()}-{digest}"
        self.log = self.path / "server.log"
        self._state = self.path / "state.json"
        self._users = self.path / "users"

    def create(self) -> None:
        """Make the directory, closed to other users of the machine."""
        self._users.mkdir(parents=True, exist_ok=True)
        self.path.chmod(0o700)

    def starting(self) -> filelock.BaseFileLock:
        """A lock on finding, starting and stopping the server."""
        return _lock(self.path / "start.lock")

    def living(self) -> filelock.BaseFileLock:
        """The lock that the server holds for its life."""
        return _lock(self.path / "alive.lock")

    def new_user(self) -> filelock.BaseFileLock:
        """A held lock that keeps the server up; releasing it, or dying, ends the use."""
        user = _lock(self._users / f"{os.getpid()}-{uuid.uuid4().hex[:8]}")
        user.acquire()
        return user

    def users(self) -> int:
        """How many users live; the files of those that died are deleted."""
        living = 0
        for path in self._users.iterdir():
            if _held(_lock(path)):
                living += 1
            else:
                path.unlink(missing_ok=True)
        return living

    def alive(self) -> bool:
        """Whether a server lives, be it that it still starts."""
        return _held(self.living())

    def address(self) -> Address | None:
        """Where the server answers; None before it does."""
        try:
            return Address(**json.loads(self._state.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return None

    def publish(self, address: Address) -> None:
        """Tell the users the address; only their owner can read it, for it holds the key."""
        fresh = self.path / "state.new"
        fresh.unlink(missing_ok=True)
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(dataclasses.asdict(address), file)
        fresh.replace(self._state)

    def forget(self) -> None:
        """Take the address back: it answers no more."""
        self._state.unlink(missing_ok=True)


def _lock(path: Path) -> filelock.BaseFileLock:
    # Not bound to a thread: a user may take its lease in one thread and give it back in another.
    return filelock.FileLock(path, mode=0o600, thread_local=False)


def _held(lock: filelock.BaseFileLock) -> bool:
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        return True
    lock.release()
    return False
