"""Signatures, against what the Standard Webhooks specification publishes."""

import base64

from backend.webhooks.signing import secret_make, signature_headers, signature_of

# The example of the specification and of its reference libraries.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
MESSAGE = "msg_p5jXN8AQM9LWM0D4loKWxJek"
TIMESTAMP = 1614265330
BODY = b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_specifications_example_is_signed_as_it_says() -> None:
    signed = signature_of(secret=SECRET, message_id=MESSAGE, timestamp=TIMESTAMP, body=BODY)
    assert signed == SIGNATURE


def test_each_secret_signs_and_the_newest_comes_first() -> None:
    other = secret_make()
    headers = signature_headers(secrets=[other, SECRET], message_id=MESSAGE, timestamp=TIMESTAMP, body=BODY)
    assert (headers["webhook-id"], headers["webhook-timestamp"]) == (MESSAGE, str(TIMESTAMP))
    first, second = headers["webhook-signature"].split(" ")
    assert second == SIGNATURE
    assert first.startswith("v1,")
    assert first != second


def test_secrets_are_as_long_as_the_specification_asks_and_never_the_same() -> None:
    first, second = secret_make(), secret_make()
    assert first != second
    assert first.startswith("whsec_")
    assert 24 <= len(base64.b64decode(first.removeprefix("whsec_"), validate=True)) <= 64
