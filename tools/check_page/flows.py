"""What people do with the page: publish, follow, switch, find."""

from check_local.checks import Checks, Failure, expect
from check_page.browser import Browser, card, picture, publish
from playwright.sync_api import Page
from playwright.sync_api import expect as see


def run(checks: Checks, browser: Browser) -> None:
    """With a mouse, on a wide screen."""
    with browser.page() as page:
        with checks.check("a sample is published, submitted and succeeds, and that is said"):
            follow(page)
        with checks.check("an operation's history is shown, and the focus comes back"):
            history(page)
        with checks.check("a fault is switched on, meets calls, and is switched off"):
            fault(page)
        with checks.check("records fail on purpose, and the next ones do not"):
            failing(page)
        with checks.check("a fault of one's own is added; what makes no sense is refused in words"):
            own_fault(page, browser)
        with checks.check("what looks like markup is text"):
            markup(page)
        with checks.check("products are found, and shown on another axis"):
            find(page)
        with checks.check("the log is held and goes on"):
            hold(page)
        with checks.check("the speed is changed, and another page sees it"):
            speed(page, browser)


def follow(page: Page) -> None:
    """From the button to the end."""
    # What ends by itself in the first seconds is not to be said at the same time.
    see(card(page, "ended", "at-its-minute")).to_contain_text("succeeded")
    expect(0, card(page, "ended", "sandbox-expired").count(), "operations of a product that nobody has asked for")
    publish(page, "expired")
    see(page.locator("#status")).to_contain_text("Published terminate/expired: one delivery; it ends as 1 succeeded.")
    card(page, "submitted", "sandbox-expired").wait_for()
    see(card(page, "ended", "sandbox-expired")).to_contain_text("succeeded")
    see(page.locator("#status")).to_contain_text("terminate of sandbox-expired succeeded")
    expect(0, card(page, "submitted", "sandbox-expired").count(), "cards that stay where they were")
    page.locator("#product-kind").select_option("gone")
    see(page.locator("#products tr", has_text="pp-expired000001")).to_contain_text("TERMINATED")
    page.locator("#product-kind").select_option("living")


def history(page: Page) -> None:
    """A window that the keyboard opens and closes."""
    own = card(page, "ended", "sandbox-expired")
    own.focus()
    page.keyboard.press("Enter")
    detail = page.get_by_role("dialog")
    see(detail.get_by_role("heading", level=2)).to_have_text("terminate: sandbox-expired")
    see(detail.get_by_role("table")).to_contain_text("Accepted")
    see(detail.get_by_role("table")).to_contain_text("rec-")
    picture(page, "history")
    page.keyboard.press("Escape")
    see(detail).to_be_hidden()
    see(own).to_be_focused()


def fault(page: Page) -> None:
    """Seen in the switch, in the table, in the log."""
    switch = page.get_by_role("switch", name="Service Catalog throttles")
    see(switch).not_to_be_checked()
    switch.click()
    see(switch).to_be_checked()
    see(page.locator("#faults tr")).to_contain_text("servicecatalog")
    page.locator("#log-kind").select_option("faults")
    publish(page, "by-name")
    page.locator("#log tr", has_text="fault: throttle").first.wait_for()
    picture(page, "fault")
    switch.click()
    see(switch).not_to_be_checked()
    see(page.locator("#faults tr")).to_have_count(0)
    see(page.get_by_text("No fault is on.")).to_be_visible()
    page.locator("#log-kind").select_option("calm")
    see(page.locator("#ended .card", has_text="sandbox-by-name")).to_contain_text("succeeded")


def failing(page: Page) -> None:
    """What the service says of the record is what the switch says."""
    switch = page.get_by_role("switch", name="Terminations fail")
    switch.click()
    see(switch).to_be_checked()
    publish(page, "by-arn")
    page.locator("#waiting .card, #submitted .card", has_text="sandbox-by-arn").filter(has_text="attempt 2").wait_for()
    page.get_by_role("button", name="Switch all off").click()
    see(switch).not_to_be_checked()
    own = page.locator("#ended .card", has_text="sandbox-by-arn")
    see(own).to_contain_text("succeeded")
    own.click()
    see(page.get_by_role("dialog")).to_contain_text("The bucket you tried to delete is not empty")
    page.get_by_role("button", name="Close").click()


