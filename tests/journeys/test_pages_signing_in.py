"""Signing in for real: a one-time code, a passkey of a (virtual) authenticator, an app, devices."""

import hmac
import re
import sys
import time
from base64 import b32decode
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect
from tests.browser import NARROW, People, Watched, chromium
from tests.serving import Site
from tests.sign_in_service import CLIENT, SECRET, Service, serving

pytestmark = [pytest.mark.journey, pytest.mark.timeout(300)]
PHRASE = "four quiet grey herons"


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with serving() as made:
        yield made
        assert made.troubles == []


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, service: Service) -> Iterator[Site]:
    """A force in earnest, not training: nobody is picked, a second factor is demanded."""
    root = tmp_path_factory.mktemp("signing-in")
    (root / "secret").write_text(SECRET)
    made = Site(root)
    made.settings = {
        "FAIRWITNESS_SIGN_IN_SERVICE": service.address,
        "FAIRWITNESS_SIGN_IN_CLIENT": CLIENT,
        "FAIRWITNESS_SIGN_IN_SECRET_FILE": str(root / "secret"),
    }
    made.found()
    try:
        made.start()
        yield made
    finally:
        made.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if sys.platform != "linux":
        pytest.skip("the browser is Debian's")
    with chromium() as started:
        yield started


@pytest.fixture
def visit(site: Site, browser: Browser) -> Iterator[People]:
    """Browsers at the site by name: a passkey belongs to a name, never to a number."""
    people = People(browser, f"http://localhost:{site.port}")
    yield people
    people.close()


def make_code(site: Site, collar: str, purpose: str) -> str:
    done = site.run("officers", "code", collar, "--for", purpose)
    assert done.returncode == 0, done.stderr
    found = re.search(r"[A-Z0-9]{4}(-[A-Z0-9]{4}){3}", done.stdout)
    assert found is not None
    return found[0]


