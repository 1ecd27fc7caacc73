import pytest

pytestmark = pytest.mark.django_db


def test_a_new_project_has_its_owner_a_label_and_the_default_model(api, model_version):
    created = api.post("/api/v1/projects/", {"name": "Dogs"})
    assert created.status_code == 201, created.json()
    body = created.json()
    assert body["role"] == "owner"
    assert body["model"]["version"] == model_version.version
    assert [label["name"] for label in api.get(f"/api/v1/projects/{body['id']}/labels/").json()] == ["object"]
    assert [row["name"] for row in api.get("/api/v1/projects/").json()["results"]] == ["Dogs"]


def test_projects_of_others_look_missing(client_of, make_user, project, image):
    stranger = client_of(make_user("eve"))
    for path in (
        f"projects/{project.pk}/",
        f"projects/{project.pk}/images/",
        f"projects/{project.pk}/labels/",
        f"projects/{project.pk}/export/coco/",
        f"images/{image.pk}/",
        f"images/{image.pk}/file/",
        f"images/{image.pk}/thumbnail/",
        f"images/{image.pk}/embedding/",
        f"images/{image.pk}/masks/",
    ):
        assert stranger.get(f"/api/v1/{path}").status_code == 404, path
    assert stranger.delete(f"/api/v1/projects/{project.pk}/").status_code == 404
    assert stranger.get("/api/v1/projects/").json()["results"] == []


def test_labels_get_ids_from_one_and_never_the_same_name_twice(api, project):
    path = f"/api/v1/projects/{project.pk}/labels/"
    cat = api.post(path, {"name": "cat"})
    assert (cat.status_code, cat.json()["category_id"]) == (201, 2)
    again = api.post(path, {"name": "cat"})
    assert (again.status_code, again.json()["code"]) == (409, "label.name_taken")


def test_only_owners_change_a_project(client_of, make_user, project):
    from backend.projects.models import Membership
    from backend.projects.services import membership_set

    annotator = make_user("bob")
    membership_set(project=project, user=annotator, role=Membership.Role.ANNOTATOR)
    client = client_of(annotator)
    assert client.get(f"/api/v1/projects/{project.pk}/").status_code == 200
    assert client.patch(f"/api/v1/projects/{project.pk}/", {"name": "Mine"}).status_code == 403
    assert client.delete(f"/api/v1/projects/{project.pk}/").status_code == 403
