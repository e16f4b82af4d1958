"""What a run was begun with, so that it is not gone on with differently."""

from __future__ import annotations

import datetime as dt
import json
import os
import uuid
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from vocero.errors import SettingsError
from vocero.extraction.prompts import prompts_digest
from vocero.schema import SCHEMA_VERSION
from vocero.version import __version__

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from vocero.model import Model

__all__ = ["Manifest", "OutputFormat", "asked_of", "made_with"]

OutputFormat = Literal["jsonl", "parquet"]


@dataclass(frozen=True, slots=True)
class Manifest:
    """The file ``manifest.json`` of a run; `run` and `created` are made, the rest must stay.

    But for the price, which is no part of what is asked or answered: where one machine writes a run,
    it may be given later, or changed, and then holds for the whole run. Ray refuses that, as the
    parts that are there say what they cost.
    """

    run: str
    """The run's own id, for its articles in a journal that several runs share."""
    created: str
    """When it was begun, which its extractions give as their time: ISO 8601 in UTC."""
    settings: Mapping[str, Any]
    """Whatever changes a result, by name: model, prompts, versions, format …"""

    @classmethod
    def new(cls, settings: Mapping[str, Any]) -> Manifest:
        """Begin a run now, or at SOURCE_DATE_EPOCH for those who want the same bytes again.

        Raises:
            SettingsError: SOURCE_DATE_EPOCH is no number of seconds.
        """
        epoch = os.environ.get("SOURCE_DATE_EPOCH")
        try:
            now = (
                dt.datetime.now(dt.UTC)
                if not epoch
                else dt.datetime.fromtimestamp(int(epoch), dt.UTC)
            )
        except (ValueError, OverflowError, OSError):
            msg = f"SOURCE_DATE_EPOCH is {epoch!r}: give seconds since 1970, or unset it"
            raise SettingsError(msg) from None
        return cls(uuid.uuid4().hex, now.isoformat(), dict(settings))

    @classmethod
    def read(cls, path: Path) -> Manifest:
        """Read the file.

        Raises:
            SettingsError: it is damaged, or none of ours.
        """
        try:
            manifest = cls(**json.loads(path.read_text(encoding="utf-8")))
            manifest.time  # noqa: B018 - raises where it is no time
        except (OSError, ValueError, TypeError) as error:
            msg = f"{str(path)!r} is no manifest of a run ({error}): name another folder"
            raise SettingsError(msg) from None
        return manifest

    def to_json(self) -> bytes:
        """The content of the file."""
        return json.dumps(asdict(self), indent=2).encode() + b"\n"

    @property
    def time(self) -> dt.datetime:
        """When the run was begun, aware of its zone."""
        return dt.datetime.fromisoformat(self.created)

    @property
    def min_confidence(self) -> float | None:
        """As for `vocero.Extractor`."""
        least: float | None = self.settings.get("min_confidence")
        return least

    def with_settings(self, settings: Mapping[str, Any]) -> Manifest:
        """The manifest of the same run with other settings."""
        return replace(self, settings=dict(settings))

    def check(
        self, settings: Mapping[str, Any], folder: Path, may_change: Collection[str] = ()
    ) -> None:
        """Refuse to go on with other settings.

        Args:
            settings: Those of now.
            folder: Of the run, for the message.
            may_change: Names of those that may have another value, though not none.

        Raises:
            SettingsError: some differ; the message names them.
        """
        wanted: Mapping[str, Any] = json.loads(json.dumps(settings))
        if changed := [
            f"{name} was {self.settings.get(name)!r} and is now {wanted.get(name)!r}"
            for name in {**self.settings, **wanted}
            if self.settings.get(name) != wanted.get(name)
            and not (name in may_change and wanted.get(name) is not None)
        ]:
            msg = (
                f"the run in {str(folder)!r} was begun with other settings ({'; '.join(changed)}): "
                "go on with those, or begin another run"
            )
            raise SettingsError(msg)


def made_with() -> dict[str, Any]:
    """The part of a run's settings that is Vocero's own: another version reads differently."""
    return {"vocero": __version__, "schema": SCHEMA_VERSION, "prompts": prompts_digest()}


def asked_of(model: Model) -> dict[str, Any]:
    """The part of a run's settings that is the model's."""
    return {
        "model": model.name,
        "parameters": dict(model.parameters),
        "sentences_per_call": model.sentences_per_call,
        "price": None if model.price is None else str(model.price),
    }
