"""The flow from an article to a verified extraction: prompts, drafts, grounding, checks."""

from vocero.extraction.extractor import Extractor, aextract, extract
from vocero.extraction.session import Step

__all__ = ["Extractor", "Step", "aextract", "extract"]
