"""`Idempotency-Key`: a request that makes something, sent twice, makes it once and is answered twice."""
