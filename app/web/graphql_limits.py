"""How much one GraphQL document, and one connection, may ask for."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Of a document: levels (`introspection_depth` for those below `__schema` and `__type`), fields once every
    fragment is written out, fields at the root, aliases, tokens. Of the cache: documents, and characters of them all (a
    parsed one takes 90 to 130 bytes for each, with its plan).
    Of a WebSocket: operations at a time; seconds to wait for its first message, for a client that does not read, and
    until its key is checked again.
    """

    introspection: bool = True
    depth: int = 12
    introspection_depth: int = 24
    fields: int = 1_000
    root_fields: int = 10
    aliases: int = 30
    tokens: int = 2_000
    documents: int = 1_000
    document_characters: int = 1 << 18
    operations: int = 20
    init_timeout: float = 10.0
    send_timeout: float = 10.0
    key_check: float = 30.0


DEFAULT = Limits()
