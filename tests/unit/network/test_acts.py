"""What can be done to an account, as moves between its states."""

from __future__ import annotations

import pytest

from rostra.network.accounts import AccountState, Act, IllegalAct, acts_on, after


@pytest.mark.parametrize("state", [AccountState.PENDING, AccountState.DELETED])
def test_nobody_judges_who_is_not_in_yet_or_gone(state: AccountState) -> None:
    assert acts_on(state) == []
    with pytest.raises(IllegalAct):
        after(state, Act.REINSTATE)


def test_whatever_was_done_can_be_undone() -> None:
    for act in (Act.SUSPEND, Act.LIMIT):
        assert after(after(AccountState.ACTIVE, act), Act.REINSTATE) is AccountState.ACTIVE
    assert acts_on(AccountState.ACTIVE) == [Act.SUSPEND, Act.LIMIT]
    assert acts_on(AccountState.SUSPENDED) == [Act.REINSTATE]
