"""Posts and notifications in every state, for the style guide."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from markupsafe import Markup

from rostra.media.wire import Phase
from rostra.network.notifications import Kind
from rostra.web.pages import words
from rostra.web.pages.post_view import post_time
from rostra.web.pages.views.listing import BroadcastCard
from rostra.web.pages.views.notifications import NotificationView
from rostra.web.pages.views.posts import (
    ActsView,
    AnswersView,
    AttachmentView,
    LinkCardView,
    PersonView,
    PollOptionView,
    PollView,
    PostView,
    QuoteView,
)

_WRITER: Final = PersonView(name="A writer", acct="@writer", url="#posts", avatar_url="/drawn/3/avatar.png")
_READER: Final = PersonView(name="A reader", acct="@reader", url="#posts", avatar_url="/drawn/8/avatar.png")
_ACTS: Final = ActsView(
    form_url="#posts",
    reply_url="#posts",
    favourited=True,
    boosted=True,
    bookmarked=False,
    pinned=False,
    may_boost=True,
    own=True,
    may_pin=True,
    edit_url="#posts",
    delete_url="#posts",
)
_PICTURE: Final = AttachmentView(
    kind="image",
    url="/drawn/header.png",
    preview_url="/drawn/header.png",
    description="Stripes of two greys",
    width=600,
    height=200,
)


def sample_posts(now: datetime) -> tuple[tuple[str, PostView], ...]:
    """Each with the name of its state."""
    plain = PostView(
        id="1",
        url="#posts",
        author=_WRITER,
        made=post_time(now - timedelta(minutes=5), now),
        html=Markup("<p>What somebody says, in their own words.</p><p>Two paragraphs, and a link at the end.</p>"),
        language="en",
        visibility="public",
        visibility_text="Public",
        warning="",
        sensitive=False,
        replies="3",
        boosts="12",
        favourites="1,204",
    )
    poll = PollView(
        options=(
            PollOptionView(place=0, title="In the morning", votes="6", share=60, own=True),
            PollOptionView(place=1, title="In the evening", votes="4", share=40, own=False),
        ),
        field="poll-1",
        multiple=False,
        may_vote=False,
        shows_totals=True,
        has_voters=True,
        voters="10",
        has_ended=True,
        ends=plain.made,
    )
    open_poll = replace(poll, may_vote=True, has_ended=False, ends=replace(plain.made, brief="3 h"))
    link = LinkCardView(
        url="#posts",
        title="The title of a page",
        description="What the page says of itself, in two lines at most.",
        source="example.org",
        image_url="/drawn/header.png",
    )
    quote = QuoteView(
        url="#posts",
        author=_READER,
        made=plain.made,
        html=Markup("<p>What a reader has said before.</p>"),
        language="en",
        files=1,
    )
    coming = _broadcast(now + timedelta(hours=3), Phase.SCHEDULED)
    states = (
        ("For a visitor", plain),
        (
            "With the buttons of its author",
            replace(plain, acts=_ACTS, visibility="unlisted", visibility_text="Unlisted"),
        ),
        ("What its page is about", replace(plain, focus=True, app_name="An app")),
        ("Boosted", replace(plain, boosted_by=_READER)),
        ("An answer", replace(plain, answers=AnswersView(url="#posts", name="@reader"))),
        ("Pinned and edited", replace(plain, pinned=True, edited=plain.made, history_url="#posts")),
        ("With a warning", replace(plain, warning="The end of a film")),
        ("Closed by a filter", replace(plain, filtered="Films")),
        ("With a picture", replace(plain, attachments=(_PICTURE,))),
        ("With pictures that are closed", replace(plain, attachments=(_PICTURE,) * 3, sensitive=True)),
        ("With a poll", replace(plain, poll=open_poll, acts=_ACTS)),
        ("With a poll of several answers", replace(plain, poll=replace(open_poll, multiple=True), acts=_ACTS)),
        ("With a poll that is over", replace(plain, poll=poll)),
        (
            "With a poll that tells nothing yet",
            replace(plain, poll=replace(open_poll, may_vote=False, shows_totals=False)),
        ),
        ("That quotes", replace(plain, quote=quote)),
        ("That quotes what was taken back", replace(plain, quote=QuoteView(missing="It was taken back."))),
        ("With a link", replace(plain, card=link)),
        ("Announces what is to come", replace(plain, broadcast=coming)),
        ("Announces what is on the air", replace(plain, broadcast=_broadcast(now, Phase.LIVE))),
        ("Announces what can be heard again", replace(plain, broadcast=_broadcast(now, Phase.ENDED))),
    )
    return tuple((name, replace(each, id=str(number))) for number, (name, each) in enumerate(states, start=1))


def sample_notifications(now: datetime) -> tuple[NotificationView, ...]:
    """One of each kind; the first two are new."""
    post = dict(sample_posts(now))["With the buttons of its author"]
    plain = NotificationView(
        id="1", kind=Kind.FAVOURITE, people=(_READER,), count=1, made=post_time(now, now), is_new=False
    )
    about = replace(plain, excerpt="What somebody says, in their own words", url="#posts")
    samples = (
        replace(plain, kind=Kind.FOLLOW_REQUEST, is_new=True, answer_url="#notifications"),
        replace(plain, kind=Kind.MENTION, is_new=True, post=replace(post, id="90")),
        replace(about, people=(_READER, _WRITER), count=2),
        replace(about, kind=Kind.REBLOG, people=(_READER, _WRITER), count=12),
        replace(plain, kind=Kind.FOLLOW),
        replace(plain, kind=Kind.STATUS, post=replace(post, id="91")),
        replace(about, kind=Kind.UPDATE),
        replace(about, kind=Kind.POLL),
        replace(plain, kind=Kind.QUOTE, post=replace(post, id="92")),
        replace(about, kind=Kind.QUOTED_UPDATE),
    )
    return tuple(replace(each, id=str(number)) for number, each in enumerate(samples, start=1))


def _broadcast(starts_at: datetime, phase: Phase) -> BroadcastCard:
    return BroadcastCard(
        title="An evening about gardens",
        url="#posts",
        phase=phase,
        when=words.when_of(phase),
        phase_text=words.phase_text(phase),
        starts=words.moment(starts_at, "Europe/Berlin"),
        host_name="A host",
        summary="",
        picture_url=None,
        unlisted=False,
        control_url="#posts",
        edit_url=None,
    )
