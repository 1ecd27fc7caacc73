"""A client of Anymask's API: `Client`, its errors, and masks as arrays."""

from anymask.client import Client
from anymask.errors import (
    AnymaskError,
    ApiError,
    ConnectionFailed,
    DownloadDamaged,
    JobFailed,
    NotConfigured,
)
from anymask.masks import mask_decode, mask_encode
from anymask.session import token_create
from anymask.uploads import Source, UploadReport

__all__ = [
    "AnymaskError",
    "ApiError",
    "Client",
    "ConnectionFailed",
    "DownloadDamaged",
    "JobFailed",
    "NotConfigured",
    "Source",
    "UploadReport",
    "mask_decode",
    "mask_encode",
    "token_create",
]
