"""Celery workers: the only room where the bookkeeping of `backend` meets the computing of `models`."""
