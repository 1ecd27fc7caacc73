"""Settings, the Celery app, urls and wsgi: how the parts are wired. No rules of the product."""
