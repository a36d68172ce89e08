"""Alembic's environment. The connection and its transaction belong to whoever runs the migrations."""

from __future__ import annotations

from alembic import context

import rostra.broadcast.originals.tables
import rostra.broadcast.replays.tables
import rostra.broadcast.tables
import rostra.broadcast.transcripts.tables
import rostra.network.accounts.tables
import rostra.network.conversations.tables
import rostra.network.credentials.tables
import rostra.network.filters.tables
import rostra.network.follows.tables
import rostra.network.lists.tables
import rostra.network.media.tables
import rostra.network.notifications.tables
import rostra.network.oauth.tables
import rostra.network.polls.tables
import rostra.network.portability.tables
import rostra.network.posts.tables
import rostra.network.previews.tables
import rostra.network.push.tables
import rostra.network.tagging.tables
import rostra.platform.mail
import rostra.platform.outbox
import rostra.safety.braking.tables
import rostra.safety.desk_tables
import rostra.safety.flagging.tables
import rostra.safety.ledger.tables
import rostra.safety.misusing.tables
import rostra.safety.restrictions.tables
import rostra.safety.tables
import rostra.safety.watching.tables
import rostra.shield.tables  # noqa: F401  # the imports fill the metadata
from rostra.platform.database import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
