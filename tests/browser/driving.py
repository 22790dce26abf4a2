"""How a person uses the desk, as steps of a browser page; every step waits for what a person would wait for."""

from __future__ import annotations

import os
import re
import sys
from datetime import date
from pathlib import Path

from PIL import Image

ARLIB = Path(sys.executable).with_name("arlib")
CHROMIUM_FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
KERNEL_IS_READY = """async () => {
    const context = window.jupyterapp.shell.currentWidget.sessionContext;
    await context.ready;
    await context.session.kernel.info;
}"""
# Nothing under way, and not just because the kernel has not heard of it yet.
IDLE = """async longest => {
    const end = performance.now() + longest;
    for (let since = 0; since < 500; ) {
        await new Promise(done => setTimeout(done, 50));
        const busy = document.querySelector('.arlib-desk .arlib-busy');
        since = busy && !busy.textContent.trim() ? since + 50 : 0;
        if (performance.now() > end) throw new Error('the desk did not become idle');
    }
}"""
LONG = 180_000  # milliseconds: a busy machine reads books slowly


class Watched:
    """A page with what went wrong on it: errors, messages of the console, dialogs, requests."""

    def __init__(self, page) -> None:
        self.page = page
        self.faults: list[str] = []
        self.dialogs: list[str] = []
        self.requests: list[str] = []
        page.on("pageerror", lambda fault: self.faults.append(str(fault)))
        page.on("console", self._said)
        page.on("response", self._answered)
        page.on("dialog", lambda dialog: (self.dialogs.append(dialog.message), dialog.accept()))
        page.on("request", lambda request: self.requests.append(request.url))

    def _said(self, message) -> None:
        # Voilà asks for fonts of another site; that the desk refuses them is no fault. What fails to load is told by its address.
        if message.type == "error" and not re.search(
            "Content Security Policy|Failed to load resource", message.text
        ):
            self.faults.append(message.text)

    def _answered(self, response) -> None:
        # A page that closes asks Voilà to end its kernel and is refused (no XSRF token); the kernel ends by itself soon after.
        if response.status >= 400 and not re.search(r"/favicon\.ico|/voila/api/shutdown/", response.url):
            self.faults.append(f"{response.status} {response.request.method} {response.url.split('?')[0]}")

    def close(self) -> None:
        self.page.context.close()


def picture(page, name: str, *, element: str = "") -> None:
    """Keep a picture where ARLIB_SCREENSHOTS says: of the window, or as wide as it but only as high as an element."""
    if not (folder := os.environ.get("ARLIB_SCREENSHOTS")):
        return
    path = Path(folder) / f"{name}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    window = page.viewport_size
    if element:
        page.set_viewport_size(
            window | {"height": 2_600}
        )  # all of it in sight: what scrolls inside the page is cut off
        # the window's new height first moves what was scrolled: wait until it stands
        page.locator(element).first.evaluate(
            "async e => { for (let n = 0; n < 10; n++) await new Promise(requestAnimationFrame); e.scrollIntoView(); }"
        )
        box = page.locator(element).first.bounding_box()
        clip = {"x": 0, "y": max(box["y"] - 8, 0), "width": window["width"], "height": box["height"] + 16}
        page.screenshot(path=str(path), animations="disabled", clip=clip)
        page.set_viewport_size(window)
    else:
        page.screenshot(path=str(path), animations="disabled")
    with Image.open(path) as taken:
        small = taken.convert("RGB").quantize(64, dither=Image.Dither.NONE)
    small.save(path, optimize=True)


