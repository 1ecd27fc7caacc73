"""SAM itself and its commands. Knows nothing of Django, Celery or HTTP."""
