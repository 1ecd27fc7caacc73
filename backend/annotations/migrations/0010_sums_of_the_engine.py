"""The sums that the data engine's rounds need, of masks of before: those that took somebody time, and images by model."""

from bisect import bisect_right
from collections import Counter
from datetime import UTC
from itertools import groupby
from operator import itemgetter

from django.db import migrations
from django.db.models import Min

AT_ONCE = 5000
EDGES = [1024 * 3.0**place for place in range(-4, 9)]


def sum_timed_masks(apps, schema_editor):
    """Into the changes, day by day: the sweep draws them in."""
    change = apps.get_model("tallies", "MaskChange")
    masks = apps.get_model("annotations", "Mask").objects.filter(image__original=None, seconds_spent__gt=0)
    columns = ("created_at", "image__project", "author", "label", "stage", "model_version", "area", "prompts")
    rows = masks.order_by("created_at").values_list(*columns).iterator(chunk_size=AT_ONCE)
    for day, found in groupby(rows, key=lambda row: row[0].astimezone(UTC).date()):
        masks_of, clicks_of = Counter(), Counter()
        for _, project, author, label, stage, model, area, prompts in found:
            key = (project, author, label, stage, model, bisect_right(EDGES, area) - 5)
            masks_of[key] += 1
            clicks_of[key] += len(prompts.get("points", ())) + (prompts.get("box") is not None)
        change.objects.bulk_create(
            [
                change(day=day, project_id=project, author_id=author, label_id=label, stage=stage,
                       model_version_id=model, size=size, timed_masks=count, timed_clicks=clicks_of[key])
                for key, count in masks_of.items()
                for project, author, label, stage, model, size in [key]
            ],
            batch_size=AT_ONCE,
        )


def sum_images(apps, schema_editor):
    change = apps.get_model("tallies", "ImageChange")
    masks = apps.get_model("annotations", "Mask").objects.filter(image__original=None).order_by("image")
    rows = masks.values_list("image", "image__project", "model_version").annotate(Min("created_at"))
    sums = Counter()
    for _, found in groupby(rows.iterator(chunk_size=AT_ONCE), key=itemgetter(0)):
        first = {model: (project, at.astimezone(UTC).date()) for _, project, model, at in found}
        if len(first) > 1:
            # By hand only where no model gave any.
            first.pop(None, None)
        sums.update((project, day, model) for model, (project, day) in first.items())
    change.objects.bulk_create(
        [
            change(project_id=project, day=day, model_version_id=model, annotated_images=count)
            for (project, day, model), count in sums.items()
        ],
        batch_size=AT_ONCE,
    )


class Migration(migrations.Migration):

    dependencies = [
        ("annotations", "0009_sums_of_before"),
        ("images", "0008_privacy"),
        ("tallies", "0004_engine"),
    ]

    operations = [
        migrations.RunPython(step, migrations.RunPython.noop, elidable=True)
        for step in (sum_timed_masks, sum_images)
    ]