def own_fault(page: Page, browser: Browser) -> None:
    """The form, with an error first."""
    page.get_by_text("A fault of your own").click()
    page.get_by_role("combobox", name="Effect").select_option("slow TIME")
    page.get_by_role("textbox", name="With").fill("2 hours")
    with browser.refusal(page):
        page.get_by_role("button", name="Switch on").click()
    see(page.locator("#status")).to_contain_text("accepted: a whole number and a unit")
    page.get_by_role("textbox", name="With").fill("20ms")
    page.get_by_role("combobox", name="Caller").select_option("sweep")
    page.get_by_role("textbox", name="Percent").fill("25")
    page.get_by_role("button", name="Switch on").click()
    see(page.locator("#faults tr")).to_contain_text("slow 20ms")
    see(page.locator("#faults tr")).to_contain_text("25 % (seed")
    page.get_by_role("button", name="Off: slow 20ms of sweep").click()
    see(page.locator("#faults tr")).to_have_count(0)


def markup(page: Page) -> None:
    """Whoever can name a fault could else write the page."""
    text = '<img src=x onerror="document.title=1"><b>bold</b>'
    page.get_by_role("combobox", name="Effect").select_option("record-fails [TEXT]")
    page.get_by_role("textbox", name="With").fill(text)
    page.get_by_role("button", name="Switch on").click()
    see(page.locator("#faults tr")).to_contain_text(text)
    expect(0, page.locator("#faults img, #faults b, #status b").count(), "elements that a text has made")
    page.get_by_role("button", name="Switch all off").click()
    see(page.locator("#faults tr")).to_have_count(0)


def find(page: Page) -> None:
    """By name, by kind, by when they end."""
    page.locator("#product-filter").fill("protected-in-table")
    row = page.locator("#products tr")
    see(row).to_have_count(1)
    see(row).to_contain_text("protected")
    page.locator("#product-filter").fill("no product has this name")
    see(page.get_by_text("No product is like that.")).to_be_visible()
    page.locator("#product-filter").fill("")
    page.locator("#product-kind").select_option("never")
    see(page.locator("#products tr", has_text="unreadable-date")).to_contain_text("unreadable")
    page.locator("#product-kind").select_option("window")
    page.locator("#axis").select_option("an hour")
    few = page.locator("#products tr").count()
    page.locator("#axis").select_option("two weeks")
    page.get_by_role("button", name="Show all").first.click()
    see(page.locator("#products tr", has_text="to-extend-once")).to_be_visible()
    if few >= page.locator("#products tr").count():
        raise Failure("a longer axis has no more ends on it")
    page.get_by_role("button", name="Show the first").click()
    page.locator("#product-kind").select_option("living")
    page.locator("#axis").select_option("three days")


def hold(page: Page) -> None:
    """What comes while it is held is counted, and shown after it."""
    page.locator("#log-kind").select_option("all")
    button = page.get_by_role("button", name="Hold")
    button.click()
    see(page.locator("#log-count")).to_contain_text("held, ")
    first = page.locator("#log tr").first.inner_text()
    see(page.locator("#log-count")).not_to_contain_text("held, 0 newer")
    expect(first, page.locator("#log tr").first.inner_text(), "the first line of a log that is held")
    button.click()
    see(page.locator("#log-count")).not_to_contain_text("held")
    page.locator("#log-kind").select_option("calm")


def speed(page: Page, browser: Browser) -> None:
    """It is the cloud's, not the page's."""
    page.get_by_label("Speed").select_option("300")
    see(page.locator("#status")).to_contain_text("passes 300 times as fast")
    with browser.page() as other:
        see(other.get_by_label("Speed")).to_have_value("300")
    page.get_by_label("Speed").select_option("60")
    see(page.locator("#status")).to_contain_text("passes 60 times as fast")
