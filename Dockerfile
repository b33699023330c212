# syntax=docker/dockerfile:1
# Two stages: wheels are built where there is a compiler, the image that runs has none.
FROM python:3.11-slim-bookworm AS build
WORKDIR /src
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
# What the image runs, by hash.
COPY requirements-run.lock ./
RUN python -m venv /opt/vdoc \
 && /opt/vdoc/bin/python -m pip install --require-hashes --requirement requirements-run.lock
# The package itself is built by the locked back-end, which stays behind in this stage.
COPY requirements.lock ./
RUN python -m venv /opt/build \
 && /opt/build/bin/python -m pip install --require-hashes --requirement requirements.lock
COPY pyproject.toml README.md ./
COPY vdoc ./vdoc
COPY api_clients ./api_clients
RUN /opt/build/bin/python -m pip wheel --no-deps --no-build-isolation --wheel-dir /wheels . \
 && /opt/vdoc/bin/python -m pip install --no-deps --no-index --find-links /wheels vdoc

FROM python:3.11-slim-bookworm
LABEL org.opencontainers.image.title="vdoc" \
      org.opencontainers.image.description="Unattended OCPP 2.0.1 conformance runner"
RUN useradd --uid 10001 --create-home --home-dir /home/vdoc --shell /usr/sbin/nologin vdoc
COPY --from=build /opt/vdoc /opt/vdoc
COPY pics /usr/share/vdoc/pics
ENV PATH=/opt/vdoc/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER vdoc
# Mount PICS, settings, firmware and keys here; evidence and results are written here too.
WORKDIR /work
VOLUME ["/work"]
# SIGTERM leaves a void, readable run.
STOPSIGNAL SIGTERM
ENTRYPOINT ["vdoc"]
CMD ["--help"]
