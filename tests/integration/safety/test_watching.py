"""Machines point people to posts: what they queue, label and hold, and that nothing of it is lost or lasts."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from sqlalchemy import update

from rostra.flows.edit_profile import edit_profile
from rostra.flows.hold_post import review_holds
from rostra.flows.house import House
from rostra.flows.keep_hashes import import_hashes
from rostra.flows.keep_rules import RulesFile
from rostra.flows.preview_decision import preview_decision
from rostra.flows.publish_post import delete_post, edit_post, publish_post
from rostra.flows.read_cases import open_case, queue
from rostra.flows.read_evidence import read_evidence
from rostra.flows.watch_posts import Watching
from rostra.flows.watch_profile import want_look
from rostra.network.accounts import ProfileChange, Role, Viewer
from rostra.network.media import Attachment, MediaStore, Purpose, State
from rostra.network.media.tables import MediaRow
from rostra.network.posts import Draft, NoSuchPost, Post, PostStore
from rostra.network.remaking.orders import Kind
from rostra.network.timelines import Timelines
from rostra.network.visibility import Visibility
from rostra.platform.ids import AccountId, MediaId, PostId
from rostra.platform.keyset import Page
from rostra.safety.case_rows import Case
from rostra.safety.cases import Happened
from rostra.safety.decisions import Measure, Source
from rostra.safety.watching.figure_store import FigureStore
from rostra.safety.watching.hash_store import HashStore
from rostra.safety.watching.rules import Act
from rostra.safety.watching.store import LEASE, WatchStore
from tests.kit.clock import FakeClock
from tests.kit.engines import on_sqlite
from tests.kit.members import a_post
from tests.kit.safety import Tray, a_moderator, a_notice, decide, somebody, verdict

RULES = """\
[[rule]]
name = "pills"
description = "The post offers prescription drugs."
when = '''post.folded.contains("xanax")'''
act = "{act}"
category = "UNSAFE_AND_PROHIBITED_PRODUCTS"
"""


async def watching(house: House, folder: Path, act: Act) -> Watching:
    """The site's task, with one rule in force."""
    file = folder / "rules.toml"
    file.write_text(RULES.format(act=act))
    rules = RulesFile(house, file)
    await rules.look()
    return Watching(house, rules)


async def look_at_all(task: Watching) -> int:
    looked = 0
    while await task.tick():
        looked += 1
    return looked


async def cases(house: House) -> list[Case]:
    return await queue(house, await somebody(house, f"m{house.ids.next()}", Role.MODERATOR))


async def readable(house: House, post_id: PostId, viewer: AccountId | None) -> bool:
    async with house.database.reading() as session:
        try:
            await PostStore(session).get(post_id, viewer, now=house.clock.now())
        except NoSuchPost:
            return False
    return True


async def public(house: House) -> list[int]:
    async with house.database.reading() as session:
        found = await Timelines(session, None, now=house.clock.now()).public(Page(limit=10))
    return [post.id for post in found]


def id_of(viewer: Viewer) -> AccountId:
    assert viewer.account_id is not None
    return viewer.account_id


async def test_a_rule_opens_a_case_that_says_so(house: House, tmp_path: Path) -> None:
    """Posting waits for nothing; the case has log, language and snapshot; the reasons say that a machine found it."""
    task = await watching(house, tmp_path, Act.QUEUE)
    ada, mo = await somebody(house, "ada"), await a_moderator(house)
    post = await a_post(house, id_of(ada), "Kauft Xanax bei mir, ganz billig und ohne Rezept!")
    await a_post(house, id_of(ada), "A fine day.")
    assert await cases(house) == []
    assert await look_at_all(task) == 2
    (case,) = await cases(house)
    assert (case.subject.key, case.affected, case.source) == (f"post:{post.id}", ada.account_id, Source.VOLUNTARY)
    assert case.language == "de"
    assert post.id in await public(house)
    file = await open_case(house, mo, case.id)
    assert file.log[0].machine.startswith("pills ")
    assert len(file.evidence) == 1
    wish = verdict(f"post:{post.id}", Measure.REMOVE)
    preview = await preview_decision(house, mo, file, wish)
    assert preview.statement is not None
    assert "A computer program pointed to it." in preview.statement.text, "what is seen before is what is sent"
    decision = await decide(house, mo, case.id, wish)
    assert decision.wish.reasons.found_automatically
    assert await look_at_all(task) == 0
    async with house.database.reading() as session:
        now = house.clock.now()
        (found,) = await FigureStore(session).between(now - timedelta(days=1), now + timedelta(days=1))
    assert (found.rule, found.hits, found.decided, found.right, found.missed) == ("pills", 1, 1, 1, 0)


