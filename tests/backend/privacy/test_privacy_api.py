"""The setting: who reads and changes it, and what is told of that."""

from pytest_django import Settings
from rest_framework.test import APIClient

from backend.projects.models import AuditEntry, Project


def test_a_project_blurs_nothing_until_somebody_says_so(api: APIClient, project: Project) -> None:
    url = f"/api/v1/projects/{project.pk}/privacy/"
    assert api.get(url).json() == {"faces": False, "plates": False, "originals": "keep"}
    answer = api.patch(url, {"faces": True, "originals": "destroy"})
    assert answer.json() == {"faces": True, "plates": False, "originals": "destroy"}
    assert api.get(url).json() == answer.json()
    told = AuditEntry.objects.get(action="project.privacy_changed")
    assert told.data == {"changed": {"faces": [False, True], "originals": ["keep", "destroy"]}}
    api.patch(url, {"faces": True})
    assert AuditEntry.objects.filter(action="project.privacy_changed").count() == 1


def test_what_is_no_choice_is_refused(api: APIClient, project: Project) -> None:
    url = f"/api/v1/projects/{project.pk}/privacy/"
    assert api.patch(url, {"originals": "sell"}).json()["code"] == "input.invalid"


def test_a_setting_the_server_cannot_keep_is_refused_at_once(
    api: APIClient, project: Project, settings: Settings
) -> None:
    settings.PRIVACY_DETECTOR = "nowhere.Detector"
    url = f"/api/v1/projects/{project.pk}/privacy/"
    answer = api.patch(url, {"plates": True})
    assert (answer.status_code, answer.json()["code"]) == (503, "privacy.detector_failed")
    assert api.get(url).json()["plates"] is False
    assert api.patch(url, {"originals": "destroy"}).status_code == 200
