"""What carries a run out: this machine, a provider's batches, or a Ray cluster."""

from __future__ import annotations

import asyncio
import signal
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from vocero.cli.terminal import say
from vocero.corpus import Batch
from vocero.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from decimal import Decimal
    from pathlib import Path

    from vocero.corpus import Journal, Progress
    from vocero.corpus.manifest import Manifest
    from vocero.corpus.provider.post import Standing
    from vocero.errors import InputError
    from vocero.model import ConnectOptions, ModelSettings
    from vocero.schema import Document

__all__ = ["Task"]


@dataclass(frozen=True, kw_only=True)
class Task:
    """What is to be run, whatever the engine."""

    folder: Path
    read: Callable[[], Iterable[Document | InputError]]
    paths: Sequence[str]
    model: str | None
    options: ConnectOptions
    settings: ModelSettings
    form: Literal["jsonl", "parquet"] | None
    reading: dict[str, Any]
    min_confidence: float | None
    money: Decimal | None
    tokens: int | None
    processes: int
    journal: Path | None
    retry_failed: bool
    progress: Progress

    def run(self, engine: str, ray_address: str | None) -> bool:
        """Run to the end, or until it is stopped; return whether it came to its end."""
        unused = {
            "--ray-address": engine != "ray" and ray_address is not None,
            "--processes": engine == "openai-batch" and self.processes > 1,
            "--concurrency": engine == "openai-batch" and self.options.get("concurrency"),
            "--format jsonl": engine == "ray" and self.form == "jsonl",
        }
        for option, given in unused.items():
            if given:
                msg = f"{option} is of no use to --engine {engine}: leave it out"
                raise SettingsError(msg)
        if engine == "ray":
            return self._on_ray(ray_address)
        return self._by_batches() if engine == "openai-batch" else self._here()

    def _here(self) -> bool:
        run = Batch(
            self.folder,
            self.model,
            output=self.form or "jsonl",
            reading=self.reading,
            min_confidence=self.min_confidence,
            processes=self.processes,
            budget_money=self.money,
            budget_tokens=self.tokens,
            journal=self.journal,
            retry_failed=self.retry_failed,
            display=self.progress,
            **self.options,
        )
        return asyncio.run(_interruptible(run, self.read()))

    def _by_batches(self) -> bool:
        from vocero.corpus.provider import OpenAIBatch  # noqa: PLC0415 - only for this engine

        if "-" in self.paths:
            msg = "batches read the input again and again, which - does not allow: name files"
            raise SettingsError(msg)
        engine = OpenAIBatch(
            self.folder / "provider",
            self.settings,
            budget_money=self.money,
            budget_tokens=self.tokens,
            on_progress=self._note_batches,
            on_asked=self.progress.asked.count,
        )

        async def fill(journal: Journal, manifest: Manifest) -> None:
            try:
                await engine.fill(self.read, journal, manifest, retry_failed=self.retry_failed)
            finally:
                self.progress.note = ""

        run = Batch(
            self.folder,
            engine.model,
            output=self.form or "jsonl",
            reading=self.reading,
            min_confidence=self.min_confidence,
            journal=self.journal,
            retry_failed=self.retry_failed,
            display=self.progress,
            before=fill,
        )
        return asyncio.run(_interruptible(run, self.read()))

    def _note_batches(self, standing: Standing) -> None:
        self.progress.note = (
            f"{standing.answered:,}/{standing.requests:,} requests answered, batches: "
            + ", ".join(f"{count} {state}" for state, count in sorted(standing.batches.items()))
        )

    def _on_ray(self, address: str | None) -> bool:
        from vocero.corpus.on_ray.engine import run_on_ray  # noqa: PLC0415 - only for this engine

        if self.money is not None or self.tokens is not None:
            msg = "budgets are not kept by --engine ray: leave them out, or use another engine"
            raise SettingsError(msg)
        return run_on_ray(
            self.folder,
            self.paths,
            model=self.model,
            options=self.options,
            at_once=self.settings.concurrency,
            workers=self.processes,
            address=address,
            journal=self.journal,
            retry_failed=self.retry_failed,
            reading=self.reading,
            min_confidence=self.min_confidence,
            progress=self.progress,
        )


async def _interruptible(run: Batch, documents: Iterable[Document | InputError]) -> bool:
    loop = asyncio.get_running_loop()

    def stop() -> None:
        under_way = run.progress.in_flight
        if not run.progress.stopping:
            say(f"vocero: finishing {under_way} articles; Ctrl-C again stops at once")
        run.stop()

    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, stop)
        except NotImplementedError:  # Windows
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop))
    return await run.run(documents)
