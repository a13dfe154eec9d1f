"""The page with keys alone: everything is reached, seen to be reached, and stays reached."""

from check_local.checks import Checks, Failure, expect
from check_page.browser import Browser, card
from playwright.sync_api import Page
from playwright.sync_api import expect as see

# More than there are stops on the page.
STOPS_MAX = 600
# What must be among them: by the id of the element, or of one around it.
WANTED = set(
    """
    speed pause theme product-filter product-kind axis products products-more operation-filter ended sample-filter
    samples switches faults-clear log-filter log-kind log-hold
    """.split()
)

STOP = """() => {
    const node = document.activeElement;
    if (!node || node === document.body) return null;
    const style = getComputedStyle(node);
    const ids = [];
    for (let one = node; one; one = one.parentElement) if (one.id) ids.push(one.id);
    const box = node.getBoundingClientRect();
    return {
        ids,
        tag: node.tagName,
        text: (node.getAttribute("aria-label") ?? node.textContent).trim().slice(0, 40),
        outlined: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1,
        // What is higher than that is scrolled within itself.
        seen: box.height > 300 || node.contains(document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2)),
    };
}"""


def run(checks: Checks, browser: Browser) -> None:
    """No mouse from here on."""
    with browser.page() as page:
        with checks.check("the skip link comes first, and leads to the products"):
            skip(page)
    with browser.page() as page:
        with checks.check("every control is reached by Tab, and seen to be"):
            reach(page)
        with checks.check("Steward is paused and resumed by Space and Enter"):
            pause(page)
        with checks.check("a sample published by Enter keeps the focus while its operation goes on"):
            publish(page)
        with checks.check("an operation that moves on keeps the focus"):
            move(page)
        with checks.check("a switch is switched by Space"):
            switch(page)


def skip(page: Page) -> None:
    """For who does not want to hear the header each time."""
    page.keyboard.press("Tab")
    link = page.get_by_role("link", name="Skip to the products")
    see(link).to_be_focused()
    see(link).to_be_in_viewport()
    page.keyboard.press("Enter")
    see(page.locator("#main")).to_be_focused()
    page.keyboard.press("Tab")
    see(page.locator("#product-filter")).to_be_focused()


def reach(page: Page) -> None:
    """From the top to the end."""
    reached: set[str] = set()
    for _ in range(STOPS_MAX):
        page.keyboard.press("Tab")
        stop = page.evaluate(STOP)
        if stop is None:
            break
        if not stop["seen"]:
            # Something above it has grown at that moment.
            page.wait_for_timeout(500)
            stop = page.evaluate(STOP)
        if not stop["outlined"]:
            raise Failure(f"the focus is not to be seen: {stop}")
        if not stop["seen"]:
            raise Failure(f"what has the focus is not to be seen: {stop}")
        reached.update(stop["ids"])
    else:
        raise Failure(f"the page has more than {STOPS_MAX} stops")
    expect(set(), WANTED - reached, "controls that are not reached")


def pause(page: Page) -> None:
    """The button says what it does next."""
    page.get_by_role("button", name="Pause Steward").focus()
    page.keyboard.press("Space")
    see(page.locator("#paused")).to_contain_text("Steward is paused: by hand, on the status page.")
    see(page.get_by_role("button", name="Resume Steward")).to_be_focused()
    page.keyboard.press("Enter")
    see(page.locator("#paused")).to_be_hidden()
    see(page.get_by_role("button", name="Pause Steward")).to_be_focused()


def publish(page: Page) -> None:
    """The list of samples stays where it is, whatever changes elsewhere."""
    button = page.get_by_role("button", name="Publish terminate bare-in-queue", exact=True)
    button.focus()
    page.keyboard.press("Enter")
    see(page.locator("#ended .card", has_text="sandbox-bare")).to_contain_text("succeeded")
    see(button).to_be_focused()


def move(page: Page) -> None:
    """From one column to the next, with the focus on it."""
    page.get_by_role("button", name="Publish terminate fails-always", exact=True).focus()
    page.keyboard.press("Enter")
    own = card(page, "submitted", "sandbox-fails-always")
    own.focus()
    ended = card(page, "ended", "sandbox-fails-always")
    see(ended).to_contain_text("failed")
    see(ended).to_be_focused()


def switch(page: Page) -> None:
    """On, and off again."""
    one = page.get_by_role("switch", name="Engines never answer")
    one.focus()
    page.keyboard.press("Space")
    see(one).to_be_checked()
    page.keyboard.press("Space")
    see(one).not_to_be_checked()
    see(one).to_be_focused()
