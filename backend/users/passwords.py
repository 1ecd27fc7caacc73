"""Changing a password, and getting in again without it."""

import logging
import threading
from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode

from backend.common.errors import Conflict, InvalidInput
from backend.users.models import User

logger = logging.getLogger("anymask.users")

_SUBJECT: Final = "Anymask: choose a new password"
_TEXT: Final = """Somebody, you we hope, asked for a new password for {username}.

This link lets you choose one. It works once, and for a day:

{link}

If it was not you, do nothing: the password stays as it is.
"""


def password_set(*, user: User, password: str) -> None:
    """The new password. Every session of the person ends with the old one; tokens stay.

    Raises InvalidInput `auth.password_weak`, its `extra` with the `sentences` that say why.
    """
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise InvalidInput(
            " ".join(error.messages), "auth.password_weak", {"sentences": error.messages}
        ) from error
    user.set_password(password)
    user.save(update_fields=["password"])


def password_change(*, user: User, old_password: str, new_password: str) -> None:
    """As `password_set`, for somebody who knows the present one. Raises InvalidInput `auth.invalid_credentials` too."""
    if not user.check_password(old_password):
        raise InvalidInput("This is not your present password.", "auth.invalid_credentials")
    password_set(user=user, password=new_password)


def password_reset_send(*, email: str, link_of: Callable[[str, str], str]) -> None:
    """Sends everybody with this address and a password a link, made by `link_of(uid, token)`.

    Whether there was anybody shows nowhere: not in an error, nor in the time it takes, since mails are sent beside the
    request. A mail that cannot be sent is a line in the log. Raises Conflict `auth.no_email` where no mail is set up.
    """
    if not settings.HAS_EMAIL:
        raise Conflict("This server sends no mail. Ask whoever runs it for a new password.", "auth.no_email")
    people = User.objects.filter(email__iexact=email, is_active=True).exclude(email="")
    mails = [_mail(user, link_of) for user in people if user.has_usable_password()]
    if mails:
        threading.Thread(target=_send, args=[mails], name="mail", daemon=True).start()


def password_reset_confirm(*, uid: str, token: str, password: str) -> None:
    """The new password for whoever the link was sent to. Raises InvalidInput `auth.reset_invalid` for one that was used,
    is too old or not whole, `auth.password_weak` as `password_set` does."""
    user = _user_of(uid)
    if user is None or not default_token_generator.check_token(user, token):
        raise InvalidInput(
            "This link was used already, is too old or not whole. Ask for another one.", "auth.reset_invalid"
        )
    password_set(user=user, password=password)


def _user_of(uid: str) -> User | None:
    try:
        key = int(urlsafe_base64_decode(uid).decode())
    except ValueError:
        return None
    return User.objects.filter(pk=key, is_active=True).first()


def _mail(user: User, link_of: Callable[[str, str], str]) -> EmailMessage:
    link = link_of(urlsafe_base64_encode(force_bytes(user.pk)), default_token_generator.make_token(user))
    return EmailMessage(_SUBJECT, _TEXT.format(username=user.username, link=link), to=[user.email])


def _send(mails: list[EmailMessage]) -> None:
    for mail in mails:
        try:
            mail.send()
        except Exception:
            # Each mail system fails in its own way; nobody waits for this thread who could be told.
            logger.exception("password_reset_mail_failed")
