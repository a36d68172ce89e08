"""The ledger: every act of moderation, in an order that cannot be changed without anybody noticing.

In the manner of RFC 6962 (Certificate Transparency): entries are leaves of a Merkle tree whose root is signed from time
to time. Each leaf holds the hash of the one before it, so a fault is found at the entry where it is.
"""

from rostra.safety.ledger.checkpoints import Checkpoint, CheckpointBroken, Signer
from rostra.safety.ledger.entries import Act, Entry
from rostra.safety.ledger.store import Addition, LedgerStore

__all__ = ["Act", "Addition", "Checkpoint", "CheckpointBroken", "Entry", "LedgerStore", "Signer"]
