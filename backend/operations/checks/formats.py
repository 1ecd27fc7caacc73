import json

from django.conf import settings

from backend.embeddings.models import ModelVersion
from backend.embeddings.registration import FORMAT, manifests_find
from backend.operations.findings import Check, Finding, examples, ok, warning


def look() -> Finding:
    old = {str(version) for version in ModelVersion.objects.order_by("pk") if not version.has_graphs}
    for path in manifests_find(models_dir=settings.MODELS_DIR):
        try:
            is_old = json.loads(path.read_text(encoding="utf-8")).get("format") != FORMAT
        except (ValueError, AttributeError):
            is_old = True
        if is_old:
            old.add(f"{path.parent.parent.name}@{path.parent.name}")
    if old:
        return warning(
            f"{len(old)} models are not of format {FORMAT} and cannot decode: {examples(sorted(old))}",
            count=len(old),
            advice="run `python -m models.cli.upgrade_artifacts --output $MODELS_DIR`, then `manage.py register_models`",
        )
    return ok(f"all models are of format {FORMAT}")


CHECK = Check("formats", look)
