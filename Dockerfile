FROM python:3.13-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
RUN python -m venv /opt/dragoman
ENV PATH=/opt/dragoman/bin:$PATH
WORKDIR /src
# Dependencies first: this layer changes with the lock file only.
COPY requirements.lock ./
RUN pip install --require-hashes --requirement requirements.lock
# What makes a site of the documentation has no place in what runs it either.
COPY requirements-docs.lock mkdocs.yml ./
COPY docs ./docs
RUN python -m venv /opt/builder \
    && /opt/builder/bin/pip install --require-hashes --requirement requirements-docs.lock \
    && /opt/builder/bin/python -m zensical build --strict
COPY pyproject.toml README.md LICENSE ./
COPY app ./app
# What builds the project has no place in what runs it.
RUN pip install --no-deps --no-build-isolation . \
    && pip uninstall --yes setuptools \
    && python -m compileall -q /opt/dragoman/lib

FROM python:3.13-slim
ENV PATH=/opt/dragoman/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
RUN useradd --uid 10001 --create-home --home-dir /data dragoman
COPY --from=build /opt/dragoman /opt/dragoman
USER dragoman
# The default database is a file in the working folder: mount a volume here, or set a URL.
WORKDIR /data
EXPOSE 8000
# urllib, since the image has no curl; without proxies, which the environment may name.
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 CMD ["python", "-c", \
    "import os, urllib.request as r; r.build_opener(r.ProxyHandler({})).open('http://127.0.0.1:' + os.environ.get('DRAGOMAN_PORT', '8000') + '/health/ready', timeout=4)"]
ENTRYPOINT ["dragoman"]
CMD ["serve", "--host", "0.0.0.0"]
