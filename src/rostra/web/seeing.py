"""Posts as the looker sees them: in their place, but withheld, gated or labelled. The one place for pages and apps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from html import escape
from typing import Final

import msgspec

from rostra.network.accounts import AccountState, Profile
from rostra.network.posts import Post
from rostra.platform.wording import _
from rostra.safety.restrictions import Answer, Kind, Restriction, Subject
from rostra.web.looking import Looker, account_subject
from rostra.web.withheld import refusal, sentence, statement_url, until

_media: Final = msgspec.json.Decoder(list[dict[str, object]])
_json: Final = msgspec.json.Encoder()
_MORE: Final = _("The decision, and how to complain about it")


def seen(looker: Looker, posts: Sequence[Post]) -> list[Post]:
    """The posts as they may be shown: the same number, in the same order, so cursors and pages stay."""
    if not len(looker.view):
        return list(posts)
    return [seen_one(looker, post) for post in posts]


def seen_one(looker: Looker, post: Post) -> Post:
    if post.boost_of is not None:
        original, author = seen_one(looker, post.boost_of), seen_profile(looker, post.author)
        unchanged = original is post.boost_of and author is post.author
        return post if unchanged else replace(post, boost_of=original, author=author)
    answer = answer_for(looker, post)
    if answer.hidden_by is not None:
        withheld = _withheld(post, answer.hidden_by, looker.site_url)
        return replace(withheld, author=seen_profile(looker, post.author))
    shown = _without_media(looker, post)
    if shown.quoted is not None:
        shown = replace(shown, quoted=seen_one(looker, shown.quoted))
    if answer.labels:
        shown = replace(shown, html="".join(_label(each, looker.site_url) for each in answer.labels) + shown.html)
    if answer.gated_by is not None:
        why = answer.gated_by.reason or sentence(answer.gated_by)
        spoiler = f"{why} · {shown.spoiler_text}" if shown.spoiler_text else why
        shown = replace(shown, spoiler_text=spoiler, sensitive=True)
    return shown


def seen_profile(looker: Looker, profile: Profile) -> Profile:
    """An account that is withheld from the looker is its handle, and that it is withheld: as apps expect of one that
    is suspended, with the reason where it would say who it is.
    """
    if not looker.view.has(Kind.ACCOUNT):
        return profile
    by = looker.at(account_subject(profile.id)).hidden_by
    if by is None:
        return profile
    return replace(
        profile,
        display_name="",
        state=AccountState.SUSPENDED,
        note_html=_said(by, looker.site_url),
        fields="[]",
        avatar=None,
        header=None,
        discoverable=False,
        indexable=False,
        posts_count=0,
        followers_count=0,
        following_count=0,
        last_post_id=None,
    )


def answer_for(looker: Looker, post: Post) -> Answer:
    """What there is to see of an original: its own restrictions and its author's."""
    return looker.at(Subject(Kind.POST, post.id), account_subject(post.author.id))


def check_seen(looker: Looker, post: Post) -> None:
    """For what shows a post by itself. Raises Withheld."""
    if (hidden_by := answer_for(looker, post.original).hidden_by) is not None:
        raise refusal(hidden_by, site_url=looker.site_url)


def _withheld(post: Post, by: Restriction, site_url: str) -> Post:
    """That something is withheld, honestly, in its place; who wrote it and when stays."""
    return replace(
        post,
        html=_said(by, site_url),
        spoiler_text="",
        sensitive=False,
        language="en",
        mentions="[]",
        tags="[]",
        media="[]",
        link=None,
        poll_id=None,
        broadcast_id=None,
        edited_at=None,
        quoted=None,
        quote_state=None,
    )


def _said(by: Restriction, site_url: str) -> str:
    end = until(by)
    lines = [sentence(by), f"Reason: {by.reason}" if by.reason else "", _("Until {end}.", end=end) if end else ""]
    return "".join(f"<p>{escape(line)}</p>" for line in lines if line) + _statement(by, site_url)


def _label(by: Restriction, site_url: str) -> str:
    url = statement_url(by, site_url=site_url)
    text = f"<strong>{escape(by.reason)}</strong>"
    return f'<p>{text} <a href="{escape(url)}">Why this is here</a></p>' if url else f"<p>{text}</p>"


def _statement(by: Restriction, site_url: str) -> str:
    url = statement_url(by, site_url=site_url)
    return f'<p><a href="{escape(url)}">{_MORE}</a></p>' if url else ""


def _without_media(looker: Looker, post: Post) -> Post:
    """The post without the media that are withheld; a gated medium covers them all, a label stands below the words."""
    if post.media == "[]" or not looker.view.has(Kind.MEDIA):
        return post
    kept, gated, every = [], False, _media.decode(post.media)
    labels: dict[str, None] = {}
    for each in every:
        answer = looker.at(Subject(Kind.MEDIA, int(str(each["id"]))))
        gated = gated or answer.gated_by is not None
        if answer.shown:
            kept.append(each)
            labels |= dict.fromkeys(_label(by, looker.site_url) for by in answer.labels)
    if len(kept) == len(every) and not gated and not labels:
        return post
    media = _json.encode(kept).decode() if kept else "[]"
    gone = "" if len(kept) == len(every) else "<p>A picture or film of this post is withheld.</p>"
    return replace(post, media=media, html=post.html + gone + "".join(labels), sensitive=post.sensitive or gated)
