"""A browser without a window, and all that it complains of."""

import contextlib
import os
from collections.abc import Iterator

from check_local.checks import Checks, Failure
from cloud import ROOT
from playwright.sync_api import BrowserContext, Error, Locator, Page, Request, Response, expect, sync_playwright

PICTURES = ROOT / "target" / "page"
# Milliseconds. Generous: the machine that tests has other things to do.
PATIENCE = 30_000
WIDE, NARROW = (1400, 900), (360, 800)
# How many lines of what a browser says of a failure.
LINES = 6


class PageChecks(Checks):
    """Checks whose failures do not say all that is on the page."""

    @contextlib.contextmanager
    def check(self, name: str) -> Iterator[None]:
        with super().check(name):
            try:
                yield
            except (AssertionError, Error) as error:
                lines = [line.strip() for line in str(error).splitlines() if line.strip()]
                raise Failure("; ".join(lines[:LINES])) from None


class Browser:
    """One Chromium; each page in it is a visitor of its own."""

    def __init__(self, path: str, address: str):
        self.address = address
        self.complaints: list[str] = []
        self.playwright = sync_playwright().start()
        # Root has no sandbox to go into; the only page that is opened is ours.
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        self.chromium = self.playwright.chromium.launch(executable_path=path, args=arguments)
        expect.set_options(timeout=PATIENCE)
        PICTURES.mkdir(parents=True, exist_ok=True)

    def __enter__(self) -> "Browser":
        return self

    def __exit__(self, *_: object) -> None:
        self.chromium.close()
        self.playwright.stop()

    @contextlib.contextmanager
    def page(self, size: tuple[int, int] = WIDE, scheme: str = "light", **options: object) -> Iterator[Page]:
        """The page, as soon as it shows what is."""
        width, height = size
        context = self.chromium.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, locale="en-GB", **options
        )
        context.set_default_timeout(PATIENCE)
        try:
            yield self.opened(context)
        finally:
            context.close()

    def opened(self, context: BrowserContext) -> Page:
        """A new page, watched from its first request on."""
        page = context.new_page()
        page.on("console", lambda message: self.complaints.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        page.on("requestfailed", self.failed)
        page.on("response", self.answered)
        page.goto(self.address)
        page.locator("#link", has_text="live").wait_for()
        page.locator("#products tr").first.wait_for()
        page.locator("#samples li").first.wait_for(state="attached")
        return page

    @contextlib.contextmanager
    def refusal(self, page: Page) -> Iterator[None]:
        """One request that is refused as it should be: the browser says so, and that is no complaint."""
        before = len(self.complaints)
        with page.expect_event("console"):
            yield
        refused = self.complaints[before:]
        if len(refused) != 2 or not all("400" in complaint for complaint in refused):
            raise Failure(f"one refused request was due, and not {refused}")
        del self.complaints[before:]

    def failed(self, request: Request) -> None:
        """A stream that ends with its page has not failed."""
        if not request.url.endswith("/_local/events"):
            self.complaints.append(f"failed: {request.method} {request.url}: {request.failure}")

    def answered(self, response: Response) -> None:
        """Every request of the page is one that is answered well."""
        if response.status >= 400:
            self.complaints.append(f"{response.status}: {response.request.method} {response.url}")


def picture(page: Page, name: str, whole: bool = False) -> None:
    """What is seen, below target/page/."""
    page.screenshot(path=PICTURES / f"{name}.png", full_page=whole)


def publish(page: Page, sample: str) -> None:
    """Presses the button of a sample of terminate."""
    page.get_by_role("button", name=f"Publish terminate {sample}", exact=True).click()


def card(page: Page, column: str, product: str) -> Locator:
    """The operation of a product, in a column of the board."""
    return page.locator(f"#{column} .card", has=page.get_by_text(product, exact=True))
