/** How a receiver makes sure in Python that a request came from here. `headers` by lower-case name, `body` as bytes. */
export const VERIFY_SNIPPET = `import base64, hmac, time

def is_genuine(secret: str, headers: dict[str, str], body: bytes) -> bool:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = "v1," + base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
    is_recent = abs(time.time() - int(headers["webhook-timestamp"])) < 300
    signatures = headers["webhook-signature"].split()  # two while a secret is changed
    return is_recent and any(hmac.compare_digest(one, expected) for one in signatures)
`;
