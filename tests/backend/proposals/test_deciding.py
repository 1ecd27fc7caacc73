"""What people decide: in the annotator, where accepting is saving a mask, and about many at once."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from backend.annotations.models import Mask
from backend.images.models import Image
from backend.jobs import claims
from backend.jobs.context import JobContext, JobInterrupted
from backend.jobs.models import Job
from backend.projects.models import LabelAttribute, Project
from backend.projects.services import label_create
from backend.proposals.jobs import decide
from backend.proposals.models import Proposal, ProposalRun
from backend.users.models import User
from backend.work.models import Status, WorkItem
from tests.backend.jobs.conftest import claim_one, do_one, start
from tests.backend.proposals.conftest import find, mask_body, states
from tests.builders import encode_mask, make_image, make_mask_body, rectangle


def post_mask(client: APIClient, proposal: Proposal, **fields: Any) -> Any:
    return client.post(f"/api/v1/images/{proposal.image_id}/masks/", mask_body(proposal, **fields))


def decide_on_image(client: APIClient, image: Image, **said: list[Proposal]) -> Any:
    body = {word: [str(one.pk) for one in some] for word, some in said.items()}
    return client.post(f"/api/v1/images/{image.pk}/proposals/decide/", body)


def decide_at_once(
    client: APIClient, project: Project, decision: str, some: list[Proposal], **fields: Any
) -> Any:
    body = {"decision": decision, "ids": [str(one.pk) for one in some]} | fields
    return client.post(f"/api/v1/projects/{project.pk}/proposals/decide/", body)


def errors(answer: Any) -> list[str | None]:
    return [one["error"] and one["error"]["code"] for one in answer.json()["results"]]


def run_of(api: APIClient, proposal: Proposal) -> dict[str, Any]:
    shown: dict[str, Any] = api.get(f"/api/v1/proposal-runs/{proposal.run_id}/").json()
    return shown


def test_who_saves_a_mask_with_a_proposals_id_accepts_it(
    api: APIClient, owner: User, proposals: list[Proposal]
) -> None:
    first, second, *_ = proposals
    assert post_mask(api, first).status_code == 201
    changed = encode_mask(rectangle(30, 40, 10, 0, 18, 9))
    fixed = post_mask(api, second, segmentation=changed, model_segmentation=second.segmentation)
    assert fixed.json()["model_iou"] == pytest.approx(0.9)
    assert states() == ["untouched", "fixed", "open", "open"]
    assert run_of(api, first)["counts"] | {"superseded": 0} == {
        "open": 2,
        "accepted": 2,
        "untouched": 1,
        "fixed": 1,
        "rejected": 0,
        "superseded": 0,
    }
    row = Proposal.objects.get(pk=first.pk)
    assert (row.decided_by, row.mask_id, row.decided_at is not None) == (owner, first.pk, True)
    assert post_mask(api, first).status_code == 200


def test_an_outcome_follows_the_mask(api: APIClient, proposals: list[Proposal]) -> None:
    first = proposals[0]
    post_mask(api, first)
    address = f"/api/v1/masks/{first.pk}/"
    brushed = {"segmentation": encode_mask(rectangle(30, 40, 0, 0, 8, 9)), "tool": "brush"}
    assert api.patch(address, {"revision": 1, **brushed}).status_code == 200
    assert states()[0] == "fixed"
    assert run_of(api, first)["counts"]["fixed"] == 1
    back = {"revision": 2, "segmentation": first.segmentation, "tool": "brush"}
    assert api.patch(address, back).status_code == 200
    assert states()[0] == "untouched"
    assert api.delete(f"{address}?revision=3").status_code == 204
    assert states()[0] == "rejected"
    assert run_of(api, first)["counts"]["rejected"] == 1
    assert api.post(f"{address}restore/", {"revision": 2, "from": 3}).status_code == 200
    assert states()[0] == "fixed"
    assert run_of(api, first)["counts"]["rejected"] == 0


def test_masks_saved_and_deleted_in_bulk_decide_too(
    api: APIClient, project: Project, proposals: list[Proposal]
) -> None:
    first, second, *_ = proposals
    address = f"/api/v1/projects/{project.pk}/masks/bulk/"
    create = [{"op": "create", "image": one.image_id, **mask_body(one)} for one in (first, second)]
    assert api.post(address, {"operations": create}).json()["succeeded"] == 2
    assert states() == ["untouched", "untouched", "open", "open"]
    delete = [{"op": "delete", "id": str(first.pk), "revision": 1}]
    assert api.post(address, {"operations": delete}).json()["succeeded"] == 1
    assert states() == ["rejected", "untouched", "open", "open"]


def test_a_mask_of_another_image_with_the_id_accepts_nothing(
    api: APIClient, project: Project, proposals: list[Proposal]
) -> None:
    other = make_image(project, seed=7)
    body = mask_body(proposals[0])
    assert api.post(f"/api/v1/images/{other.pk}/masks/", body).status_code == 201
    assert states() == ["open"] * 4


def test_proposals_are_rejected_and_reopened_while_one_labels(
    member: Callable[[str], APIClient], image: Image, proposals: list[Proposal]
) -> None:
    client = member("annotator")
    first, second, third, _ = proposals
    assert decide_on_image(client, image, reopen=[first]).json()["unchanged"] == 1
    assert WorkItem.objects.get(pk=image.pk).status != Status.IN_PROGRESS, "nothing was done, nobody began"
    answer = decide_on_image(client, image, reject=[first, second])
    assert answer.json() == {
        "decided": 2,
        "unchanged": 0,
        "refused": 0,
        "results": [
            {"id": str(one.pk), "state": "rejected", "outcome": None, "error": None}
            for one in (first, second)
        ],
    }
    assert WorkItem.objects.get(pk=image.pk).status == Status.IN_PROGRESS
    assert decide_on_image(client, image, reject=[first, second]).json()["unchanged"] == 2
    post_mask(client, third)
    again = decide_on_image(client, image, reopen=[second], reject=[third])
    assert (again.json()["decided"], again.json()["unchanged"]) == (1, 1)
    assert states() == ["rejected", "open", "untouched", "open"], "a mask is taken back by deleting it"
    missing = client.post(f"/api/v1/images/{image.pk}/proposals/decide/", {"reject": [str(uuid.uuid4())]})
    assert errors(missing) == ["proposal.not_found"]
    both = {"reject": [str(first.pk)], "reopen": [str(first.pk)]}
    assert client.post(f"/api/v1/images/{image.pk}/proposals/decide/", both).status_code == 400


def test_an_acceptance_is_taken_back_and_done_again(
    api: APIClient, image: Image, proposals: list[Proposal]
) -> None:
    """Undo and redo of the annotator's page."""
    first = proposals[0]
    post_mask(api, first)
    assert api.delete(f"/api/v1/masks/{first.pk}/?revision=1").status_code == 204
    assert decide_on_image(api, image, reopen=[first]).json()["decided"] == 1
    assert str(first.pk) in [one["id"] for one in api.get(f"/api/v1/images/{image.pk}/proposals/").json()]
    assert post_mask(api, first, restores=1).status_code == 201
    assert states()[0] == "untouched"


