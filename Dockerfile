# The product with what a server needs, as a user who may write nothing but /var/lib/apaas.
# docs/operations.md, "In containers". The same image serves, works, and runs every command of manage.py.

FROM debian:bookworm-slim AS python
RUN apt-get update \
 && apt-get install --yes --no-install-recommends ca-certificates python3 tzdata \
 && rm -rf /var/lib/apt/lists/*

FROM python AS packages
RUN apt-get update \
 && apt-get install --yes --no-install-recommends python3-venv \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /srv/apaas
COPY requirements.txt ./
RUN python3 -m venv .venv \
 && .venv/bin/pip install --no-cache-dir --require-hashes --requirement requirements.txt \
 && .venv/bin/pip uninstall --yes pip setuptools

FROM python
RUN useradd --uid 10001 --home-dir /var/lib/apaas --create-home --shell /usr/sbin/nologin apaas
WORKDIR /srv/apaas
ENV DATA_DIR=/var/lib/apaas \
    STATIC_ROOT=/srv/apaas/staticfiles \
    LOG_FORMAT=json \
    PATH=/srv/apaas/.venv/bin:$PATH
COPY --from=packages /srv/apaas/.venv .venv
COPY manage.py ./
COPY deploy/healthcheck.py deploy/
COPY config config
COPY apaas apaas
COPY forms_app forms_app
# Nothing is written here later: the modules are compiled now, the static files hashed and compressed.
RUN python -m compileall -q apaas config forms_app \
 && python manage.py collectstatic --no-input

USER apaas
VOLUME /var/lib/apaas
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["python", "deploy/healthcheck.py"]
CMD ["python", "manage.py", "serve", "--host", "0.0.0.0"]
