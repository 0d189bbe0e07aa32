# Two stages: packages are put together in the first, the second holds only what runs.
FROM python:3.13-slim AS packages
COPY requirements.lock /
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --require-hashes --only-binary :all: -r /requirements.lock

FROM python:3.13-slim
RUN useradd --create-home --uid 1000 hearth && install -d -m 0700 -o hearth -g hearth /data
COPY --from=packages /venv /venv
COPY bot /app/bot
COPY cogs /app/cogs
COPY models /app/models
COPY migrations /app/migrations
WORKDIR /app
USER hearth
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 \
    HEARTH_DATABASE=sqlite+aiosqlite:////data/hearth.db \
    HEARTH_BEAT_FILE=/data/beat \
    MPLCONFIGDIR=/tmp/matplotlib
VOLUME /data
HEALTHCHECK --interval=60s --timeout=20s --start-period=180s CMD ["python", "-m", "bot", "check", "--beat"]
ENTRYPOINT ["python", "-m", "bot"]
CMD ["run"]
