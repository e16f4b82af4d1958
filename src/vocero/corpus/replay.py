"""A run's results once more, from its journal alone."""

from __future__ import annotations

import json
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from vocero.corpus.folder import RunFolder
from vocero.corpus.manifest import Manifest, made_with
from vocero.corpus.outcome import Done, Failed
from vocero.corpus.outputs import append_line
from vocero.corpus.worker import Worker
from vocero.errors import SettingsError, VoceroError
from vocero.model import Price
from vocero.schema import Document

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from vocero.corpus.journal import Journal
    from vocero.corpus.outputs import Output
    from vocero.model import Answer, Message
    from vocero.model.answer import DraftT

__all__ = ["replay"]


class Offline:
    """A `Model` that stands for the one of a run and cannot be asked.

    Args:
        settings: Those of the run's manifest.
    """

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self.name: str = settings["model"]
        self.where = "the journal alone"
        self.parameters: Mapping[str, Any] = MappingProxyType(settings["parameters"])
        self.sentences_per_call: int | None = settings["sentences_per_call"]
        price = settings["price"]
        self.price = None if price is None else Price.parse(price)

    async def ask(
        self,
        messages: Sequence[Message],  # noqa: ARG002 - of the protocol
        answer: type[DraftT],  # noqa: ARG002
        *,
        max_tokens: int | None = None,  # noqa: ARG002
        label: str,
    ) -> Answer[DraftT]:
        """Refuse: whoever asks has not found the answer in the journal.

        Raises:
            VoceroError: always.
        """
        msg = (
            f"the journal lacks an answer to the question {label!r}: was it pruned? "
            "`vocero batch` asks again"
        )
        raise VoceroError(msg)

    async def aclose(self) -> None:
        """Nothing is open."""


async def replay(
    folder: Path | str,
    target: Path | str | None = None,
    *,
    watch: Callable[[int], None] | None = None,
) -> int:
    """Rebuild the extractions and failures of a run, byte for byte, without a model.

    Args:
        folder: The run's.
        target: Where to; the run's own folder by default, whose files are replaced when the new
            ones are whole.
        watch: Told of the number of articles so far.

    Returns:
        The number of articles: those that were finished up to the first that was not.

    Raises:
        SettingsError: the folder holds no run, one of the engine ray, or one of another version of
            Vocero or its prompts.
        VoceroError: the journal lacks an answer, or the target cannot be written.
    """
    source, to = RunFolder(folder), RunFolder(folder if target is None else target)
    manifest = Manifest.read(source.manifest)
    if manifest.settings.get("engine") == "ray":
        msg = (
            f"the run in {str(folder)!r} was made by the engine ray, whose journals hold answers but "
            "not which article is which: delete a part and go on with the run, which asks nothing twice"
        )
        raise SettingsError(msg)
    wanted = made_with()
    recorded = {name: manifest.settings.get(name) for name in wanted}
    if recorded != wanted:
        msg = (
            f"the run in {str(folder)!r} was made by Vocero {recorded['vocero']} with its prompts, "
            "and only they rebuild it: install that version"
        )
        raise SettingsError(msg)
    form = manifest.settings["output"]
    if to.path.resolve() != source.path.resolve() and to.path.is_dir():
        to.check_holds_nothing_but("extractions.jsonl", "extractions", "failures.jsonl")
    held = _journal(manifest, source)
    with to.held(), source.open_journal(held) as journal:
        _check_whole(journal, manifest, source.done())
        output = to.open_output(form, anew=True)
        try:
            count = await _replay(manifest, journal, to, output, watch)
        finally:
            output.close()
        to.settle(form)
    return count


def _journal(manifest: Manifest, source: RunFolder) -> Path:
    path = Path(manifest.settings["journal"] or source.journal)
    if not path.exists():
        msg = f"the journal {str(path)!r} is gone, and with it what is to be rebuilt: restore it"
        raise VoceroError(msg)
    return path


def _check_whole(journal: Journal, manifest: Manifest, before: int) -> None:
    """Refuse to replace files by less.

    Raises:
        VoceroError: the journal has lost articles that the files hold, or holds none.
    """
    done = sum(not one.failed for one in journal.entries(manifest.run))
    if done < max(before, 1):
        msg = (
            f"the journal holds {done} articles of the {before} that the run had done: it was "
            "pruned, and cannot rebuild them"
        )
        raise VoceroError(msg)


async def _replay(
    manifest: Manifest,
    journal: Journal,
    to: RunFolder,
    output: Output,
    watch: Callable[[int], None] | None,
) -> int:
    worker = Worker(
        Offline(manifest.settings),
        journal,
        created_at=manifest.time,
        run=manifest.run,
        min_confidence=manifest.min_confidence,
        on_asked=lambda _: None,  # nothing is
    )
    count = 0
    with to.rewritten(to.failures) as failures:
        for entry in journal.entries(manifest.run):
            if entry.position != count:
                break
            if entry.failed:
                append_line(failures, Failed.from_json(entry.outcome).line(entry.position))
            else:
                text = journal.document(manifest.run, entry.position)
                document = Document.model_validate_json(text or "")
                outcome = await worker.read(document, retry=False)
                if not isinstance(outcome, Done) or outcome.to_json() != entry.outcome:
                    msg = f"article {count + 1} comes out differently: {json.dumps(document.id)}"
                    raise VoceroError(msg)
                output.write(outcome.line)
            count += 1
            if watch:
                watch(count)
    return count
