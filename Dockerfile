# One image for web, worker, periodic, beat and preparing: what it does is told by a word behind it
# (iapt_portal/container.py). Debian's own Python, and mdbtools, which only Debian brings.
FROM debian:bookworm-slim AS system
ENV DEBIAN_FRONTEND=noninteractive LANG=C.UTF-8
RUN apt-get update \
 && apt-get install -y --no-install-recommends python3 mdbtools bubblewrap util-linux ca-certificates \
 && rm -rf /var/lib/apt/lists/*

# The environment from the lock, without what only one machine needs (PostgreSQL's binaries) and
# without what only developing needs.
FROM system AS built
RUN apt-get update && apt-get install -y --no-install-recommends python3-venv
WORKDIR /app
COPY portal pyproject.toml uv.lock ./
# The version of uv stands in `portal`.
RUN python3 -m venv /uv \
 && /uv/bin/pip install --no-cache-dir --quiet "uv==$(sed -n 's/^uv_version=//p' portal)" \
 && UV_PYTHON=/usr/bin/python3 UV_PYTHON_DOWNLOADS=never UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_SYSTEM_CERTS=1 \
    /uv/bin/uv sync --quiet --frozen --no-default-groups --no-cache
COPY . .
# Settings ask for keys: these are made for this step and thrown away with it.
RUN mkdir /made \
 && .venv/bin/python -m iapt_portal.container secrets /made \
 && for file in /made/*; do export "$(basename "$file")_FILE=$file"; done \
 && STATIC_DIR=/app/static PORTAL_PROCESS=owner .venv/bin/python manage.py collectstatic --noinput --verbosity=0 \
 && .venv/bin/python -m compileall -q accounts extracts iapt_portal submissions validation \
 && rm -r /made \
 && chmod -R a+rX,go-w /app

FROM system
RUN useradd --uid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin portal \
 && install -d -o portal -g portal -m 700 /data /data/files /data/receiving /data/checking /data/audit
COPY --from=built /app /app
WORKDIR /app
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=iapt_portal.settings STATIC_DIR=/app/static DATA_DIR=/data
USER portal
EXPOSE 8000
ENTRYPOINT ["python", "-m", "iapt_portal.container"]
CMD ["help"]