@on_sqlite
async def test_a_machine_joins_a_case_that_people_opened(house: House, tmp_path: Path) -> None:
    task = await watching(house, tmp_path, Act.QUEUE)
    ada, mo = await somebody(house, "ada"), await a_moderator(house)
    post = await a_post(house, id_of(ada), "Xanax!")
    await a_notice(house, f"http://localhost:8000/@ada/{post.id}")
    await look_at_all(task)
    (case,) = await cases(house)
    assert case.source is Source.NOTICE
    log = (await open_case(house, mo, case.id)).log
    assert [each.what for each in log] == [Happened.OPENED, Happened.DETECTED]
    assert (await decide(house, mo, case.id, verdict())).wish.reasons.found_automatically


@on_sqlite
async def test_a_label_is_for_those_who_look(house: House, tmp_path: Path) -> None:
    task = await watching(house, tmp_path, Act.LABEL)
    ada = await somebody(house, "ada")
    post = await a_post(house, id_of(ada), "Xanax!")
    await look_at_all(task)
    assert await cases(house) == []
    async with house.database.reading() as session:
        (hit,) = await WatchStore(session).hits(f"post:{post.id}")
    assert (hit.rule, hit.act, hit.case_id) == ("pills", Act.LABEL, None)


async def test_an_edit_is_looked_at_anew(house: House, tmp_path: Path) -> None:
    """What is seen already is not held; and looking twice at the same words is one finding."""
    task = await watching(house, tmp_path, Act.HOLD)
    ada = await somebody(house, "ada")
    post = await a_post(house, id_of(ada), "A fine day.")
    await look_at_all(task)
    await edit_post(house, id_of(ada), post.id, Draft(text="Xanax!"))
    await look_at_all(task)
    assert await readable(house, post.id, None)
    (case,) = await cases(house)
    async with house.database.transaction() as session:
        await WatchStore(session).want(post.id, is_edit=True, stamp=7)
    await look_at_all(task)
    async with house.database.reading() as session:
        (hit,) = await WatchStore(session).hits(f"post:{post.id}")
    assert (hit.act, hit.case_id) == (Act.QUEUE, case.id)


async def test_a_kill_loses_nothing(house: House, clock: FakeClock, tmp_path: Path) -> None:
    """A site that took a post and died: another one has it after a minute, and not before."""
    task = await watching(house, tmp_path, Act.QUEUE)
    ada = await somebody(house, "ada")
    post = await a_post(house, id_of(ada), "Xanax!")
    async with house.database.transaction() as session:
        taken = await WatchStore(session).take("killed", now=clock.now())
    assert taken is not None
    assert taken.post_id == post.id
    assert await look_at_all(task) == 0
    await clock.advance(seconds=LEASE.total_seconds() + 1)
    assert await look_at_all(task) == 1
    assert len(await cases(house)) == 1


async def test_a_held_post_is_its_authors_until_somebody_decides(house: House, tray: Tray, tmp_path: Path) -> None:
    task = await watching(house, tmp_path, Act.HOLD)
    ada, bob = await somebody(house, "ada", email="ada@example.org"), await somebody(house, "bob")
    mo = await a_moderator(house)
    post = await a_post(house, id_of(ada), "Xanax for @bob #cheap")
    assert post.visibility is Visibility.DIRECT
    assert await readable(house, post.id, id_of(ada))
    assert not await readable(house, post.id, id_of(bob))
    assert await public(house) == []
    (letter,) = await tray.collect(house, "ada@example.org")
    assert "A machine has held back your post" in letter
    assert "prescription drugs" in letter
    await look_at_all(task)
    (case,) = await cases(house)
    file = await open_case(house, mo, case.id)
    (kept,) = file.evidence
    snapshot = await read_evidence(house, mo, case.id, kept.id)
    assert snapshot.post is not None
    assert snapshot.post["text"] == "Xanax for @bob #cheap"
    assert file.log[0].machine.startswith("pills ")
    await decide(house, mo, case.id, verdict())
    assert await review_holds(house) == 1
    assert await public(house) == [post.id]
    assert await readable(house, post.id, id_of(bob))
    async with house.database.reading() as session:
        shown = await PostStore(session).get(post.id, id_of(bob), now=house.clock.now())
        assert await WatchStore(session).held(post.id) is None
    assert shown.visibility is Visibility.PUBLIC
    assert shown.mentioned_ids == [id_of(bob)]
    assert shown.tag_names == ["cheap"]
    assert "A person has looked at it." in (await tray.collect(house, "ada@example.org"))[-1]


