"""Very many articles: the journal of what was asked of a model and what it answered."""

from __future__ import annotations

from vocero.corpus.journal import Journal
from vocero.corpus.journaled import Journaled, Tally
from vocero.corpus.record import Record, key_of
from vocero.corpus.stats import Group, Stats

__all__ = ["Group", "Journal", "Journaled", "Record", "Stats", "Tally", "key_of"]
