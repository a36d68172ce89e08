"""Media: what people attach to posts, and the pictures of their profiles."""

from rostra.network.media.attachments import (
    MOST_OF_A_POST,
    UNATTACHED_LIFETIME,
    Attachment,
    CannotAttach,
    Description,
    Focus,
    InUse,
    MediaUnknown,
    NotReady,
    Purpose,
    QuotaSpent,
    State,
    description,
)
from rostra.network.media.entity import MediaAttachment, media_address, media_attachment
from rostra.network.media.store import Holder, MediaStore

__all__ = [
    "MOST_OF_A_POST",
    "UNATTACHED_LIFETIME",
    "Attachment",
    "CannotAttach",
    "Description",
    "Focus",
    "Holder",
    "InUse",
    "MediaAttachment",
    "MediaStore",
    "MediaUnknown",
    "NotReady",
    "Purpose",
    "QuotaSpent",
    "State",
    "description",
    "media_address",
    "media_attachment",
]