@on_sqlite
async def test_a_private_one_names_nobody_while_it_is_held(house: House, clock: FakeClock, tmp_path: Path) -> None:
    """An edit of a held post lets nobody in, and what it says at last is what is shown."""
    await watching(house, tmp_path, Act.HOLD)
    ada, bob = await somebody(house, "ada"), await somebody(house, "bob")
    post = await a_post(house, id_of(ada), "Xanax", visibility=Visibility.PRIVATE)
    edited = await edit_post(house, id_of(ada), post.id, Draft(text="Nothing for @bob"))
    assert edited.visibility is Visibility.DIRECT
    assert not await readable(house, post.id, id_of(bob))
    await clock.advance(hours=25)
    assert await review_holds(house) == 1
    assert await readable(house, post.id, id_of(bob))
    assert not await readable(house, post.id, None)


async def test_nobody_in_time_lets_it_go(house: House, clock: FakeClock, tray: Tray, tmp_path: Path) -> None:
    await watching(house, tmp_path, Act.HOLD)
    ada = await somebody(house, "ada", email="ada@example.org")
    post = await a_post(house, id_of(ada), "Xanax!")
    await clock.advance(hours=23, seconds=3_599)
    assert await review_holds(house) == 0
    await clock.advance(seconds=2)
    assert await review_holds(house) == 1
    assert await review_holds(house) == 0
    assert await public(house) == [post.id]
    assert "a machine may not decide" in (await tray.collect(house, "ada@example.org"))[-1]


@on_sqlite
async def test_a_removal_keeps_it_from_others_beyond_the_limit(house: House, clock: FakeClock, tmp_path: Path) -> None:
    await watching(house, tmp_path, Act.HOLD)
    ada, mo = await somebody(house, "ada"), await a_moderator(house)
    post = await a_post(house, id_of(ada), "Xanax!")
    (case,) = await cases(house)
    await decide(house, mo, case.id, verdict(f"post:{post.id}", Measure.REMOVE))
    await clock.advance(hours=100)
    assert await review_holds(house) == 0
    assert not await readable(house, post.id, None)


@on_sqlite
async def test_its_author_may_delete_what_is_held(house: House, tmp_path: Path) -> None:
    task = await watching(house, tmp_path, Act.HOLD)
    ada = await somebody(house, "ada")
    post = await a_post(house, id_of(ada), "Xanax!")
    await delete_post(house, id_of(ada), post.id)
    assert await look_at_all(task) == 1
    async with house.database.reading() as session:
        assert await WatchStore(session).held_count() == 0


@on_sqlite
async def test_a_broken_file_leaves_the_last_good_rules(house: House, tmp_path: Path) -> None:
    """Also for a site that starts with the broken file; and the limit of a hold is the house's own."""
    house.watch.hold_for = timedelta(hours=1)
    await watching(house, tmp_path, Act.HOLD)
    good = house.watch.running
    assert good is not None
    file = tmp_path / "rules.toml"
    file.write_text(RULES.format(act="execute"))
    await RulesFile(house, file).look()
    assert house.watch.running is good
    house.watch.running = None
    fresh = RulesFile(house, file)
    await fresh.look()
    assert house.watch.is_on
    file.unlink()
    await fresh.look()
    assert not house.watch.is_on
    await a_post(house, id_of(await somebody(house, "ada")), "Xanax!")
    async with house.database.reading() as session:
        assert not await WatchStore(session).anything_waits(house.clock.now())


async def a_picture(house: House, by: AccountId, bits: str, quality: int = 100) -> Attachment:
    """A picture that was uploaded, as far as posts and hashes go."""
    now = house.clock.now()
    made = Attachment(
        id=MediaId(house.ids.next()),
        account_id=by,
        purpose=Purpose.ATTACHMENT,
        kind=Kind.IMAGE,
        state=State.READY,
        created_at=now,
        changed_at=now,
        file=f"ab/{house.ids.next():062x}.png",
    )
    async with house.database.transaction() as session:
        await MediaStore(session).add(made, quota_bytes=1_000)
        await session.flush()
        await HashStore(session).add_picture(made.id, bytes.fromhex(bits), quality)
    return made


