from backend.operations.findings import Check, Finding, ok
from backend.operations.probes import broker_probe


def look() -> Finding:
    return ok(f"{broker_probe()} takes messages")


CHECK = Check("broker", look)
