# The chat in one image: Daphne with the site in it. Its stores are elsewhere (docker-compose.yml shows them).

FROM python:3.12-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/venv
COPY requirements.txt .
RUN /opt/venv/bin/pip install --require-hashes -r requirements.txt


FROM python:3.12-slim
# A fixed number, so that volumes and secrets can be given to it by number.
RUN groupadd --gid 10001 chat && useradd --uid 10001 --gid chat --no-create-home --home-dir /nonexistent chat \
    && install -d -o chat -g chat /var/lib/chat /var/lib/chat/uploads /srv/shared
COPY --from=build /opt/venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=chatsite.settings VAR_DIR=/var/lib/chat STATIC_ROOT=/srv/static
WORKDIR /srv/chat
COPY . .
# Compiled once, here: at run time nothing may be written beside the code. The key is for this one step and kept nowhere.
RUN python -m compileall -q -j 0 . \
    && VAR_DIR=/tmp SECRET_KEY="$(python -c 'import secrets; print(secrets.token_hex(32))')" \
       python manage.py collectstatic --noinput
USER chat
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --start-interval=1s --retries=3 \
    CMD ["python", "-c", "from http.client import HTTPConnection as C; c = C('127.0.0.1', 8000, timeout=4); c.request('GET', '/readyz'); exit(c.getresponse().status >= 500)"]
CMD ["python", "-m", "chatsite.server", "-b", "0.0.0.0", "-p", "8000", "chatsite.asgi:application"]
