"""The decoder becomes two graphs. A row of the one-graph format keeps its embeddings and its projects; it has no graphs
until its model is exported and registered again, which `make run` does by itself for the default model."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("embeddings", "0001_initial")]

    operations = [
        migrations.RemoveField(model_name="modelversion", name="decoder_key"),
        migrations.RemoveField(model_name="modelversion", name="decoder_sha256"),
        migrations.RemoveField(model_name="modelversion", name="decoder_bytes"),
        *(
            migrations.AddField(model_name="modelversion", name=name, field=field)
            for graph in ("prepare", "click")
            for name, field in (
                (f"{graph}_key", models.CharField(blank=True, max_length=255, default="")),
                (f"{graph}_sha256", models.CharField(blank=True, max_length=64, default="")),
                (f"{graph}_bytes", models.PositiveBigIntegerField(default=0)),
            )
        ),
    ]
