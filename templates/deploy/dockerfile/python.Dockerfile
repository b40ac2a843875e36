# {{service}} {{version}}, prepared from memo {{memo}}; the repository has no Dockerfile of its own, and {{evidence}}
# says what it is. Build it in the repository: docker build --file THIS-FILE --tag NAME:{{version}} .
# Better than a tag is a digest: docker buildx imagetools inspect IMAGE shows it.
{{#language}}
ARG PYTHON_VERSION={{.}}
{{/language}}
{{^language}}
# Open question: which version of Python? Until it stands here the build stops at the next line.
ARG PYTHON_VERSION
{{/language}}

FROM docker.io/library/python:${PYTHON_VERSION}-slim AS build
WORKDIR /app
{{#manifests}}
COPY {{.}} ./
{{/manifests}}
{{^manifests}}
COPY . .
{{/manifests}}
{{#install}}
# The folder is there also where nothing is required.
RUN mkdir /install && {{.}}
{{/install}}

FROM docker.io/library/python:${PYTHON_VERSION}-slim
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1{{#port}} PORT={{.}}{{/port}}
RUN useradd --system --uid 10001 --no-create-home app
WORKDIR /app
COPY --from=build /install /usr/local
COPY . .
USER app
{{#port}}
EXPOSE {{.}}
{{/port}}
{{#health}}
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('{{.}}', timeout=4)"]
{{/health}}
{{^health}}
# No health check. Open question: which path answers, and on which port?
{{/health}}
{{#command}}
CMD {{.}}
{{/command}}
{{^command}}
# Open question: which command starts it?
CMD ["sh", "-c", "echo 'which command starts it is an open question' >&2; exit 64"]
{{/command}}
