"""The application as people use it, timed in Chromium: opening images, frames with a thousand masks, memory."""

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.bench.frames import frame_times, quantile
from tests.bench.project import BenchProject, project_make
from tests.e2e.conftest import RunningSystem, start_system, stop

_VIEW = {"width": 1440, "height": 900}
_TIMEOUT_MS = 120_000
_SCRIPT = (Path(__file__).parent / "page" / "firstMask.js").read_text(encoding="utf-8")
_MEGABYTE = 2**20
_GESTURE_STEPS = 120
# Longer than a decode, and than the list of objects waits before it follows: a pointer that never rests sees neither.
_HOVER_PAUSE_MS = 250
# Somebody who goes to the next image has looked at this one; what the page does in a first pause is done by then.
_LOOK_MS = 1000


def measure_application(browser: Browser, *, images: int, masks: int, runs: int) -> Iterator[dict[str, Any]]:
    """The JSON file's `opening`, `frames` and `memory`, each as soon as it is measured, of a system of its own."""
    with TemporaryDirectory() as folder:
        system = start_system(Path(folder) / "data")
        try:
            project = project_make(system.url, images=images, masks=masks)
            yield {"opening": measure_opening(browser, system, project, runs)}
            yield {"frames": measure_frames(browser, system, project)}
            yield {"memory": measure_memory(browser, system, project)}
        finally:
            stop_surely(system)


def stop_surely(system: RunningSystem) -> None:
    """A system that does not end when asked is ended all the same: it must not take what was measured along."""
    try:
        stop(system.process)
    except subprocess.TimeoutExpired:
        os.killpg(system.process.pid, signal.SIGKILL)
        system.process.wait()


def measure_opening(
    browser: Browser, system: RunningSystem, project: BenchProject, runs: int
) -> list[dict[str, Any]]:
    """From asking for an image to the first mask under a resting pointer, and what of it the decoder took."""
    ways = ("cold", "reload", "prefetched", "at once")
    times: dict[str, list[tuple[float, float]]] = {way: [] for way in ways}
    for run in range(runs):
        context = logged_in(browser, system)
        page = context.new_page()
        page.add_init_script(_SCRIPT)
        page.goto(f"/images/{project.images[run + 1]}")
        times["cold"].append(first_mask(page, "firstMask(null)"))
        wait_for_prefetch(page)
        page.reload()
        times["reload"].append(first_mask(page, "firstMask(null)"))
        wait_for_prefetch(page)
        # As of somebody who goes to the next image by a key, the mouse at rest.
        page.mouse.move(700, 450)
        page.wait_for_timeout(_LOOK_MS)
        times["prefetched"].append(first_mask(page, "nextImageFirstMask()"))
        wait_for_prefetch(page)
        # And on in the middle of a movement, while the page still works for this image.
        page.mouse.move(720, 460)
        times["at once"].append(first_mask(page, "nextImageFirstMask()"))
        context.close()
    cold = median(total for total, _ in times["cold"])
    return [
        {
            "how": how,
            "median_ms": round(median(total for total, _ in taken), 1),
            "median_besides_decode_ms": round(median(total - decode for total, decode in taken), 1),
            "ratio_vs_cold": round(cold / median(total for total, _ in taken), 3),
            "runs": runs,
        }
        for how, taken in times.items()
    ]


def measure_frames(browser: Browser, system: RunningSystem, project: BenchProject) -> list[dict[str, Any]]:
    """Main-thread work per frame, on an image without masks and on one of its size with many."""
    rows: list[dict[str, Any]] = []
    for masks, image in ((0, project.bare_image), (project.mask_count, project.crowded_image)):
        context = logged_in(browser, system)
        page = context.new_page()
        page.goto(f"/images/{image}")
        wait_for_prefetch(page)
        for gesture, act in (("hover", hover), ("pan", pan)):
            act(page, 10)
            times = frame_times(browser, page, partial(act, page, _GESTURE_STEPS))
            baseline = next((row["p95_ms"] for row in rows if row["gesture"] == gesture), None)
            rows.append(
                {
                    "gesture": gesture,
                    "masks": masks,
                    "frames": len(times),
                    "p50_ms": round(quantile(times, 0.5), 2),
                    "p95_ms": round(quantile(times, 0.95), 2),
                    "ratio_vs_no_masks": round(quantile(times, 0.95) / baseline, 3) if baseline else 1.0,
                }
            )
        context.close()
    return rows


