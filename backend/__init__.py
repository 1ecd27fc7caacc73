"""The web part: Django, the REST API, bookkeeping. Never torch, never the model package."""
