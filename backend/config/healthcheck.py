"""`python -m backend.config.healthcheck`: exits with 0 where the web server of this machine answers that all is well."""

import sys
import urllib.error
import urllib.request

from backend.config.env import ALLOWED_HOSTS, BIND, PORT

SECONDS = 5


def host() -> str:
    """A name the server answers for: by any other, its own address too, it is not to be asked."""
    names = [name.lstrip(".") for name in ALLOWED_HOSTS if "*" not in name]
    return names[0] if names else "localhost"


def main() -> int:
    """The exit code; what is wrong goes to stderr."""
    address = "127.0.0.1" if BIND in ("0.0.0.0", "::", "[::]") else BIND  # nosec B104 # compared, not bound
    request = urllib.request.Request(f"http://{address}:{PORT}/healthz", headers={"Host": host()})
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:  # nosec B310 # an address of ours, by http
            return 0 if answer.status == 200 else 1
    except (urllib.error.URLError, OSError) as error:
        print(f"{request.full_url}: {error}", file=sys.stderr)  # noqa: T201 - the command's answer
        return 1


if __name__ == "__main__":
    sys.exit(main())