def test_what_is_finished_or_somebody_elses_is_not_decided_about_by_who_labels(
    member: Callable[[str], APIClient], image: Image, proposals: list[Proposal], owner: User
) -> None:
    client = member("annotator")
    WorkItem.objects.filter(pk=image.pk).update(status=Status.IN_PROGRESS, assignee=owner)
    answer = decide_on_image(client, image, reject=proposals)
    assert (answer.status_code, answer.json()["code"]) == (403, "image.assigned_to_other")
    WorkItem.objects.filter(pk=image.pk).update(status=Status.SUBMITTED)
    assert decide_on_image(client, image, reject=proposals).json()["code"] == "image.locked"
    assert states() == ["open"] * 4


def test_many_are_accepted_at_once_and_twice_is_once(
    api: APIClient,
    member: Callable[[str], APIClient],
    project: Project,
    owner: User,
    begin: Callable[..., ProposalRun],
) -> None:
    label = label_create(project=project, name="thing")
    LabelAttribute.objects.create(
        label=label, name="big", kind="checkbox", choices=[], default=False, position=1
    )
    images = [make_image(project, seed=seed, name=f"{seed}.png") for seed in (1, 2)]
    run = begin(label=label.pk)
    some = [one for image in images for one in find(run, image)[:2]]
    before = list(WorkItem.objects.values_list("status", "assignee"))
    answer = decide_at_once(api, project, "accept", some)
    assert answer.status_code == 200, answer.content
    assert answer.json()["decided"] == 4
    assert {one["outcome"] for one in answer.json()["results"]} == {"untouched"}
    again = decide_at_once(member("reviewer"), project, "accept", some)
    assert (again.json()["decided"], again.json()["unchanged"]) == (0, 4)
    masks = Mask.objects.all()
    assert {mask.pk for mask in masks} == {one.pk for one in some}
    mask = Mask.objects.get(pk=some[0].pk)
    attribute = label.attributes.get()
    assert (mask.label, mask.attributes) == (label, {str(attribute.pk): False})
    assert (mask.stage, mask.model_version, mask.author) == ("fully_automatic", project.model, owner)
    assert (mask.predicted_iou, mask.stability_score, mask.model_iou) == (0.95, 0.95, 1.0)
    assert mask.prompts == {"points": [[5.0, 4.0, 1]], "box": None, "candidate": 0}
    assert mask.counts == some[0].counts
    assert list(WorkItem.objects.values_list("status", "assignee")) == before, "nobody began to work"
    assert api.get(f"/api/v1/projects/{project.pk}/").json()["mask_count"] == 4


