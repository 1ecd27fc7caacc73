"""Texts that would run, were they ever taken for code, and a project whose every text field holds them."""

import uuid
from collections.abc import Iterable
from typing import Any, Final

import numpy as np
from playwright.sync_api import APIResponse, Page

from tests.builders import make_file, make_pixels
from tests.e2e.stored import create_masks, send

# Whatever of them becomes an element has this attribute; whatever runs sets `window.__xss`.
MARK: Final = "data-xss"
# Nobody answers there; a page that shows Markdown may ask for a picture of it, which its policy forbids.
REMOTE: Final = "https://xss.invalid"
PAYLOADS: Final = (
    f"<script {MARK}>window.__xss=1</script>",
    f'<img {MARK} src=x onerror="window.__xss=2">',
    f'"><svg {MARK} onload=alert(3)>',
    "javascript:window.__xss=4//",
    f"[a](javascript:window.__xss=5) ![b]({REMOTE}/b.png) <{REMOTE}>",
    "{{constructor.constructor('window.__xss=6')()}}${window.__xss=6}<%=7*7%>",
    f"</title></textarea></style><iframe {MARK} srcdoc='<script>parent.__xss=7</script>'>",
    f"\u202e<b {MARK}>gnp\u200b\ufeff\u2028🐈\u0301</b>",
    f"' onfocus=alert(9) autofocus {MARK}='",
)
LONG: Final = "x" * 10_000
ALL: Final = "\n\n".join(PAYLOADS)
MARKDOWN: Final = "\n\n".join(
    [
        ALL,
        f"# <h1 {MARK}>",
        "[a]: javascript:window.__xss=10\n[b][a] [c](data:text/html,<script>parent.__xss=11</script>)",
        f'<details {MARK} open ontoggle="window.__xss=12">',
        f"```html\n{ALL}\n```",
        f"| a | {PAYLOADS[1]} |\n|---|---|\n| 1 | 2 |\n",
    ]
)

# The text fields of the schema that `plant` fills, by operation and name.
FILLED: Final = {
    ("POST", "projects/"): {"name", "description", "licence_note", "guidelines"},
    ("POST", "projects/{project_id}/labels/"): {"name", "supercategory", "choices", "default"},
    ("POST", "projects/{project_id}/tags/"): {"name"},
    ("POST", "projects/{project_id}/images/"): {"paths"},
    ("POST", "images/{image_id}/threads/"): {"text"},
    ("POST", "threads/{thread_id}/comments/"): {"text"},
    ("POST", "images/{image_id}/work/skip/"): {"reason"},
    ("POST", "images/{image_id}/work/reject/"): {"reason"},
    ("POST", "projects/{project_id}/invitations/"): {"note"},
    ("POST", "projects/{project_id}/webhooks/"): {"description", "url"},
    ("POST", "auth/tokens/"): {"name"},
    ("POST", "projects/{project_id}/quality/checks/"): {"name"},
}
# What writes to the same columns; names of rounds are shown as names of checks are.
ALIKE: Final = {
    ("PATCH", "projects/{project_id}/"): FILLED["POST", "projects/"],
    ("PATCH", "labels/{label_id}/"): FILLED["POST", "projects/{project_id}/labels/"],
    ("PATCH", "tags/{tag_id}/"): {"name"},
    ("PATCH", "comments/{comment_id}/"): {"text"},
    ("PATCH", "webhooks/{webhook_id}/"): {"description", "url"},
    ("POST", "projects/{project_id}/quality/rounds/"): {"name"},
}
# Text that is no free text: one that is not of its form is refused, or it is never shown.
OF_A_FORM: Final = {
    *("color", "counts", "model", "kind", "task", "mask_input", "email"),
    *("password", "old_password", "new_password", "uid", "token", "secret", "username"),
    *("word", "file_name"),  # what is looked for, in words of a model and in names of files
}


