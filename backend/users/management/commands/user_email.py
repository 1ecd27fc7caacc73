from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email

from backend.users.models import User


class Command(BaseCommand):
    help = "Sets a person's e-mail address, where links for a forgotten password go."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            validate_email(options["email"])
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        if not User.objects.filter(username=options["username"]).update(email=options["email"]):
            raise CommandError("There is no such person.")
        self.stdout.write(f"{options['username']} has the address {options['email']}")
