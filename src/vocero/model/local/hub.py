"""Fetch one file from a model hub, going on where a broken download stopped."""

from __future__ import annotations

import http.client
import os
import queue
import threading
import urllib.error
import urllib.request
from typing import TYPE_CHECKING

from vocero.errors import LocalModelError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DEFAULT_HUB = "https://huggingface.co"
STALL_SECONDS = 30.0
CHUNK_BYTES = 1 << 20


def fetch(
    hub_id: str,
    partial: Path,
    *,
    size: int | None,
    patience: float,
    progress: Callable[[str, int, int], None],
) -> None:
    """Bring `owner/repo/file.gguf` into `partial`, adding to what an earlier try left there.

    Args:
        hub_id: Owner, repository and file, separated by slashes.
        partial: The file to write; after an error it keeps what came, for the next try.
        size: The bytes the whole file must have; None accepts what the hub announces.
        patience: Seconds to wait for the hub's first answer, name lookup and redirects included.
        progress: Told the stage, the bytes there and the bytes in all.

    Raises:
        LocalModelError: The hub cannot be reached, has no such file, or broke off.
        OSError: The file cannot be written.
    """
    owner, repo, file = hub_id.split("/", 2)
    hub = os.environ.get("HF_ENDPOINT", DEFAULT_HUB).rstrip("/")
    url = f"{hub}/{owner}/{repo}/resolve/main/{file}"
    have = partial.stat().st_size if partial.exists() else 0
    if size is not None and have >= size:
        return
    answer = _open(url, have, patience)
    with answer, partial.open("ab") as out:
        if answer.status != http.client.PARTIAL_CONTENT:  # the hub starts again from nothing
            out.truncate(0)
            have = 0
        total = have + int(answer.headers.get("Content-Length", 0))
        if size is not None and total != size:
            out.truncate(0)
            raise LocalModelError(f"{url} has {total:,} bytes, not the expected {size:,}")
        while chunk := _read(answer, url):
            out.write(chunk)
            have += len(chunk)
            progress("downloading from the model hub", have, total)
    if have != total:
        raise LocalModelError(f"{url} broke off after {have:,} of {total:,} bytes; try again")


def _open(url: str, offset: int, patience: float) -> http.client.HTTPResponse:
    # A look-up of a name has no timeout of its own, so the whole opening runs in a thread that
    # can be left behind: a machine without a hub must fall on to the next source in seconds.
    headers = {"User-Agent": "vocero"} | ({"Range": f"bytes={offset}-"} if offset else {})
    answers: queue.Queue[http.client.HTTPResponse | Exception] = queue.Queue()

    def ask() -> None:
        try:
            request = urllib.request.Request(url, headers=headers)  # noqa: S310 - our own or HF_ENDPOINT's
            answers.put(urllib.request.urlopen(request, timeout=STALL_SECONDS))  # noqa: S310 - as above
        except Exception as error:  # noqa: BLE001 - handed over to the thread that waits
            answers.put(error)

    threading.Thread(target=ask, daemon=True).start()
    try:
        answer = answers.get(timeout=patience)
    except queue.Empty:
        raise LocalModelError(f"{url} did not answer within {patience:g} s") from None
    if isinstance(answer, urllib.error.URLError):
        raise LocalModelError(f"{url} cannot be had: {answer.reason}") from answer
    if isinstance(answer, Exception):
        raise LocalModelError(f"{url} cannot be had: {answer}") from answer
    return answer


def _read(answer: http.client.HTTPResponse, url: str) -> bytes:
    # Told apart from an OSError of the disk, which has another cure.
    try:
        return answer.read(CHUNK_BYTES)
    except (OSError, http.client.HTTPException) as error:
        raise LocalModelError(f"{url} broke off: {error}; try again") from error
