"""The flow from an article to a verified extraction: prompts, drafts, grounding, checks."""

from vocero.extract.extractor import Extractor, aextract, extract

__all__ = ["Extractor", "aextract", "extract"]
