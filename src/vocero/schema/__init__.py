"""The data model: what Vocero returns, and what other tools may import. Costs Pydantic, no more.

`Extraction` holds one `Document` and what is said in it: `Actor`, `Claim`, `Attribution`, what was
refused (`Rejection`) and how it was made (`Provenance`). Every `Span` counts code points.
"""

from vocero.schema.actor import Actor, ActorKind, Mention, MentionForm
from vocero.schema.attribution import Attribution, Relay, Speech, Stance
from vocero.schema.base import SCHEMA_VERSION, content_id
from vocero.schema.claim import Claim, Modality
from vocero.schema.document import Document
from vocero.schema.extraction import Extraction
from vocero.schema.jsonschema import SCHEMAS, json_schema
from vocero.schema.provenance import Attempts, Provenance, Usage
from vocero.schema.rejection import Reason, Rejection, Stage
from vocero.schema.span import Match, Span

__all__ = [
    "SCHEMAS",
    "SCHEMA_VERSION",
    "Actor",
    "ActorKind",
    "Attempts",
    "Attribution",
    "Claim",
    "Document",
    "Extraction",
    "Match",
    "Mention",
    "MentionForm",
    "Modality",
    "Provenance",
    "Reason",
    "Rejection",
    "Relay",
    "Span",
    "Speech",
    "Stage",
    "Stance",
    "Usage",
    "content_id",
    "json_schema",
]
