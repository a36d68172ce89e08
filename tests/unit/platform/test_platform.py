"""Clock, ids, errors, logs: small words that everything else leans on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from rostra.platform.clock import SystemClock, from_us, to_us
from rostra.platform.errors import Invalid, NotFound, problem
from rostra.platform.files import FileStore, StorageUnwritable
from rostra.platform.ids import IdSource, made_at
from rostra.platform.log import FoldRepeats, hide_secrets
from rostra.platform.tasks import Tasks
from tests.kit.clock import FakeClock


@given(st.datetimes(min_value=datetime(1970, 1, 2), max_value=datetime(2200, 1, 1)))
def test_times_survive_the_wire(moment: datetime) -> None:
    """Microseconds there and back are the same moment."""
    aware = moment.replace(tzinfo=UTC)
    assert from_us(to_us(aware)) == aware


def test_a_naive_time_is_refused() -> None:
    """A time without zone would be an hour wrong twice a year."""
    with pytest.raises(ValueError, match="zone"):
        to_us(datetime(2026, 5, 4))


def test_ids_rise_whatever_the_clock_does(clock: FakeClock) -> None:
    """Sorted ids are sorted by time, even across a clock that steps back."""
    ids = IdSource(clock)
    made = [ids.next() for _ in range(1000)]
    clock.step(seconds=-30)
    made += [ids.next() for _ in range(1000)]
    clock.jump(seconds=60)
    made.append(ids.next())
    assert made == sorted(set(made))
    assert made[-1] < 2**63
    assert abs(made_at(made[-1]) - clock.now()) < timedelta(seconds=1)


def test_the_system_clock_is_utc() -> None:
    """Its two readings agree."""
    clock = SystemClock()
    assert clock.now().tzinfo is UTC
    assert abs(clock.now_us() - to_us(clock.now())) < 1_000_000


def test_a_problem_document_has_the_text_for_people() -> None:
    """RFC 9457: type, title, status, detail; the log's text stays in the log."""
    document = problem(Invalid("column overflow", user_message="The title is too long.", field="title"))
    assert document["status"] == 422
    assert document["detail"] == "The title is too long."
    assert document["field"] == "title"
    assert "column" not in str(document)


def test_repeats_fold_into_one_line_a_second(clock: FakeClock) -> None:
    """Ten thousand equal warnings cost two lines, and the second says how many there were."""
    fold = FoldRepeats(clock)
    shown = []
    for _ in range(10_000):
        try:
            shown.append(fold(None, "", {"event": "part_late", "level": "warning"}))
        except structlog.DropEvent:
            continue
    clock.jump(seconds=1.5)
    shown.append(fold(None, "", {"event": "part_late", "level": "warning"}))
    assert len(shown) == 2
    assert shown[1]["repeated"] == 9_999


def test_secrets_never_reach_the_log() -> None:
    """Whatever carries a secret's name is blanked."""
    event = hide_secrets(None, "", {"event": "x", "ticket": "abc", "sign_in_token": "def", "part": 3})
    assert event == {"event": "x", "ticket": "[hidden]", "sign_in_token": "[hidden]", "part": 3}


async def test_a_crashed_task_leaves_the_others_alone() -> None:
    """One broken feed does not take the sound with it."""
    tasks = Tasks()

    async def breaks() -> None:
        raise RuntimeError("broken")

    async def works() -> str:
        return "done"

    broken, working = tasks.spawn("breaks", breaks()), tasks.spawn("works", works())
    assert await working == "done"
    with pytest.raises(RuntimeError):
        await broken
    await tasks.close()


async def test_files_are_named_by_their_content(tmp_path: Path) -> None:
    """The same bytes are one file; the path outside the store cannot be reached."""
    store = FileStore(tmp_path / "files")
    key = await store.put_bytes(b"hello", "txt")
    assert key == await store.put_bytes(b"hello", "txt")
    assert store.path(key).read_bytes() == b"hello"
    source = tmp_path / "made.txt"
    source.write_bytes(b"hello")
    assert await store.adopt(source, "txt") == key
    assert not source.exists()
    for wrong in ("../secret", "ab/" + "0" * 62 + ".txt", ""):
        with pytest.raises(NotFound):
            store.path(wrong)
    await store.delete(key)
    with pytest.raises(NotFound):
        store.path(key)


async def test_an_unwritable_store_says_so(tmp_path: Path) -> None:
    """A folder that is a file cannot hold anything; the text says what to check."""
    (tmp_path / "files").write_bytes(b"")
    with pytest.raises(StorageUnwritable, match="Not a directory") as caught:
        await FileStore(tmp_path / "files").put_bytes(b"x", "txt")
    assert "permissions" in caught.value.user_message
