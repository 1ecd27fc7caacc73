"""Embeddings of windows of a picture, and an order in which somebody who waits goes first."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("embeddings", "0002_two_graphs")]

    operations = [
        migrations.AddField("embedding", "window", models.CharField(blank=True, default="", max_length=64)),
        migrations.AddField("embedding", "priority", models.SmallIntegerField(default=0)),
        migrations.RemoveConstraint("embedding", "embedding_unique"),
        migrations.AddConstraint(
            "embedding",
            models.UniqueConstraint(
                fields=["image_sha256", "model_version", "window"], name="embedding_unique"
            ),
        ),
        migrations.RemoveIndex("embedding", "embedding_queue"),
        migrations.AddIndex(
            "embedding",
            models.Index(
                fields=["-priority", "queued_at", "id"], condition=Q(state="queued"), name="embedding_queue"
            ),
        ),
    ]
