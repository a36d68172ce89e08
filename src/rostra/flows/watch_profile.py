"""Looking at accounts: what somebody says of themselves, and their two pictures, each time either changes.

It waits in the same line as posts do, so nobody's edit waits for it and a kill loses nothing: ids of accounts and of
posts are of one source, and none is both. Only rules that ask for nothing but the author are run, and nothing is
held: a profile has been seen by then, so what would hold a post has people look at the account.
"""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from rostra.flows.gather_facts import author_facts
from rostra.flows.house import House
from rostra.flows.look_at import Seen, look_at
from rostra.flows.open_cases import Opening, open_case_for
from rostra.network.accounts import NoSuchAccount, Profile, ProfileStore
from rostra.network.media import MediaStore
from rostra.platform.files import StorageFull
from rostra.platform.ids import AccountId, PostId
from rostra.platform.log import get_logger
from rostra.safety.decisions import Source
from rostra.safety.notices import NothingThere
from rostra.safety.subjects import Subject, SubjectKind
from rostra.safety.watching.facts import Facts, PostFacts
from rostra.safety.watching.hash_store import HashStore
from rostra.safety.watching.rules import Act, Rule
from rostra.safety.watching.store import Hit, ToWatch, WatchStore

_log = get_logger(__name__)


async def want_look(house: House, session: AsyncSession, account_id: AccountId) -> None:
    """In the transaction that changes a profile: have the account looked at after the commit."""
    if house.watch.is_on:
        await WatchStore(session).want(PostId(account_id), is_edit=True, stamp=house.clock.now_us())


async def look_at_account(house: House, waits: ToWatch) -> None:
    """waits: of an account; for everything else nothing is found, and nothing waits any more."""
    account_id, met = AccountId(waits.post_id), tuple[Rule, ...]()
    async with house.database.reading() as session:
        try:
            profile = await ProfileStore(session).get(account_id)
            met = await _met(house, session, profile)
        except NoSuchAccount:
            profile = None
    seen = None
    if profile is not None and any(rule.act is not Act.LABEL for rule in met):
        seen = await _seen(house, profile)
    async with house.database.transaction() as session:
        await WatchStore(session).done(waits)
        for rule in met:
            await _file(house, session, account_id, rule, seen, of_edit=waits.stamp)


async def _met(house: House, session: AsyncSession, profile: Profile) -> tuple[Rule, ...]:
    watch, found = house.watch, dict[str, Rule]()
    if watch.index is not None:
        pictures = await MediaStore(session).profile_pictures(AccountId(profile.id))
        hashes = await HashStore(session).of_media(pictures)
        found = {rule.name: rule for each in hashes for rule in watch.index.lists_with(each)}
    if watch.running is None:
        return tuple(found.values())
    asks = watch.running.asks
    author = await author_facts(session, profile, asks=asks, now=house.clock.now())
    return (*found.values(), *watch.running.run(Facts(PostFacts(), author), of_account=True).met)


async def _seen(house: House, profile: Profile) -> Seen | None:
    """What it is now, sealed; without a place to keep it nothing is filed, and the log says so."""
    try:
        return await look_at(house, f"{house.membership.site_url}/@{profile.handle}", AccountId(profile.id))
    except StorageFull as error:
        _log.error("snapshot_not_kept", account_id=profile.id, reason=str(error))
    except NothingThere:
        _log.info("watched_account_gone", account_id=profile.id)
    return None


async def _file(
    house: House, session: AsyncSession, account_id: AccountId, rule: Rule, seen: Seen | None, *, of_edit: int
) -> None:
    store, subject = WatchStore(session), Subject(SubjectKind.ACCOUNT, account_id)
    hit = Hit(
        id=house.ids.next(),
        rule=rule.name,
        version=rule.version,
        description=rule.description,
        act=Act.QUEUE if rule.act is Act.HOLD else rule.act,
        category=rule.category,
        subject=subject.key,
        found_at=house.clock.now(),
        of_edit=of_edit,
    )
    if not await store.add_hit(hit) or rule.act is Act.LABEL or seen is None or seen.is_gone:
        return
    opening = Opening(
        source=Source.VOLUNTARY,
        category=rule.category,
        keyword=rule.keyword,
        machine=rule.machine,
    )
    await store.put_case(hit.id, await open_case_for(house, session, seen, opening))
    _log.info("account_pointed_to", account_id=account_id, rule=rule.name)