class DeskPage:
    """The desk on a page, in whichever program shows it."""

    def __init__(self, page) -> None:
        self.page = page

    def __getitem__(self, css: str):
        return self.page.locator(f".arlib-desk .{css}").first

    def wait_for(self, css: str, text: str | re.Pattern[str]) -> None:
        """Wait until a part of the desk says this, and nothing is under way."""
        from playwright.sync_api import expect

        expect(self[css]).to_contain_text(text, timeout=LONG)
        self.idle()

    def idle(self) -> None:
        """Wait until nothing is under way; an error on the desk fails the test with its words."""
        self.page.evaluate(IDLE, LONG)

    def opened(self) -> DeskPage:
        """Wait for the desk to be there."""
        self.page.wait_for_selector(
            ".arlib-desk .arlib-search-text input, [data-mime-type*=stderr]", timeout=LONG
        )
        assert not (faults := self.page.locator("[data-mime-type*=stderr]").all_inner_texts()), faults
        self.idle()
        return self

    def errors(self) -> list[str]:
        return self.page.locator(".arlib-desk .arlib-message [role=alert]").all_inner_texts()

    def search(self, said: str) -> None:
        """Type into the one box and press Enter."""
        box = self["arlib-search-text"].locator("input")
        box.fill(said)
        box.press("Enter")
        self.idle()

    def open(self, customer: str) -> None:
        """Search a customer and open it from the list."""
        self.search(customer)
        options = self["arlib-search-open"].locator("option", has_text=customer)
        options.first.wait_for(state="attached", timeout=LONG)
        self["arlib-search-open"].locator("select").select_option(value=options.first.get_attribute("value"))
        self.wait_for("arlib-header", customer)

    def tab(self, title: str) -> None:
        """Turn to a tab by its title."""
        self.page.locator(
            ".arlib-desk .arlib-tabs .lm-TabBar-tab", has_text=re.compile(f"^{re.escape(title)}$")
        ).first.click()
        self.idle()

    def step_back(self, days: int) -> date:
        """Move the as-of slider so many days back with the keyboard; the day that it then shows."""
        handle = self["arlib-as-of-slider"].locator(".noUi-handle").first
        for _ in range(days):
            was = self.as_of()
            handle.focus()
            self.page.keyboard.press("ArrowLeft")
            self.page.wait_for_function(
                "was => document.querySelector('.arlib-desk .arlib-day-balance').textContent.indexOf(was) < 0",
                arg=was, timeout=LONG,
            )  # fmt: skip
            self.idle()
        return date.fromisoformat(self.as_of())

    def as_of(self) -> str:
        """The day that the balance line names."""
        return re.search(r"\d{4}-\d{2}-\d{2}", self["arlib-day-balance"].inner_text()).group()

    def go_to(self, day: date) -> None:
        """Pick the as-of day."""
        box = self["arlib-as-of-date"].locator("input[type=date]")
        box.fill(day.isoformat())
        box.press("Tab")
        self.wait_for("arlib-day-balance", day.isoformat())

    def balances(self) -> dict[str, str]:
        """Balance by currency, as shown."""
        found = self["arlib-day-balance"].locator("b[data-currency]")
        return {each.get_attribute("data-currency"): each.inner_text() for each in found.all()}

    def pick_receipt(self, receipt_id: str) -> None:
        """Turn to a receipt."""
        self.tab("Receipt")
        options = self["arlib-receipt-pick"].locator("option", has_text=receipt_id)
        options.first.wait_for(state="attached", timeout=LONG)
        self["arlib-receipt-pick"].locator("select").select_option(value=options.first.get_attribute("value"))
        self.wait_for("arlib-receipt-facts", re.compile("propos|matched|no |not open", re.IGNORECASE))

    def press(self, css: str) -> None:
        """Press a button and wait until what it does is done."""
        self.page.locator(f".arlib-desk button.{css}").first.click()
        self.idle()

    def note(self, text: str) -> None:
        """Record a note about the customer."""
        self.tab("Decide")
        self["arlib-decide-text"].locator("textarea").fill(text)
        self["arlib-decide-text"].locator("textarea").press("Tab")
        self.press("arlib-decide-record")

    def export(self) -> str:
        """Write the case file; the folder that it names."""
        self.tab("Case file")
        self.page.locator(".arlib-desk button.arlib-case-export").first.click()
        self.wait_for("arlib-case-said", "sealed")
        return self["arlib-case-path"].locator("input").input_value()


def run_all(page) -> list[str]:
    """Run all cells in JupyterLab or Notebook; the names of errors, none where all went well."""
    page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=LONG)
    page.wait_for_function("() => window.jupyterapp !== undefined")
    page.wait_for_function("() => window.jupyterapp.shell.currentWidget?.context?.isReady", timeout=LONG)
    page.evaluate(KERNEL_IS_READY)
    page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-all-cells')")
    return page.evaluate(
        """() => window.jupyterapp.shell.currentWidget.content.widgets
        .filter(cell => cell.model.type === 'code')
        .flatMap(cell => cell.model.toJSON().outputs.filter(o => o.output_type === 'error').map(o => o.ename + ': ' + o.evalue))"""
    )


def restart(page) -> None:
    """Restart the kernel and forget what it showed."""
    page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")
    page.evaluate(KERNEL_IS_READY)
    page.evaluate("() => window.jupyterapp.commands.execute('notebook:clear-all-cell-outputs')")
