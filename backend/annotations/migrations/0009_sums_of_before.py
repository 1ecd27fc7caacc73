"""The sums of what was there before they were kept, day by day: masks, work, storage."""

from bisect import bisect_right
from collections import Counter
from datetime import UTC

from django.db import migrations
from django.db.models import F, OuterRef, Q, Subquery

AT_ONCE = 5000
EDGES = [1024 * 3.0**place for place in range(-4, 9)]


def compare(apps, schema_editor):
    """What a model gave and nobody's hand changed kept the model's own score; of the rest nothing is known."""
    of_model = Q(model_version__isnull=False, predicted_iou__isnull=False)
    for name in ("Mask", "MaskRevision"):
        apps.get_model("annotations", name).objects.filter(of_model).update(model_iou=1.0)


def say_whose_work_it_was(apps, schema_editor):
    items = apps.get_model("work", "WorkItem").objects.filter(image=OuterRef("image")).values("assignee")[:1]
    apps.get_model("work", "StatusChange").objects.update(assignee=Subquery(items))


def sum_masks(apps, schema_editor):
    """Into the changes: the sweep draws them in."""
    columns = ("image__project", "created_at", "author", "label", "stage", "model_version", "area", "seconds_spent")
    rows = apps.get_model("annotations", "Mask").objects.order_by("created_at")
    note = Notes(apps, "MaskChange", ("masks", "milliseconds", "clicks", "model_masks", "compared_masks",
                                      "untouched_masks", "iou_millionths"))
    for *values, prompts, iou in rows.values_list(*columns, "prompts", "model_iou").iterator(chunk_size=AT_ONCE):
        project, made, author, label, stage, model, area, seconds = values
        clicks = len(prompts.get("points", ())) + (prompts.get("box") is not None)
        known = model is not None and iou is not None
        note(
            project, made, (int(1), round(seconds * 1000), clicks, int(model is not None), int(known),
                            int(known and iou == 1), round(iou * 10**6) if known else 0),
            author_id=author, label_id=label, stage=stage, model_version_id=model,
            size=bisect_right(EDGES, area) - 5,
        )
    note.flush()


def sum_work(apps, schema_editor):
    columns = ("image__project", "created_at", "before", "after", "actor", "assignee")
    rows = apps.get_model("work", "StatusChange").objects.order_by("created_at").values_list(*columns)
    note = Notes(apps, "WorkChange", ("images",))
    for project, made, before, after, actor, assignee in rows.iterator(chunk_size=AT_ONCE):
        note(project, made, (1,), before=before, after=after, actor_id=actor, assignee_id=assignee)
    note.flush()


def sum_storage(apps, schema_editor):
    columns = ("project", "created_at", "byte_size", "display_bytes", "preview_bytes", "thumbnail_bytes",
               "embedding__byte_size")
    rows = apps.get_model("images", "Image").objects.order_by("created_at").annotate(
        is_same=Q(display_key=F("original_key"))
    )
    note = Notes(apps, "StorageChange", ("images", "original_bytes", "display_bytes", "preview_bytes",
                                         "thumbnail_bytes", "embedding_bytes"))
    for project, made, size, display, preview, thumbnail, embedding, same in rows.values_list(
        *columns, "is_same"
    ).iterator(chunk_size=AT_ONCE):
        note(project, made, (1, size, 0 if same else display, preview, thumbnail, embedding or 0))
    note.flush()


class Notes:
    """Changes of one day, added up; written when the next day begins."""

    def __init__(self, apps, name, amounts):
        self.model, self.amounts = apps.get_model("tallies", name), amounts
        self.day, self.sums = None, {}

    def __call__(self, project, made, amounts, **dimensions):
        day = made.astimezone(UTC).date()
        if day != self.day:
            self.flush()
            self.day = day
        kept = self.sums.setdefault((project, *sorted(dimensions.items())), Counter())
        for name, amount in zip(self.amounts, amounts):
            kept[name] += amount

    def flush(self):
        self.model.objects.bulk_create(
            [self.model(project_id=key[0], day=self.day, **dict(key[1:]), **kept) for key, kept in self.sums.items()],
            batch_size=AT_ONCE,
        )
        self.sums = {}


class Migration(migrations.Migration):

    dependencies = [
        ("annotations", "0008_model_masks"),
        ("embeddings", "0004_unready"),
        ("images", "0004_preview"),
        ("tallies", "0002_families"),
        ("work", "0004_whose_work_it_was"),
    ]

    operations = [
        migrations.RunPython(step, migrations.RunPython.noop, elidable=True)
        for step in (compare, say_whose_work_it_was, sum_masks, sum_work, sum_storage)
    ]
