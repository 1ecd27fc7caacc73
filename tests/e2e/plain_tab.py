"""A tab that can be in the background, driven by DevTools alone: Playwright keeps every page of its own visible."""

import json
import time
from typing import Any

from playwright.sync_api import Browser, Page


class PlainTab:
    """Empty at first, in a window of its own, with the cookies of `page`."""

    def __init__(self, browser: Browser, page: Page) -> None:
        self.page = page
        self.devtools = browser.new_browser_cdp_session()
        self.answers: dict[int, dict[str, Any]] = {}
        self.devtools.on("Target.receivedMessageFromTarget", self.receive)
        self.window = self.devtools.send("Target.createBrowserContext")["browserContextId"]
        cookies = [
            {name: cookie[name] for name in ("name", "value", "domain", "path")}
            for cookie in page.context.cookies()
        ]
        self.devtools.send("Storage.setCookies", {"cookies": cookies, "browserContextId": self.window})
        target = self.new_tab()
        attached = self.devtools.send("Target.attachToTarget", {"targetId": target, "flatten": False})
        self.session = attached["sessionId"]
        self.asked = 0
        self.send("Network.enable")

    def new_tab(self) -> str:
        """Opens an empty tab in front of those that are there; its id."""
        tab = {"url": "about:blank", "browserContextId": self.window}
        return str(self.devtools.send("Target.createTarget", tab)["targetId"])

    def receive(self, event: dict[str, Any]) -> None:
        message = json.loads(event["message"])
        if "id" in message:
            self.answers[message["id"]] = message

    def send(self, method: str, **params: Any) -> dict[str, Any]:
        """What the tab answers to a command of the protocol."""
        self.asked += 1
        message = json.dumps({"id": self.asked, "method": method, "params": params})
        self.devtools.send("Target.sendMessageToTarget", {"sessionId": self.session, "message": message})
        deadline = time.monotonic() + 30
        while self.asked not in self.answers:
            assert time.monotonic() < deadline, f"{method} was not answered"
            self.page.wait_for_timeout(10)
        answer = self.answers.pop(self.asked)
        assert "error" not in answer, answer
        result: dict[str, Any] = answer["result"]
        return result

    def evaluate(self, expression: str) -> Any:
        answer = self.send("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        return answer["result"].get("value")

    def wait_for(self, expression: str, timeout_s: float = 60) -> None:
        """Until the expression holds in the tab."""
        deadline = time.monotonic() + timeout_s
        while not self.evaluate(expression):
            assert time.monotonic() < deadline, expression
            self.page.wait_for_timeout(100)

    def block(self, *urls: str) -> None:
        """From now on requests for these fail, and for no others."""
        self.send("Network.setBlockedURLs", urls=urls)

    def press(self, key: str) -> None:
        text = key if len(key) == 1 else ""
        self.send("Input.dispatchKeyEvent", type="keyDown", key=key, text=text)
        self.send("Input.dispatchKeyEvent", type="keyUp", key=key)

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        """In CSS pixels of the tab."""
        for kind, (x, y), buttons in (
            ("mouseMoved", start, 0),
            ("mousePressed", start, 1),
            ("mouseMoved", end, 1),
            ("mouseReleased", end, 0),
        ):
            self.send(
                "Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", buttons=buttons, clickCount=1
            )

    def hide(self) -> None:
        """Brings another tab of the same window to the front."""
        self.new_tab()
        self.wait_for("document.visibilityState === 'hidden'")

    def close(self) -> None:
        self.devtools.send("Target.disposeBrowserContext", {"browserContextId": self.window})
        self.devtools.detach()
