"""A run over very many articles that loses nothing and can be interrupted at any time."""

from __future__ import annotations

import asyncio
import datetime as dt
import functools
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vocero.corpus.collecting import collecting_seldom
from vocero.corpus.folder import RunFolder
from vocero.corpus.manifest import asked_of, made_with
from vocero.corpus.outcome import Account, Failed
from vocero.corpus.outputs import InOrder, append_line
from vocero.corpus.processes import Processes
from vocero.corpus.record import Entry
from vocero.corpus.runner import Progress, Runner
from vocero.corpus.summary import spent
from vocero.corpus.worker import Setup, Worker
from vocero.errors import SettingsError
from vocero.extraction.confidence import check_least
from vocero.model import Budget, ModelSettings, Pacer, connect

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping
    from decimal import Decimal
    from typing import Unpack

    from vocero.corpus.journal import Journal
    from vocero.corpus.manifest import Manifest, OutputFormat
    from vocero.corpus.outcome import Outcome
    from vocero.corpus.outputs import Output
    from vocero.corpus.runner import Article
    from vocero.corpus.worker import Reader
    from vocero.errors import InputError
    from vocero.model import ConnectOptions, Model
    from vocero.schema import Document

__all__ = ["Batch"]

# Articles at once for a model that is given connected, and does not say how much it can take.
_AT_ONCE = 8
# Articles that lie ready for an answer to make room; each takes about 0.1 MB.
_AHEAD = 50


