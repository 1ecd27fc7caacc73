"""Middleware that concerns every answer: isolation and security headers, and the size of a request."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse

GetResponse = Callable[[HttpRequest], HttpResponse]

# Nothing remote. WebAssembly needs 'wasm-unsafe-eval'; the bundler and onnxruntime start workers from blobs; the
# component library and the API docs set inline styles.
CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'self'",
        "script-src 'self' 'wasm-unsafe-eval' blob:",
        "worker-src 'self' blob:",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' blob: data:",
        "font-src 'self' data:",
        "connect-src 'self' blob: data:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ]
)

# Of files that jobs made, which may be pages: whatever a browser does with one, it runs nothing, asks for nothing and is
# of no origin.
SANDBOX = "; ".join(["sandbox", "default-src 'none'", "style-src 'unsafe-inline'", "img-src data:"])

# Opener and embedder policy together make the page cross-origin isolated, without which browsers give WebAssembly no
# shared memory and so no threads.
HEADERS = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
}


class SecurityHeadersMiddleware:
    """Sets the same headers on every answer; stands first, so nothing leaves without them."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for name, value in HEADERS.items():
            # An answer may say of itself that it is no page of ours, and nothing else.
            if response.get(name) != SANDBOX:
                response[name] = value
        return response


class RateHeadersMiddleware:
    """Tells on every answer what is left of the limit that the request was counted by; see `backend.users.rates`."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for name, value in getattr(request, "rate_headers", {}).items():
            response[name] = value
        return response


class RequestSizeMiddleware:
    """Refuses a request whose announced length is over the limit before a byte of it is stored."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            length = int(request.META.get("CONTENT_LENGTH") or 0)
        except ValueError:
            length = 0
        if length > settings.MAX_REQUEST_BYTES:
            message = (
                f"The request is larger than {settings.MAX_REQUEST_BYTES} bytes. Send fewer files at a time."
            )
            body = {
                "code": "request.too_large",
                "message": message,
                "extra": {"limit": settings.MAX_REQUEST_BYTES},
            }
            return JsonResponse(body, status=413)
        return self.get_response(request)
