"""Half price: a run's questions asked through a provider's batches (OpenAI's Files and Batches).

The extraction of an article is a conversation, so that its questions go out in rounds. In each, the
articles are read by the ordinary extractor before a model that is asked by post (`PostedModel`):
it answers what has been answered, and puts all else into files (`Outbox`) that are uploaded,
submitted, watched and fetched (`Post`, `Remote`). What comes is kept as it came (`State`) and read
in the next round, by the code that reads answers over HTTP; the journal notes it like any other.
"""

from __future__ import annotations

from vocero.corpus.provider.engine import OpenAIBatch
from vocero.corpus.provider.outbox import Limits

__all__ = ["Limits", "OpenAIBatch"]
