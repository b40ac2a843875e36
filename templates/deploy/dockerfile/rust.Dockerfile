# {{service}} {{version}}, prepared from memo {{memo}}; the repository has no Dockerfile of its own, and {{evidence}}
# says what it is. Build it in the repository: docker build --file THIS-FILE --tag NAME:{{version}} .
# Better than a tag is a digest: docker buildx imagetools inspect IMAGE shows it.
{{#language}}
ARG RUST_VERSION={{.}}
{{/language}}
{{^language}}
# Open question: which version of Rust? Until it stands here the build stops at the next line.
ARG RUST_VERSION
{{/language}}

FROM docker.io/library/rust:${RUST_VERSION}-alpine AS build
RUN apk add --no-cache musl-dev
WORKDIR /src
COPY . .
{{#build}}
RUN {{.}}
{{/build}}
{{#artifact}}
RUN cp target/release/{{.}} /app
{{/artifact}}
{{^artifact}}
# Open question: which binary of the workspace is the program?
RUN echo "which binary is deployed is an open question" >&2; exit 64
{{/artifact}}

FROM docker.io/library/alpine:3.22.1
RUN adduser -S -D -H -u 10001 app
COPY --from=build /app /usr/local/bin/app
USER app
{{#port}}
EXPOSE {{.}}
{{/port}}
{{#health}}
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 CMD ["wget", "-q", "-O", "/dev/null", "{{.}}"]
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