class Batch:
    """One run, kept in a folder of its own; where the folder holds a run already, that goes on.

    Args:
        folder: The run's.
        model: As for `vocero.model.connect`; a `Model` is closed at the end.
        output: ``jsonl`` or ``parquet``.
        processes: How many share the work; more than one need a model by name.
        at_once: Articles that are read at any time; by default what keeps the model busy.
        min_confidence: As for `vocero.Extractor`.
        budget_money: What the whole run may cost, in the currency of the price.
        budget_tokens: How many tokens the whole run may take, sent and received together.
        journal: Instead of the folder's own: one that several runs share.
        retry_failed: Read those articles again that failed before.
        reading: Settings of reading the input that change its articles, for the manifest.
        display: Kept up to date and shown by somebody else; by default one of its own.
        before: Awaited with the run's journal and manifest before the first article is read, and
            given up when the run is stopped; e.g. `vocero.corpus.provider.OpenAIBatch.fill`.
        options: The other arguments of `vocero.model.connect`.

    Attributes:
        progress: How far it is; may be read at any time, from any thread.

    Raises:
        SettingsError: a setting is malformed, missing, or contradicts another.
    """

    def __init__(
        self,
        folder: Path | str,
        model: str | Model | None = None,
        *,
        output: OutputFormat = "jsonl",
        processes: int = 1,
        at_once: int | None = None,
        min_confidence: float | None = None,
        budget_money: Decimal | None = None,
        budget_tokens: int | None = None,
        journal: Path | str | None = None,
        retry_failed: bool = False,
        reading: Mapping[str, Any] | None = None,
        display: Progress | None = None,
        before: Callable[[Journal, Manifest], Coroutine[Any, Any, None]] | None = None,
        **options: Unpack[ConnectOptions],
    ) -> None:
        if not isinstance(model, str | None) and (
            processes > 1 or budget_money is not None or budget_tokens is not None
        ):
            msg = f"several processes, or a budget, need a model by name and not {model.name!r}"
            raise SettingsError(msg)
        self.progress = display or Progress()
        self._folder = RunFolder(folder)
        self._model = connect(model, **options)
        if budget_money is not None and self._model.price is None:
            msg = "a budget of money needs a price: set VOCERO_PRICE, e.g. to 0.15/0.60"
            raise SettingsError(msg)
        self.progress.price = self._model.price
        self._setup: Callable[..., Setup] | None = None
        questions = _AT_ONCE
        given: ConnectOptions = options.copy()
        if isinstance(model, str | None):
            settings = _settings(model, given)
            questions = settings.concurrency
            if not settings.local:
                given["concurrency"] = questions
            self._setup = functools.partial(Setup, model, given, workers=processes)
        self._min_confidence = check_least(min_confidence)
        self._output = output
        self._processes = processes
        self._at_once = at_once or _articles_at_once(questions)
        self._money, self._tokens = budget_money, budget_tokens
        self._journal = None if journal is None else Path(journal).absolute()
        self._retry_failed = retry_failed
        self._reading = dict(reading or {})
        self._before = before
        self._preparing: asyncio.Task[None] | None = None
        self._runner: Runner | None = None
        self._stops = 0

    def stop(self) -> None:
        """Begin no further article; a second time, give up those that are being read."""
        self._stops += 1
        if self._preparing is not None:
            self._preparing.cancel()
        if self._runner is not None:
            self._runner.stop()

    async def run(self, documents: Iterable[Document | InputError]) -> bool:
        """Extract every article that is not finished; return whether that is all of them now.

        Raises:
            SettingsError: the run was begun with other settings or another input, or is being
                written by another process.
            VoceroError: nothing more can be done; what was finished is written.
        """
        with self._folder.held(), collecting_seldom():
            manifest = self._folder.begin(self._settings(), self._is_used, may_change={"price"})
            with self._folder.open_journal(self._journal) as journal:
                reader = self._reader(journal, manifest)
                try:
                    if not await self._prepared(journal, manifest):
                        return False
                    return await self._run(documents, journal, manifest, reader)
                finally:
                    await reader.aclose()
                    await self._model.aclose()

    def _is_used(self, manifest: Manifest) -> bool:
        with self._folder.open_journal(self._journal) as journal:
            return any(not one.failed for one in journal.entries(manifest.run))

    async def _prepared(self, journal: Journal, manifest: Manifest) -> bool:
        """Do what comes before the articles; False where it is time to stop."""
        if self._before is None:
            return True
        self._preparing = asyncio.create_task(self._before(journal, manifest))
        try:
            await self._preparing
        except asyncio.CancelledError:
            if self._stops:
                return False
            raise
        finally:
            self._preparing = None
        return True

    async def _run(
        self,
        documents: Iterable[Document | InputError],
        journal: Journal,
        manifest: Manifest,
        reader: Reader,
    ) -> bool:
        form, summary = self._output, self.progress.summary
        # Extractions say what they cost: under another price they are written again.
        settings = self._settings()
        repriced = settings["price"] != manifest.settings["price"]
        anew = repriced or (
            self._retry_failed and any(one.failed for one in journal.entries(manifest.run))
        )
        output = self._folder.open_output(form, anew=anew)
        if repriced:
            self._folder.write_manifest(manifest.with_settings(settings))
        written = self._written(journal, manifest, output)
        self.progress.earlier = summary.finished
        with self._folder.failures.open("ab") as failures:
            in_order = InOrder(written, output, failures, self._folder.path)

            async def finish(article: Article, outcome: Outcome) -> None:
                await journal.aenter(manifest.run, self._entry(article, outcome), article.text)
                if isinstance(outcome, Failed):
                    in_order.put(article.position, outcome.line(article.position), failed=True)
                    self.progress.told(outcome.told)
                else:
                    in_order.put(article.position, outcome.line, failed=False)
                summary.add(outcome)

            self._runner = Runner(
                reader,
                at_once=self._at_once,
                progress=self.progress,
                entry=lambda position: journal.entry(manifest.run, position),
                finish=finish,
                skip=written,
                last=journal.last(manifest.run),
                retry_failed=self._retry_failed,
            )
            for _ in range(self._stops):  # it may have been told before it was there
                self._runner.stop()
            whole = False
            try:
                whole = await self._runner.run(documents)
            finally:
                in_order.close()
                output.close()
                if whole:
                    self._folder.settle(form)
                self._folder.write_summary(self._summary(journal, manifest, whole=whole))
        return whole

    def _reader(self, journal: Journal, manifest: Manifest) -> Reader:
        model, asked, least = self._model, self.progress.asked, manifest.min_confidence
        if self._setup is not None:
            budget = self._budget(journal, manifest)
            setup = self._setup(
                journal=journal.path,
                created_at=manifest.time,
                run=manifest.run,
                min_confidence=least,
            )
            if self._processes > 1:
                return Processes(setup, asked, budget)
            pacer = Pacer()
            self.progress.rate_limit = lambda: pacer.rate
            model = setup.connect(pacer, budget)
        return Worker(
            model,
            journal,
            created_at=manifest.time,
            run=manifest.run,
            min_confidence=least,
            on_asked=asked.count,
        )

    def _budget(self, journal: Journal, manifest: Manifest) -> Budget | None:
        if self._money is None and self._tokens is None:
            return None
        return Budget(
            money=self._money,
            tokens=self._tokens,
            price=self._model.price,
            spent=journal.usage(manifest.run),
        )

    def _entry(self, article: Article, outcome: Outcome) -> Entry:
        return Entry(
            position=article.position,
            model=self._model.name,
            ended=dt.datetime.now(dt.UTC),
            digest=article.digest,
            failed=isinstance(outcome, Failed),
            outcome=outcome.to_json(),
        )

    def _settings(self) -> dict[str, Any]:
        return {
            **made_with(),
            **asked_of(self._model),
            "min_confidence": self._min_confidence,
            "output": self._output,
            "journal": None if self._journal is None else str(self._journal),
            **self._reading,
        }

    def _written(self, journal: Journal, manifest: Manifest, output: Output) -> int:
        """Bring the files to a common end; return the number of articles before it.

        The journal knows what became of each article; the files may lack what was finished last,
        or hold the beginning of what was not.
        """
        done = sum(not one.failed for one in self._leading(journal, manifest))
        left = output.keep(done)
        summary = self.progress.summary
        written = 0
        with self._folder.rewritten(self._folder.failures) as failures:
            for entry in self._leading(journal, manifest):
                if not entry.failed and summary.done == left:
                    break
                if entry.failed:
                    failed = Failed.from_json(entry.outcome)
                    append_line(failures, failed.line(entry.position))
                    summary.add(failed)
                else:
                    summary.add_done(Account.from_json(json.loads(entry.outcome)))
                written += 1
        return written

    def _leading(self, journal: Journal, manifest: Manifest) -> Iterator[Entry]:
        """The articles that are finished up to the first that is not, or is to be tried again."""
        for position, entry in enumerate(journal.entries(manifest.run)):
            if entry.position != position or (entry.failed and self._retry_failed):
                return
            yield entry

    def _summary(self, journal: Journal, manifest: Manifest, *, whole: bool) -> dict[str, Any]:
        return {
            "finished": whole,
            "created": manifest.created,
            "model": self._model.name,
            **self.progress.summary.to_json(self._model.price),
            "spent": spent(journal, manifest, self._model.price),
            "seconds_per_call": journal.latencies(manifest.run),
        }


def _articles_at_once(concurrency: int) -> int:
    """As many as keep so many questions on their way, while others are prepared or written.

    Answers come in bursts, and whoever has to read an article first leaves the endpoint idle.
    """
    return 1 if concurrency == 1 else concurrency + min(concurrency, _AHEAD)


def _settings(model: str | None, options: ConnectOptions) -> ModelSettings:
    return ModelSettings.resolve(
        model,
        base_url=options.get("base_url"),
        api_key=options.get("api_key"),
        concurrency=options.get("concurrency"),
    )
