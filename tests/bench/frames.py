"""What the page's main thread works per frame, from Chromium's own trace."""

import json
from bisect import bisect_right
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Browser, Page

_CATEGORIES = ["disabled-by-default-devtools.timeline", "disabled-by-default-devtools.timeline.frame"]
_TASK = "RunTask"
_FRAME = "BeginMainThreadFrame"


def frame_times(browser: Browser, page: Page, gesture: Callable[[], None]) -> list[float]:
    """Milliseconds of processor time (of wall time where the trace has none) of the main thread's tasks, per frame."""
    browser.start_tracing(page=page, categories=_CATEGORIES)
    gesture()
    trace = json.loads(browser.stop_tracing())
    events: list[dict[str, Any]] = trace["traceEvents"]
    frames_of: dict[tuple[int, int], list[float]] = {}
    for event in events:
        if event.get("name") == _FRAME:
            frames_of.setdefault((event["pid"], event["tid"]), []).append(event["ts"])
    if not frames_of:
        raise SystemExit("the trace has no frames")
    # The page that was acted upon is the one that drew most.
    thread, starts = max(frames_of.items(), key=lambda item: len(item[1]))
    starts.sort()
    work = [0.0] * len(starts)
    for event in events:
        if event.get("name") != _TASK or event.get("ph") != "X" or (event["pid"], event["tid"]) != thread:
            continue
        # A frame's own task begins before it says so: count by where the task ends.
        frame = bisect_right(starts, event["ts"] + event["dur"]) - 1
        if frame >= 0:
            work[frame] += event.get("tdur", event["dur"]) / 1000
    return work


def quantile(values: list[float], share: float) -> float:
    """Of the sorted values, the one with `share` of them below."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
