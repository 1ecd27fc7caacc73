# The web process: Django, the API, the built front end. No torch. Built from the top folder:
#   docker build -f deploy/web.Dockerfile -t anymask-web .

FROM node:24-bookworm-slim AS frontend
WORKDIR /app/frontend
COPY frontend/package.json frontend/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY frontend ./
RUN npm run build

FROM python:3.11-slim-bookworm AS packages
WORKDIR /app
COPY requirements/web.txt requirements/web.txt
RUN python -m venv .venv && .venv/bin/pip install --no-cache-dir -r requirements/web.txt

FROM python:3.11-slim-bookworm
# The same user in both images, so that they may share a volume.
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /data anymask \
    && mkdir /data && chown anymask:anymask /data
WORKDIR /app
COPY --from=packages /app/.venv .venv
COPY manage.py ./
COPY backend backend
COPY --from=frontend /app/frontend/dist frontend/dist
ENV PATH=/app/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    DJANGO_SETTINGS_MODULE=backend.config.settings.production \
    DATA_DIR=/data
RUN python -m compileall -q backend
USER 10001
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=10s --start-period=60s --retries=3 \
    CMD ["python", "-m", "backend.config.healthcheck"]
CMD ["gunicorn", "backend.config.wsgi:application", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", "--threads", "8", "--timeout", "120", "--keep-alive", "75", "--config", "python:backend.config.gunicorn"]