def plant(page: Page) -> tuple[int, str]:
    """Makes the project, by the page's log-in, and everything in it; its id, and that of an image with masks."""
    for text in PAYLOADS:
        _made(page, "projects/", {"name": text})
    fields = {"name": PAYLOADS[1], "description": ALL, "licence_note": ALL[:500], "guidelines": MARKDOWN}
    project: int = _made(page, "projects/", fields)["id"]
    at = f"projects/{project}/"
    people = send(page, "GET", f"/api/v1/{at}members/").json()
    _labels_and_tags(page, at)
    images = [_upload(page, project, seed, f"{text}.png") for seed, text in enumerate(PAYLOADS)]
    image = str(images[0])
    create_masks(page, image, _square(2), _square(12))
    labels = send(page, "GET", f"/api/v1/{at}labels/").json()
    for number, mask in enumerate(send(page, "GET", f"/api/v1/images/{image}/masks/").json()):
        label = labels[1 + number]
        values = {str(label["attributes"][0]["id"]): ALL[:500]}
        changed = {"revision": mask["revision"], "label": label["id"], "attributes": values}
        _made(page, f"masks/{mask['id']}/", changed, "PATCH")
    _talk(page, image)
    _made(page, f"images/{images[1]}/work/lease/", {})
    _made(page, f"images/{images[1]}/work/skip/", {"reason": ALL[:500]})
    create_masks(page, str(images[2]), _square(3))
    _made(page, f"images/{images[2]}/work/submit/", {})
    _made(page, f"images/{images[2]}/work/reject/", {"reason": ALL[:2000]})
    create_masks(page, str(images[3]), _square(3))
    _made(page, f"images/{images[3]}/work/submit/", {})
    _made(page, f"images/{images[3]}/work/accept/", {})
    _made(page, f"{at}invitations/", {"role": "viewer", "note": PAYLOADS[1]})
    _made(page, f"{at}invitations/", {"role": "viewer", "note": PAYLOADS[6]})
    url = "http://127.0.0.1:9/?a=<img/data-xss/src=x/onerror=alert(1)>"
    _made(page, f"{at}webhooks/", {"url": url, "description": ALL[:200], "events": ["image.accepted"]})
    for text in PAYLOADS:
        _made(page, "auth/tokens/", {"name": text, "scope": "read", "days": 1})
    checker = {"name": ALL[:200], "checker_ids": [people[0]["user_id"]], "masks": 1}
    _made(page, f"{at}quality/checks/", checker)
    return project, image


def refuse(page: Page, project: int) -> list[tuple[str, int]]:
    """Sends what is too long for its field or of another form; each with the status it was refused with."""
    bodies: Iterable[tuple[str, dict[str, Any]]] = [
        ("projects/", {"name": LONG}),
        (f"projects/{project}/labels/", {"name": LONG}),
        (f"projects/{project}/labels/", {"name": "c", "color": "red;background:url(//xss.invalid)"}),
        (f"projects/{project}/tags/", {"name": LONG}),
        (f"projects/{project}/tags/", {"name": "c", "color": "javascript:alert(1)"}),
        (f"projects/{project}/webhooks/", {"url": "javascript:alert(1)", "events": ["image.accepted"]}),
        ("auth/tokens/", {"name": LONG, "scope": "read", "days": 1}),
    ]
    return [(path, send(page, "POST", f"/api/v1/{path}", body).status) for path, body in bodies]


def _labels_and_tags(page: Page, at: str) -> None:
    for text in PAYLOADS:
        attributes = [
            {"name": text, "kind": "text", "default": text},
            {"name": f"{text[:90]} 2", "kind": "select", "choices": [text, "b"], "default": text},
        ]
        _made(page, f"{at}labels/", {"name": text, "supercategory": text, "attributes": attributes})
        _made(page, f"{at}tags/", {"name": text})


def _talk(page: Page, image: str) -> None:
    for number, text in enumerate(PAYLOADS):
        thread = str(uuid.uuid4())
        _made(page, f"images/{image}/threads/", {"id": thread, "x": 2 + 3 * number, "y": 5, "text": text})
        answer = {"id": str(uuid.uuid4()), "text": MARKDOWN[:5000]}
        _made(page, f"threads/{thread}/comments/", answer)


def _upload(page: Page, project: int, seed: int, name: str) -> int:
    token = next(cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "csrftoken")
    content = make_file(make_pixels(seed=4000 + seed))
    answer = page.request.post(
        f"/api/v1/projects/{project}/images/",
        multipart={"files": {"name": "a.png", "mimeType": "image/png", "buffer": content}, "paths": name},
        headers={"X-CSRFToken": token, "Referer": page.url},
    )
    assert answer.status == 201, answer.text()
    image: int = answer.json()["created"][0]["id"]
    return image


def _square(left: int) -> np.ndarray:
    mask = np.zeros((30, 40), bool)
    mask[4:12, left : left + 8] = True
    return mask


def _made(page: Page, path: str, body: dict[str, Any], method: str = "POST") -> dict[str, Any]:
    answer: APIResponse = send(page, method, f"/api/v1/{path}", body)
    assert answer.ok, f"{path} {answer.text()}"
    made: dict[str, Any] = answer.json() if answer.body() else {}
    return made