def measure_memory(browser: Browser, system: RunningSystem, project: BenchProject) -> dict[str, Any]:
    """What the page and its workers hold with 10 images opened one after the other, and with all."""
    context = logged_in(browser, system)
    page = context.new_page()
    page.goto(f"/images/{project.images[0]}")
    devtools = context.new_cdp_session(page)
    held: dict[int, int] = {}
    count = len(project.images)
    for opened in range(1, count + 1):
        page.wait_for_selector('[data-testid="annotator"][data-decoder="ready"]', timeout=_TIMEOUT_MS)
        if opened in (10, count):
            devtools.send("HeapProfiler.collectGarbage")
            held[opened] = held_bytes(page)
        if opened < count:
            page.get_by_test_id("next-image").click()
            # The address changes before the view does: its buttons would be pressed once more.
            position = page.get_by_test_id("image-position")
            expect(position).to_have_text(re.compile(rf"^{opened + 1} /"), timeout=_TIMEOUT_MS)
    context.close()
    first, last = held[min(10, count)], held[count]
    return {
        "images": count,
        "held_after_10_mb": round(first / _MEGABYTE, 1),
        "held_after_all_mb": round(last / _MEGABYTE, 1),
        "growth_mb": round((last - first) / _MEGABYTE, 1),
    }


def held_bytes(page: Page) -> int:
    """Of the page and its workers, embeddings and WebAssembly's memory included, which no heap's size has."""
    return int(page.evaluate("async () => (await performance.measureUserAgentSpecificMemory()).bytes"))


def logged_in(browser: Browser, system: RunningSystem) -> BrowserContext:
    """A browser that has seen nothing yet but knows who it is."""
    context = browser.new_context(base_url=system.url, viewport=_VIEW)  # type: ignore[arg-type]
    context.set_default_timeout(_TIMEOUT_MS)
    context.request.get("/api/v1/auth/me/")
    token = next(cookie["value"] for cookie in context.cookies() if cookie["name"] == "csrftoken")
    answer = context.request.post(
        "/api/v1/auth/login/",
        data={"username": "demo", "password": "demo"},
        headers={"X-CSRFToken": token},
    )
    if not answer.ok:
        raise SystemExit(f"logging in failed: {answer.status}")
    return context


def wait_for_prefetch(page: Page) -> None:
    page.wait_for_selector('[data-testid="annotator"][data-prefetched="true"]')
    page.wait_for_selector('[data-testid="mask-overlay"][data-complete="true"]')


def first_mask(page: Page, expression: str) -> tuple[float, float]:
    """Milliseconds until the first mask and of the decode in it."""
    total, decode = page.evaluate(expression)
    return float(total), float(decode)


def hover(page: Page, steps: int) -> None:
    """Rests on one point after the other across the image."""
    for step in range(steps):
        page.mouse.move(420 + (step * 37) % 600, 250 + (step * 23) % 400)
        page.wait_for_timeout(_HOVER_PAUSE_MS)


def pan(page: Page, steps: int) -> None:
    """Pulls the image to and fro with the middle button."""
    page.mouse.move(700, 450)
    page.mouse.down(button="middle")
    for step in range(steps):
        away = step % 60
        page.mouse.move(700 + 5 * min(away, 60 - away), 450 + 3 * min(away, 60 - away))
    page.mouse.up(button="middle")


def table(result: dict[str, Any]) -> str:
    """The rows for people."""
    lines = ["", f"{'opening':<14}{'ms':>9}{'besides decode':>16}{'x cold':>9}"]
    lines += [
        f"{row['how']:<14}{row['median_ms']:>9.0f}{row['median_besides_decode_ms']:>16.0f}{row['ratio_vs_cold']:>9.2f}"
        for row in result["opening"]
    ]
    lines += ["", f"{'gesture':<10}{'masks':>7}{'frames':>8}{'p50 ms':>9}{'p95 ms':>9}{'x no masks':>12}"]
    lines += [
        f"{row['gesture']:<10}{row['masks']:>7}{row['frames']:>8}{row['p50_ms']:>9.1f}{row['p95_ms']:>9.1f}"
        f"{row['ratio_vs_no_masks']:>12.2f}"
        for row in result["frames"]
    ]
    memory = result["memory"]
    lines += [
        "",
        f"held after 10 images {memory['held_after_10_mb']:.0f} MB, after {memory['images']} "
        f"{memory['held_after_all_mb']:.0f} MB: {memory['growth_mb']:+.0f} MB",
    ]
    return "\n".join(lines)
