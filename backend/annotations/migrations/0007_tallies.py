"""The sums of what was there before sums were kept."""

from django.db import migrations
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce


def count_all(apps, schema_editor):
    masks = apps.get_model("annotations", "Mask").objects.order_by()
    here = masks.filter(image=OuterRef("image")).values("image").annotate(count=Count("pk")).values("count")
    apps.get_model("work", "WorkItem").objects.update(mask_count=Coalesce(Subquery(here), 0))
    tallies = apps.get_model("tallies", "Tally").objects
    for project in apps.get_model("projects", "Project").objects.order_by("pk"):
        of_project = masks.filter(image__project=project)
        for label_id, count in of_project.values_list("label").annotate(count=Count("pk")):
            tallies.create(project=project, measure="masks", label_id=label_id, amount=count)
        annotated = of_project.aggregate(count=Count("image", distinct=True))["count"]
        tallies.create(project=project, measure="annotated_images", amount=annotated)


class Migration(migrations.Migration):

    dependencies = [
        ("annotations", "0006_mask_revisions"),
        ("work", "0003_mask_count"),
        ("tallies", "0001_initial"),
    ]

    operations = [migrations.RunPython(count_all, migrations.RunPython.noop, elidable=True)]
