"""The web process: `gunicorn backend.config.wsgi`."""

import os

from django.core.wsgi import get_wsgi_application

from backend.config.refusal import refusals_in_one_line

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.config.settings.development")

# With this code gunicorn ends; with any other it would start the next process, for ever.
with refusals_in_one_line(exit_code=3):
    application = get_wsgi_application()