def test_the_label_that_is_given_counts_before_the_runs(
    api: APIClient, project: Project, proposals: list[Proposal], make_project: Callable[..., Project]
) -> None:
    label = label_create(project=project, name="thing")
    decide_at_once(api, project, "accept", proposals[:1], label=label.pk)
    decide_at_once(api, project, "accept", proposals[1:2])
    assert [Mask.objects.get(pk=one.pk).label for one in proposals[:2]] == [label, None]
    foreign = make_project(project.memberships.get().user, "Dogs").labels.get()
    answer = decide_at_once(api, project, "accept", proposals[2:], label=foreign.pk)
    assert (answer.status_code, answer.json()["code"]) == (400, "mask.label")


def test_what_is_refused_on_one_image_is_done_on_the_others(
    api: APIClient, project: Project, image: Image, begin: Callable[..., ProposalRun]
) -> None:
    finished = make_image(project, seed=3)
    run = begin()
    here, there = find(run, image)[:1], find(run, finished)[:2]
    WorkItem.objects.filter(pk=finished.pk).update(status=Status.ACCEPTED)
    answer = decide_at_once(api, project, "accept", [*there, *here])
    assert errors(answer) == ["image.locked", "image.locked", None]
    assert (answer.json()["decided"], answer.json()["refused"]) == (1, 2)
    assert Mask.objects.count() == 1
    assert decide_at_once(api, project, "reject", there).json()["decided"] == 2, "no mask is changed by it"


def test_what_somebody_drew_meanwhile_is_not_there_twice(
    api: APIClient, project: Project, image: Image, proposals: list[Proposal]
) -> None:
    body = make_mask_body(image, project.labels.get().pk, segmentation=proposals[0].segmentation)
    assert api.post(f"/api/v1/images/{image.pk}/masks/", body).status_code == 201
    answer = decide_at_once(api, project, "accept", proposals[:2])
    assert errors(answer) == ["proposal.covered", None]
    assert states() == ["open", "untouched", "open", "open"]


def test_what_was_decided_at_once_is_taken_back_but_for_masks_somebody_changed_since(
    api: APIClient, project: Project, proposals: list[Proposal]
) -> None:
    decide_at_once(api, project, "accept", proposals[:2])
    decide_at_once(api, project, "reject", proposals[2:])
    assert states() == ["untouched", "untouched", "rejected", "rejected"]
    assert api.patch(f"/api/v1/masks/{proposals[0].pk}/", {"revision": 1, "z": 3}).status_code == 200
    answer = decide_at_once(api, project, "reopen", proposals)
    assert errors(answer) == ["proposal.mask_changed", None, None, None]
    assert states() == ["untouched", "open", "open", "open"]
    assert [mask.pk for mask in Mask.objects.all()] == [proposals[0].pk]
    answer = decide_at_once(api, project, "accept", proposals[1:2])
    assert answer.json()["decided"] == 1, "a mask that was deleted comes back"
    assert decide_at_once(api, project, "reopen", proposals[1:2]).json()["decided"] == 1
    assert run_of(api, proposals[0])["counts"]["open"] == 3


