from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from backend.projects.invitations import invitation_create
from backend.projects.members import membership_set
from backend.projects.models import Invitation, Membership, Project
from backend.users.models import User

Role = Membership.Role
ClientOf = Callable[[User], APIClient]


@pytest.fixture
def manager(project: Project, make_user: Callable[[str], User], client_of: ClientOf) -> APIClient:
    user = make_user("max")
    membership_set(project=project, user=user, role=Role.MANAGER)
    return client_of(user)


@pytest.fixture
def bob(project: Project, make_user: Callable[[str], User]) -> User:
    user = make_user("bob")
    membership_set(project=project, user=user, role=Role.ANNOTATOR)
    return user


def member_url(project: Project, user: User) -> str:
    return f"/api/v1/projects/{project.pk}/members/{user.pk}/"


def test_members_are_listed_and_get_other_roles(
    api: APIClient, manager: APIClient, project: Project, bob: User
) -> None:
    listed = api.get(f"/api/v1/projects/{project.pk}/members/").json()
    assert [(row["username"], row["role"]) for row in listed] == [
        ("ada", "owner"),
        ("max", "manager"),
        ("bob", "annotator"),
    ]
    assert manager.patch(member_url(project, bob), {"role": "reviewer"}).json()["role"] == "reviewer"
    assert manager.patch(member_url(project, bob), {"role": "king"}).status_code == 400


def test_only_owners_make_owners_and_take_them_away(
    api: APIClient, manager: APIClient, project: Project, owner: User, bob: User
) -> None:
    for answer in (
        manager.patch(member_url(project, bob), {"role": "owner"}),
        manager.patch(member_url(project, owner), {"role": "viewer"}),
        manager.delete(member_url(project, owner)),
        manager.post(f"/api/v1/projects/{project.pk}/invitations/", {"role": "owner"}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "member.owner_only")
    assert api.patch(member_url(project, bob), {"role": "owner"}).json()["role"] == "owner"


def test_a_project_keeps_an_owner(api: APIClient, project: Project, owner: User, bob: User) -> None:
    for answer in (
        api.patch(member_url(project, owner), {"role": "manager"}),
        api.delete(member_url(project, owner)),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "member.last_owner")
    api.patch(member_url(project, bob), {"role": "owner"})
    assert api.delete(member_url(project, owner)).status_code == 204
    assert api.get(f"/api/v1/projects/{project.pk}/").status_code == 404


def test_everybody_may_leave_and_managers_take_others_out(
    api: APIClient, project: Project, bob: User, client_of: ClientOf, stranger: APIClient
) -> None:
    assert client_of(bob).delete(member_url(project, bob)).status_code == 204
    assert client_of(bob).get(f"/api/v1/projects/{project.pk}/").status_code == 404
    gone = api.delete(member_url(project, bob))
    assert (gone.status_code, gone.json()["code"]) == (404, "member.not_found")


def test_a_link_makes_whoever_opens_it_a_member_once(
    manager: APIClient, project: Project, make_user: Callable[[str], User], client_of: ClientOf
) -> None:
    url = f"/api/v1/projects/{project.pk}/invitations/"
    made = manager.post(url, {"role": "annotator", "note": "for Carla"})
    assert made.status_code == 201
    secret = made.json()["secret"]
    assert "secret" not in manager.get(url).json()[0]
    assert secret not in Invitation.objects.get().digest
    carla, dan = make_user("carla"), make_user("dan")
    joined = client_of(carla).post("/api/v1/invitations/accept/", {"secret": secret})
    assert joined.json() == {"id": project.pk, "name": project.name}
    assert Membership.objects.get(user=carla).role == Role.ANNOTATOR
    # Opened once more by her it leads to the project; for anybody else it is used up.
    assert client_of(carla).post("/api/v1/invitations/accept/", {"secret": secret}).status_code == 200
    late = client_of(dan).post("/api/v1/invitations/accept/", {"secret": secret})
    assert (late.status_code, late.json()["code"]) == (409, "invitation.used")
    told = manager.get(url).json()[0]
    assert (told["accepted_by"], told["note"]) == ("carla", "for Carla")
    used = manager.delete(f"/api/v1/invitations/{told['id']}/")
    assert (used.status_code, used.json()["code"]) == (409, "invitation.used")


def test_old_and_revoked_links_and_made_up_ones_let_nobody_in(
    manager: APIClient, project: Project, owner: User, stranger: APIClient
) -> None:
    old, old_secret = invitation_create(project=project, creator=owner, role=Role.VIEWER, days=1)
    Invitation.objects.filter(pk=old.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    revoked, revoked_secret = invitation_create(project=project, creator=owner, role=Role.VIEWER, days=1)
    assert manager.delete(f"/api/v1/invitations/{revoked.pk}/").status_code == 204
    assert manager.delete(f"/api/v1/invitations/{revoked.pk}/").status_code == 204
    for secret, status, code in (
        (old_secret, 409, "invitation.expired"),
        (revoked_secret, 409, "invitation.revoked"),
        ("made up", 404, "invitation.not_found"),
    ):
        answer = stranger.post("/api/v1/invitations/accept/", {"secret": secret})
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not Membership.objects.filter(role=Role.VIEWER).exists()


def test_a_member_who_opens_a_link_stays_what_she_is_and_leaves_it_to_others(
    project: Project, owner: User, bob: User, client_of: ClientOf, make_user: Callable[[str], User]
) -> None:
    _, secret = invitation_create(project=project, creator=owner, role=Role.VIEWER, days=1)
    assert client_of(bob).post("/api/v1/invitations/accept/", {"secret": secret}).status_code == 200
    assert Membership.objects.get(user=bob).role == Role.ANNOTATOR
    assert (
        client_of(make_user("carla")).post("/api/v1/invitations/accept/", {"secret": secret}).status_code
        == 200
    )
