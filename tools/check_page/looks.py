"""How the page looks, to eyes and to what reads it aloud: both themes, a phone and a wide screen."""

from axe_playwright_python.sync_playwright import Axe
from check_local.checks import Checks, Failure, expect
from check_page.browser import NARROW, WIDE, Browser, card, picture, publish
from playwright.sync_api import Page
from playwright.sync_api import expect as see

# What of axe's judgements must be empty, and by which rules: WCAG 2.2 to AA, and what is good besides.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
CONTRAST_MIN = 4.5

# Every text's contrast with the nearest background that is not seen through, by computed styles.
CONTRASTS = """() => {
    const parse = (text) => (text.match(/[\\d.]+/g) ?? []).map(Number);
    const light = ([r, g, b]) => {
        const [x, y, z] = [r, g, b].map((part) => {
            const value = part / 255;
            return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * x + 0.7152 * y + 0.0722 * z;
    };
    const ground = (node) => {
        for (let one = node; one; one = one.parentElement) {
            const [r, g, b, a = 1] = parse(getComputedStyle(one).backgroundColor);
            if (a === 1) return [r, g, b];
            if (a > 0) return null;
        }
        return [255, 255, 255];
    };
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found = new Map();
    let texts = 0;
    while (walker.nextNode()) {
        const node = walker.currentNode.parentElement;
        if (!walker.currentNode.textContent.trim() || !node.checkVisibility()) continue;
        texts += 1;
        const behind = ground(node);
        if (!behind) { found.set(`half transparent: ${node.className}`, 0); continue; }
        const [one, other] = [light(parse(getComputedStyle(node).color)), light(behind)].sort((a, b) => b - a);
        const name = `${node.tagName}.${node.className}: ${walker.currentNode.textContent.trim().slice(0, 30)}`;
        found.set(name, (one + 0.05) / (other + 0.05));
    }
    return { texts, low: [...found].filter(([, ratio]) => ratio < 4.5), least: Math.min(...found.values()) };
}"""

NAMELESS = """() => [...document.querySelectorAll("button, input, select, summary, a, [tabindex='0']")]
    .filter((node) => {
        if (!node.checkVisibility()) return false;
        const label = node.labels?.[0]?.textContent ?? "";
        const by = node.getAttribute("aria-labelledby");
        const named = by ? document.getElementById(by)?.textContent ?? "" : "";
        return !(node.getAttribute("aria-label") ?? (label || named || node.textContent)).trim();
    })
    .map((node) => node.outerHTML.slice(0, 80))"""


def run(checks: Checks, browser: Browser) -> None:
    """Each way to look at it."""
    with browser.page() as page:
        # Something of everything is to be seen: a fault, a failure, a warning.
        publish(page, "bad-not-json")
        page.locator("#ended .card", has_text="rejected").first.wait_for()
    for size, width in ((WIDE, "wide"), (NARROW, "narrow")):
        for scheme in ("light", "dark"):
            with checks.check(f"{width} and {scheme}: nothing overflows, all can be read, all has a name"):
                # What axe brings along is not the page's own, so the page's policy would refuse it.
                with browser.page(size, scheme, bypass_csp=True) as page:
                    look(page, f"{width}-{scheme}")
    with checks.check("the theme is chosen, and kept"), browser.page() as page:
        theme(page)
    with checks.check("who wants no motion gets none"), browser.page(reduced_motion="reduce") as page:
        still(page)


def look(page: Page, name: str) -> None:
    """The page with all that it can show, and the window over it."""
    page.get_by_role("switch", name="Engines never answer").click()
    see(page.locator("#faults tr")).to_have_count(1)
    page.get_by_text("A fault of your own").click()
    picture(page, name, whole=True)
    judge(page)
    page.get_by_role("button", name="Switch all off").click()
    see(page.locator("#faults tr")).to_have_count(0)
    page.locator("#products button").first.click()
    see(page.get_by_role("dialog")).to_be_visible()
    picture(page, f"{name}-product")
    judge(page)


def judge(page: Page) -> None:
    """Width, contrast, names, and what axe finds."""
    # Colours that are on their way to others are no colours.
    page.wait_for_function("() => document.getAnimations().every((one) => one.playState === 'finished')")
    scroll, width = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    expect(width, scroll, "the width of what is shown")
    contrast = page.evaluate(CONTRASTS)
    if contrast["texts"] < 100:
        raise Failure(f"only {contrast['texts']} texts are seen")
    expect([], contrast["low"], f"texts with a contrast below {CONTRAST_MIN}")
    expect([], page.evaluate(NAMELESS), "controls without a name")
    found = Axe().run(page, options={"runOnly": RULES, "resultTypes": ["violations"]}).response
    if len(found["passes"]) < 20:
        raise Failure(f"axe has judged by {len(found['passes'])} rules only")
    said = [f"{one['id']}: {one['help']}: {one['nodes'][0]['html'][:120]}" for one in found["violations"]]
    expect([], said, "what axe finds")


def theme(page: Page) -> None:
    """Over the system's, and after a reload."""
    ground = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(ground)
    page.get_by_label("Theme").select_option("dark")
    dark = page.evaluate(ground)
    if light == dark:
        raise Failure(f"both themes have the ground {light}")
    page.reload()
    page.locator("#products tr").first.wait_for()
    expect(dark, page.evaluate(ground), "the ground after a reload")
    page.get_by_label("Theme").select_option("as the system")
    expect(light, page.evaluate(ground), "the system's ground")


def still(page: Page) -> None:
    """What moves on does so without a sign."""
    publish(page, "language")
    own = page.locator("#ended .card", has_text="sandbox-language")
    see(own).to_contain_text("succeeded")
    expect("none", own.evaluate("node => getComputedStyle(node).animationName"), "the animation")
    card(page, "ended", "sandbox-language").wait_for()
