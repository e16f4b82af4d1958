"""Very many articles: runs that can be interrupted, and the journal of all that was asked."""

from __future__ import annotations

from vocero.corpus.batch import Batch
from vocero.corpus.journal import Journal
from vocero.corpus.journaled import Journaled
from vocero.corpus.record import Entry, Record, key_of
from vocero.corpus.replay import replay
from vocero.corpus.runner import Progress
from vocero.corpus.stats import Group, Stats
from vocero.corpus.summary import Summary
from vocero.corpus.tally import Tally

__all__ = [
    "Batch",
    "Entry",
    "Group",
    "Journal",
    "Journaled",
    "Progress",
    "Record",
    "Stats",
    "Summary",
    "Tally",
    "key_of",
    "replay",
]
