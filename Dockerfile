# Mira in a container: the embedded Postgres by default, any other with DATABASE_URL.
# Secrets come from the environment at run time; none is copied in or built in.

FROM python:3.12-slim-bookworm AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/mira
WORKDIR /src
COPY requirements.lock ./
RUN /opt/mira/bin/pip install --no-deps --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY bot/ bot/
COPY cogs/ cogs/
COPY playground/ playground/
COPY personas/ personas/
COPY migrations/ migrations/
RUN /opt/mira/bin/pip install --no-deps --no-build-isolation .

FROM python:3.12-slim-bookworm
# the model's client trusts the system's certificates, which the slim image lacks
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --create-home mira \
    && install --directory --owner=mira --group=mira --mode=0700 /data
COPY --from=build /opt/mira /opt/mira
ENV PATH=/opt/mira/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    MIRA_DATA_DIR=/data \
    MIRA_STATUS_PORT=8421
USER mira
WORKDIR /home/mira
VOLUME ["/data"]
STOPSIGNAL SIGTERM
# in every role; what it prints, the reasons among it, is kept by docker inspect
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import http.client as h, os, sys; c = h.HTTPConnection('127.0.0.1', int(os.environ['MIRA_STATUS_PORT']), timeout=4); c.request('GET', '/healthz'); a = c.getresponse(); print(a.read().decode()); sys.exit(a.status != 200)"]
ENTRYPOINT ["mira"]
CMD ["run"]