async def test_a_listed_picture_holds_its_post(house: House, tmp_path: Path) -> None:
    """A near one too; one with little detail is compared with nothing; a list that is out of force holds nothing."""
    listed, near = "a5" * 32, "a5" * 31 + "5a"
    ada, mo = await somebody(house, "ada"), await a_moderator(house)
    task = Watching(house, RulesFile(house, tmp_path / "none.toml"))
    await import_hashes(
        house.database,
        house.clock,
        house.ids,
        f"{listed} of a court's list\n",
        name="court",
        category="VIOLENCE",
        keyword="",
        description="Pictures that a court has forbidden.",
    )
    assert not await task.tick()
    held = await post_with(house, id_of(ada), await a_picture(house, id_of(ada), near))
    free = await post_with(house, id_of(ada), await a_picture(house, id_of(ada), near, quality=49))
    other = await post_with(house, id_of(ada), await a_picture(house, id_of(ada), "00" * 32))
    assert await public(house) == [other.id, free.id]
    (case,) = await cases(house)
    assert (case.subject.key, case.category) == (f"post:{held.id}", "VIOLENCE")
    assert (await open_case(house, mo, case.id)).log[0].machine.startswith("hashes/court ")
    async with house.database.transaction() as session:
        await HashStore(session).retire("court", now=house.clock.now())
    await look_at_all(task)
    late = await post_with(house, id_of(ada), await a_picture(house, id_of(ada), listed))
    assert late.id in await public(house)


async def post_with(house: House, by: AccountId, picture: Attachment) -> Post:
    return await publish_post(house, by, Draft(text="Look", media_ids=(picture.id,)))


OFFICIAL = """
[[rule]]
name = "official"
description = "The account calls itself the support of this place."
when = '''author.folded.contains("official support") && author.followers < 50'''
act = "hold"
category = "SCAMS_AND_FRAUD"

[[rule]]
name = "posts-only"
description = "Any post, whoever writes it."
when = '''post.characters >= 0 && author.followers < 50'''
act = "queue"
category = "SCAMS_AND_FRAUD"
"""


async def test_a_profile_is_looked_at_when_it_changes(house: House, tmp_path: Path) -> None:
    """By rules about accounts alone; a case about the account, with what it said, and figures of its own."""
    file = tmp_path / "rules.toml"
    file.write_text(OFFICIAL)
    rules = RulesFile(house, file)
    await rules.look()
    task = Watching(house, rules)
    ada, mo = await somebody(house, "ada"), await a_moderator(house)
    await edit_profile(house, id_of(ada), ProfileChange(note="I like gardens."), None)
    assert await look_at_all(task) == 1
    assert await cases(house) == []
    await edit_profile(house, id_of(ada), ProfileChange(display_name="Official Support"), [("Write", "to me")])
    await look_at_all(task)
    (case,) = await cases(house)
    assert (case.subject.key, case.source) == (f"account:{ada.account_id}", Source.VOLUNTARY)
    snapshot = await read_evidence(house, mo, case.id, (await open_case(house, mo, case.id)).evidence[0].id)
    assert snapshot.profile is not None
    assert snapshot.profile["display_name"] == "Official Support"
    decision = await decide(house, mo, case.id, verdict(case.subject.key, Measure.SUSPEND, category="SCAMS_AND_FRAUD"))
    assert decision.wish.reasons.found_automatically
    async with house.database.reading() as session:
        now = house.clock.now()
        (found,) = await FigureStore(session).between(now - timedelta(days=1), now + timedelta(days=1))
    assert (found.rule, found.kind, found.hits, found.decided, found.right) == ("official", "account", 1, 1, 1)


async def test_a_listed_picture_of_a_profile_points_to_its_account(house: House, tmp_path: Path) -> None:
    listed = "a5" * 32
    ada = await somebody(house, "ada")
    task = Watching(house, RulesFile(house, tmp_path / "none.toml"))
    await import_hashes(
        house.database,
        house.clock,
        house.ids,
        f"{listed} of a court's list\n",
        name="court",
        category="VIOLENCE",
        keyword="",
        description="Pictures that a court has forbidden.",
    )
    assert not await task.tick()
    picture = await a_picture(house, id_of(ada), listed)
    async with house.database.transaction() as session:
        await session.execute(update(MediaRow).where(MediaRow.id == picture.id).values(purpose=Purpose.AVATAR.value))
        await want_look(house, session, id_of(ada))
    await look_at_all(task)
    (case,) = await cases(house)
    assert (case.subject.key, case.category) == (f"account:{ada.account_id}", "VIOLENCE")
    assert (await open_case(house, await a_moderator(house), case.id)).log[0].machine.startswith("hashes/court ")
