import sys
from argparse import ArgumentParser
from getpass import getpass
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import IntegrityError

from backend.users.services import user_create


class Command(BaseCommand):
    help = "Makes a person who can log in. The password is asked for, or read from a pipe; never an argument."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--display-name", default="")
        parser.add_argument("--email", default="", help="where links for a forgotten password go")
        parser.add_argument("--staff", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        password = getpass() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
        try:
            validate_password(password)
            user_create(
                username=options["username"],
                password=password,
                display_name=options["display_name"],
                email=options["email"],
                is_staff=options["staff"],
            )
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        except IntegrityError as error:
            raise CommandError(f"There is a person named {options['username']!r} already.") from error
        self.stdout.write(f"{options['username']} can log in")
