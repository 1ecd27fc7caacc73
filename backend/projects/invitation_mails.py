"""Invitations that are sent by mail."""

import logging
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import timezone

from backend.common.errors import Conflict, TooMany
from backend.projects.models import Invitation, Project
from backend.projects.selectors import project_locked

logger = logging.getLogger("anymask.projects")

MAILS_PER_HOUR: Final = 50  # of one project: nobody sends the world letters through this server
_LONGEST_NAME: Final = 100

_SUBJECT: Final = "Anymask: you are invited to {project}"
_TEXT: Final = """{inviter} invites you to label images in the project

    {project}

as {role}. This link lets you in. It works once, until {day}:

{link}

If you do not know what this is about, do nothing.
"""


def mail_allow(*, project: Project) -> None:
    """Call it in the transaction that makes an invitation with an address. Raises Conflict `invitation.no_email` where no
    mail is set up, TooMany `invitation.mail_limit` where the project sent too many in the last hour."""
    if not settings.HAS_EMAIL:
        raise Conflict("This server sends no mail. Hand the link over yourself.", "invitation.no_email")
    # Who counts takes turns: two at once would both see room for one.
    project_locked(project_id=project.pk)
    hour = Invitation.objects.filter(project=project, created_at__gt=timezone.now() - timedelta(hours=1))
    if hour.exclude(email="").count() >= MAILS_PER_HOUR:
        raise TooMany(
            f"This project sent {MAILS_PER_HOUR} invitations in the last hour. Hand the link over yourself.",
            "invitation.mail_limit",
        )


def invitation_mail(*, invitation: Invitation, link: str) -> bool:
    """Sends the link to the invitation's address and notes that the mail server took it; whether it did. Call it when the
    invitation is committed: a link in a mail cannot be taken back. It waits for the mail server up to its time limit."""
    mail = EmailMessage(
        _SUBJECT.format(project=_line(invitation.project.name)),
        _TEXT.format(
            inviter=_line(str(invitation.created_by)),
            project=_line(invitation.project.name),
            role=invitation.role,
            day=f"{invitation.expires_at:%d %B %Y, %H:%M} UTC",
            link=link,
        ),
        to=[invitation.email],
    )
    try:
        mail.send()
    except Exception:
        # Each mail system fails in its own way; the one who invites is told, and has the link.
        logger.exception("invitation_mail_failed id=%s", invitation.pk)
        return False
    invitation.mailed_at = timezone.now()
    invitation.save(update_fields=["mailed_at"])
    return True


def _line(text: str) -> str:
    """What people wrote, as one short line: it can add no header to the mail, and no paragraph of its own."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_NAME else line[: _LONGEST_NAME - 1] + "…"
