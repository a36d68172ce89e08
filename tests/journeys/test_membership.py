"""Becoming a member and signing in, in a real browser: invitation, codes, passkey, sessions, recovery by mail."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pyotp
import pytest
from playwright.async_api import Page

from rostra.apps.ports import free_port
from tests.kit.acting import eventually, sign_in_url
from tests.kit.axe import DESK, DESK_DARK, PHONE, PHONE_DARK, faults
from tests.kit.browser import chromium, new_page
from tests.kit.postbox import Postbox, link_in, open_postbox
from tests.kit.running import House

PASSWORD = "correct horse battery"
ADDRESS = "ada@example.org"


@pytest.fixture
def postbox() -> Iterator[Postbox]:
    with open_postbox(Postbox()) as box:
        yield box


@pytest.fixture
def named_house(tmp_path_factory: pytest.TempPathFactory, postbox: Postbox) -> Iterator[House]:
    """A house with a name, which passkeys need, and with mail."""
    port = free_port(4)
    environment = {"ROSTRA_SITE_URL": f"http://localhost:{port}", "ROSTRA_SMTP_URL": postbox.url}
    running = House(tmp_path_factory.mktemp("named"), environment=environment, port=port)
    running.start()
    yield running
    running.stop()


async def with_authenticator(page: Page) -> None:
    """A phone that says yes: a virtual authenticator with a finger on it."""
    session = await page.context.new_cdp_session(page)
    await session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    await session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


async def letter_link(postbox: Postbox, path: str) -> str:
    """The link in the newest letter to Ada that has such a one."""

    async def there() -> bool:
        return any(path in str(letter.get_content()) for letter in postbox.to(ADDRESS))

    await eventually(there, what=f"a letter with {path}")
    letters = [letter for letter in postbox.to(ADDRESS) if path in str(letter.get_content())]
    return link_in(letters[-1], path)


async def type_password(page: Page, password: str) -> None:
    await page.get_by_label("Handle or e-mail address").fill("ada")
    await page.get_by_label("Password", exact=True).fill(password)
    await page.get_by_role("button", name="Sign in", exact=True).click()


@pytest.mark.timeout(180)
async def test_a_member_from_invitation_to_recovery(named_house: House, postbox: Postbox) -> None:
    site, found = f"http://localhost:{named_house.port}", []
    async with chromium() as browser:
        owner = await new_page(browser)
        await owner.goto(site)  # where nobody has been yet
        found += await faults(owner, (DESK, DESK_DARK, PHONE, PHONE_DARK))
        await owner.goto(sign_in_url(named_house).replace(named_house.site, site))
        await owner.get_by_role("link", name="Set up your account").click()
        found += await faults(owner)
        await owner.get_by_label("Handle").fill("grace")
        await owner.get_by_label("Name").fill("Grace Hopper")
        await owner.get_by_role("button", name="Save").click()
        await owner.get_by_role("heading", name="You are set up").wait_for()
        await owner.goto(f"{site}/people")
        await owner.get_by_role("button", name="Make an invitation").click()
        found += await faults(owner)
        invitation = await owner.locator("#new-link").input_value()

        ada = await new_page(browser)
        await with_authenticator(ada)
        await ada.goto(invitation)
        found += await faults(ada)
        await ada.get_by_label("Handle").fill("ada")
        await ada.get_by_label("E-mail address, if you like").fill(ADDRESS)
        await ada.get_by_label("Password").fill(PASSWORD)
        await ada.get_by_label("I agree to the rules").check()
        await ada.get_by_role("button", name="Become a member").click()
        await ada.get_by_role("heading", name="How you sign in").wait_for()
        confirming = await new_page(browser)
        await confirming.goto(await letter_link(postbox, "/confirm/"))
        await confirming.get_by_role("button", name="Confirm").click()
        await confirming.get_by_text("Your address is confirmed").wait_for()

        await ada.get_by_label("Name of the new passkey").fill("Phone")
        await ada.get_by_role("button", name="Add a passkey").click()
        await ada.get_by_text("The passkey is added.").wait_for()
        await ada.get_by_role("button", name="Set up codes").click()
        found += await faults(ada)
        secret = (await ada.locator("#totp-secret").inner_text()).replace(" ", "")
        await ada.get_by_label("Code").fill(pyotp.TOTP(secret).at(int(time.time())))
        await ada.get_by_role("button", name="Switch on").click()
        recovery = await ada.locator("#recovery-codes code").first.inner_text()
        await ada.get_by_role("link", name="I have them").click()
        found += await faults(ada)

        laptop = confirming
        await type_password(laptop, PASSWORD)
        found += await faults(laptop)
        await laptop.get_by_label("Code").fill(recovery)
        await laptop.get_by_role("button", name="Sign in", exact=True).click()
        await laptop.get_by_text("Recovery codes left: 9.").wait_for()

        await ada.reload()
        await ada.locator("li", has_text="this one").wait_for()
        await ada.get_by_role("button", name="End all others").click()
        await ada.locator("dialog[open]").get_by_role("button", name="End all others").click()
        await ada.get_by_text("Whoever used those sessions").wait_for()
        await laptop.reload()
        await laptop.get_by_role("heading", name="Sign in").wait_for()

        await ada.locator("summary", has_text="Menu").click()
        await ada.get_by_role("button", name=re.compile("Sign out")).click()
        await ada.goto(f"{site}/sign-in?next=/settings/security")
        found += await faults(ada)
        await ada.get_by_role("button", name="Sign in with a passkey").click()
        await ada.get_by_role("heading", name="How you sign in").wait_for()

        await laptop.get_by_role("link", name="Password forgotten?").click()
        await laptop.get_by_label("Handle or e-mail address").fill(ADDRESS)
        await laptop.get_by_role("button", name="Send the letter").click()
        await laptop.goto(await letter_link(postbox, "/recover/"))
        found += await faults(laptop)
        await laptop.get_by_label("New password").fill("another long sentence")
        await laptop.get_by_role("button", name="Save").click()
        await type_password(laptop, "another long sentence")
        await laptop.get_by_role("heading", name="One more step").wait_for()
        await ada.reload()
        await ada.get_by_role("heading", name="Sign in").wait_for()
    assert found == []
    for letter in postbox.to(ADDRESS):
        assert str(letter.get_content()) not in named_house.log
    assert secret not in named_house.log