def give_authenticator(visitor: Watched) -> None:
    """A virtual authenticator that verifies its owner and keeps passkeys, as a phone does."""
    session = visitor.page.context.new_cdp_session(visitor.page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def in_order(visitor: Watched) -> None:
    """No trouble in the console, nothing that axe has against it, wide and narrow."""
    assert visitor.violations() == []
    size = visitor.page.viewport_size
    assert size is not None
    visitor.page.set_viewport_size({"width": NARROW, "height": size["height"]})
    assert not visitor.scrolls_sideways()
    visitor.page.set_viewport_size(size)
    assert visitor.troubles == []


def begin(visitor: Watched, collar: str, code: str) -> None:
    visitor.goto("/sign-in")
    visitor.page.get_by_role("link", name="I have a one-time code").click()
    visitor.page.get_by_label("Collar number").fill(collar)
    visitor.page.get_by_label("One-time code").fill(code)
    in_order(visitor)
    visitor.press("Go on")


def choose_password(visitor: Watched) -> None:
    visitor.page.get_by_label("New password").fill(PHRASE)
    visitor.page.get_by_label("The same again").fill(PHRASE)
    in_order(visitor)
    visitor.press("Go on")


def make_passkey(visitor: Watched, name: str) -> None:
    expect(visitor.page.get_by_role("heading", level=1)).to_contain_text("Set up a second factor")
    in_order(visitor)
    visitor.page.get_by_label("What you call it").fill(name)
    visitor.page.get_by_role("button", name="Set up a passkey").click()
    visitor.page.wait_for_url("**/today")


def join(site: Site, visitor: Watched, collar: str) -> None:
    give_authenticator(visitor)
    begin(visitor, collar, make_code(site, collar, "join"))
    choose_password(visitor)
    make_passkey(visitor, "The key on my ring")


def code_of(secret: str, counter: int) -> str:
    """What an app shows in one half minute: RFC 6238 by hand, for ours to be held against."""
    digest = hmac.new(b32decode(secret), counter.to_bytes(8, "big"), "sha1").digest()
    start = digest[-1] & 15
    return f"{(int.from_bytes(digest[start : start + 4], 'big') & 0x7FFFFFFF) % 10**6:06}"


def test_a_joiner_makes_a_passkey_and_signs_in_with_nothing_else(site: Site, visit: People) -> None:
    ada = visit.visitor()
    join(site, ada, "614LX")
    ada.page.get_by_role("link", name="614LX").click()
    expect(ada.page.get_by_role("heading", level=1)).to_have_text("My sign-in")
    expect(ada.page.locator("main")).to_contain_text("The key on my ring")
    in_order(ada)
    ada.press("Sign out")
    ada.page.get_by_role("button", name="Sign in with a passkey").click()
    ada.page.wait_for_url("**/today")
    ada.press("Sign out")
    ada.page.get_by_label("Collar number").fill("614LX")
    ada.page.get_by_label("Password").fill(PHRASE)
    in_order(ada)
    ada.press("Sign in")
    in_order(ada)
    ada.page.get_by_role("button", name="Use my passkey").click()
    ada.page.wait_for_url("**/today")
    in_order(ada)


def test_an_app_and_another_browser_that_is_ended(site: Site, visit: People) -> None:
    desk, away = visit.visitor(), visit.visitor()
    begin(desk, "702LX", make_code(site, "702LX", "join"))
    choose_password(desk)
    secret = desk.page.locator("code").inner_text().replace(" ", "")
    now = int(time.time()) // 30
    desk.page.get_by_label("The six digits").fill(code_of(secret, now))
    desk.press("Set up the app")
    desk.page.wait_for_url("**/today")
    away.goto("/sign-in")
    away.page.get_by_label("Collar number").fill("702LX")
    away.page.get_by_label("Password").fill(PHRASE)
    away.press("Sign in")
    in_order(away)
    # Each code counts once; the next is good already, for an app whose clock is a little fast.
    fresh = max(now + 1, int(time.time()) // 30)
    away.page.get_by_label("The six digits").fill(code_of(secret, fresh))
    away.press("Sign in")
    away.page.wait_for_url("**/today")
    desk.goto("/my-sign-in")
    in_order(desk)
    desk.page.get_by_role("button", name="Sign it out").click()
    assert "1 other browser is signed out" in desk.told
    away.goto("/recordings")
    assert "/sign-in" in away.page.url
    in_order(away)


def test_whose_key_is_lost_makes_another_with_a_code_and_the_password(
    site: Site, visit: People
) -> None:
    martin, later = visit.visitor(), visit.visitor()
    join(site, martin, "4102")
    martin.press("Sign out")
    give_authenticator(later)
    begin(later, "4102", make_code(site, "4102", "factor"))
    later.page.get_by_label("Password").fill(PHRASE)
    in_order(later)
    later.press("Go on")
    make_passkey(later, "The key in my drawer")
    later.goto("/my-sign-in")
    expect(later.page.locator("main")).to_contain_text("The key in my drawer")
    in_order(later)
    later.press("Sign out")
    later.page.get_by_role("button", name="Sign in with a passkey").click()
    later.page.wait_for_url("**/today")


def test_the_emergency_account_opens_once_and_rings(site: Site, visit: People) -> None:
    grace, stranger, again = visit.visitor(), visit.visitor(), visit.visitor()
    join(site, grace, "4101")
    rung = grace.page.get_by_role("region", name="Emergency account used")
    expect(rung).to_have_count(0)
    sealed = site.run("officers", "seal", "--unit", "LAM")
    assert sealed.returncode == 0, sealed.stderr
    found = re.search(r"Password: +(\S+)", sealed.stdout)
    assert found is not None

    def open_envelope(visitor: Watched) -> None:
        visitor.goto("/sign-in")
        visitor.page.get_by_label("Collar number").fill("EMERGENCY")
        visitor.page.get_by_label("Password").fill(found[1])
        visitor.press("Sign in")

    open_envelope(stranger)
    stranger.page.wait_for_url("**/today")
    alert = stranger.page.get_by_role("alert").filter(has_text="Its use has rung")
    expect(alert).to_be_visible()
    in_order(stranger)
    open_envelope(again)
    expect(again.page.get_by_role("alert").first).to_contain_text("don’t match")
    again.expect_refusal(400)
    for path in ("/recordings", "/holds"):  # on each of their pages
        grace.goto(path)
        expect(rung).to_contain_text("Find out by whom and why")
    in_order(grace)
    rung.get_by_role("button", name="I have read this").click()
    expect(rung).to_have_count(0)
    grace.goto("/today")
    expect(rung).to_have_count(0)


def test_as_elsewhere_in_the_force(site: Site, visit: People, service: Service) -> None:
    bound = site.run("officers", "bind", "12LX", "j-12")
    assert bound.returncode == 0, bound.stderr
    jo, stranger = visit.visitor(), visit.visitor()
    service.claims = {"sub": "j-12", "amr": ["pwd", "mfa"]}
    jo.goto("/sign-in?next=/team")
    in_order(jo)
    jo.page.get_by_role("link", name="Sign in as elsewhere in the force").click()
    jo.page.wait_for_url("**/today")
    jo.goto("/my-sign-in")
    expect(jo.page.locator("main")).to_contain_text("by the force's sign-in")
    in_order(jo)
    service.claims = {"sub": "z-99", "amr": ["pwd", "mfa"]}
    stranger.goto("/sign-in")
    stranger.page.get_by_role("link", name="Sign in as elsewhere in the force").click()
    expect(stranger.page.get_by_role("alert").first).to_contain_text("no account here is yours")
    in_order(stranger)
