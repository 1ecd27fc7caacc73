import sys
from argparse import ArgumentParser
from getpass import getpass
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from backend.common.errors import InvalidInput
from backend.users.models import User
from backend.users.passwords import password_set


class Command(BaseCommand):
    help = "Gives a person a new password, which is asked for, or read from a pipe; their sessions end."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["username"]).first()
        if user is None:
            raise CommandError("There is no such person.")
        password = getpass() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
        try:
            password_set(user=user, password=password)
        except InvalidInput as error:
            raise CommandError(error.message) from error
        self.stdout.write(f"{user.username} has a new password")