def test_nobody_decides_about_what_they_are_not_shown(
    api: APIClient,
    project: Project,
    make_project: Callable[..., Project],
    owner: User,
    image: Image,
    proposals: list[Proposal],
    member: Callable[[str], APIClient],
) -> None:
    other = make_project(owner, "Dogs")
    assert errors(decide_at_once(api, other, "reject", proposals)) == ["proposal.not_found"] * 4
    Image.objects.filter(pk=image.pk).update(is_withheld=True)
    client = member("annotator")
    assert client.get(f"/api/v1/projects/{project.pk}/proposals/").json()["total"] == 0
    assert client.get(f"/api/v1/projects/{project.pk}/proposals/confidences/").json()["total"] == 0
    assert client.get(f"/api/v1/proposals/{proposals[0].pk}/cutout/").status_code == 404
    assert client.get(f"/api/v1/images/{image.pk}/proposals/").status_code == 404
    assert member("reviewer").get(f"/api/v1/projects/{project.pk}/proposals/").json()["total"] == 4
    assert states() == ["open"] * 4


@pytest.fixture
def many(project: Project, begin: Callable[..., ProposalRun]) -> ProposalRun:
    """A run over three images, four proposals on each."""
    images = [make_image(project, seed=seed, name=f"{seed}.png") for seed in (1, 2, 3)]
    run = begin(stage="semi_automatic")
    for image in images:
        find(run, image)
    return run


def test_a_job_decides_about_all_that_a_filter_holds_and_takes_it_back(
    api: APIClient, project: Project, many: ProposalRun
) -> None:
    finished = many.images.order_by("pk").last()
    assert finished is not None
    WorkItem.objects.filter(pk=finished.image_id).update(status=Status.ACCEPTED)
    made = start(
        api, project, "decide_proposals", decision="accept", filter={"run": many.pk, "min_predicted_iou": 0.9}
    )
    assert made["title"] == "Accept proposals"
    job = do_one()
    assert job.state == "succeeded", job.error_message
    assert job.result == {
        "decision": "accept",
        "decided": 4,
        "refused": 2,
        "refusals": {"image.locked": 2},
    }
    assert (job.done, job.total, job.unit) == (6, 6, "proposals")
    below = start(api, project, "decide_proposals", decision="reject", filter={"max_predicted_iou": 0.4})
    assert do_one().result == {"decision": "reject", "decided": 3, "refused": 0, "refusals": {}}
    assert sorted(states(many)) == ["open"] * 5 + ["rejected"] * 3 + ["untouched"] * 4
    listed = api.get(f"/api/v1/projects/{project.pk}/proposals/?job={below['id']}").json()
    assert [one["predicted_iou"] for one in listed["results"]] == [0.2] * 3
    start(api, project, "decide_proposals", decision="reopen", filter={"job": made["id"]})
    result = do_one().result
    assert result is not None
    assert result["decided"] == 4
    assert sorted(states(many)) == ["open"] * 9 + ["rejected"] * 3
    assert not Mask.objects.exists()


def test_a_decision_that_was_interrupted_goes_on_with_what_is_left(
    api: APIClient, project: Project, many: ProposalRun
) -> None:
    start(api, project, "decide_proposals", decision="accept", filter={"min_predicted_iou": 0.9})
    context = claim_one()
    assert context is not None
    asked = 0

    class Ending(JobContext):
        def check(self) -> None:
            nonlocal asked
            asked += 1
            if asked > 2:
                raise JobInterrupted

    with pytest.raises(JobInterrupted):
        decide(Ending(context.job, context.claim))
    assert states(many).count("untouched") == 4
    assert claims.job_release(context)
    job = do_one()
    assert job.result is not None
    assert job.result["decided"] == 6
    assert (job.done, job.total) == (6, 6)
    assert Mask.objects.count() == 6


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"decision": "maybe", "filter": {}}, "input.invalid"),
        ({"decision": "accept"}, "input.invalid"),
        ({"decision": "accept", "filter": {"state": "lost"}}, "input.invalid"),
        ({"decision": "accept", "filter": {}, "label": 10**9}, "mask.label"),
    ],
)
def test_a_job_that_cannot_be_done_is_refused(
    api: APIClient, project: Project, params: dict[str, Any], code: str
) -> None:
    body = {"id": str(uuid.uuid4()), "kind": "decide_proposals", "params": params}
    answer = api.post(f"/api/v1/projects/{project.pk}/jobs/", body)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert not Job.objects.exists()
