"""Images that were there before the work on them was kept: nobody's, at rest."""

from django.db import migrations
from django.utils import timezone

AT_ONCE = 2000
RESTING_OF = {"queued": "new", "failed": "new", "running": "embedding", "ready": "ready", None: "new"}


def make_items(apps, schema_editor):
    images = apps.get_model("images", "Image").objects.filter(work__isnull=True).order_by("pk")
    items = apps.get_model("work", "WorkItem")
    now = timezone.now()
    last = 0
    while rows := list(images.filter(pk__gt=last).values_list("pk", "project_id", "embedding__state")[:AT_ONCE]):
        last = rows[-1][0]
        items.objects.bulk_create(
            [
                items(image_id=pk, project_id=project, status=RESTING_OF[state], status_since=now)
                for pk, project, state in rows
            ]
        )


class Migration(migrations.Migration):

    dependencies = [
        ("work", "0001_initial"),
        ("embeddings", "0003_windows"),
    ]

    operations = [migrations.RunPython(make_items, migrations.RunPython.noop, elidable=True)]
