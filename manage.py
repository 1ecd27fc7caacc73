#!/usr/bin/env python
"""Django's command line; `DJANGO_SETTINGS_MODULE` chooses other settings than development's."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.config.settings.development")
    from django.core.management import execute_from_command_line

    from backend.config.refusal import refusals_in_one_line

    with refusals_in_one_line():
        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
