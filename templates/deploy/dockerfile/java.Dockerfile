# {{service}} {{version}}, prepared from memo {{memo}}; the repository has no Dockerfile of its own, and {{evidence}}
# says what it is. Build it in the repository: docker build --file THIS-FILE --tag NAME:{{version}} .
# Better than a tag is a digest: docker buildx imagetools inspect IMAGE shows it.
{{#language}}
ARG JAVA_VERSION={{.}}
{{/language}}
{{^language}}
# Open question: which version of Java? Until it stands here the build stops at the next line.
ARG JAVA_VERSION
{{/language}}

FROM docker.io/library/eclipse-temurin:${JAVA_VERSION}-jdk-alpine AS build
WORKDIR /src
COPY . .
{{#build}}
RUN {{.}}
{{/build}}
{{^build}}
# Open question: what builds it? There is no mvnw or gradlew that would say which version of the build tool.
RUN echo "what builds it is an open question" >&2; exit 64
{{/build}}
# Exactly one program may be left: with several the copy below would have to guess.
RUN set -- $(find {{artifact}} -maxdepth 1 -name '*.jar' ! -name '*-plain.jar' ! -name '*-sources.jar' ! -name 'original-*') && \
    [ $# -eq 1 ] && cp "$1" /app.jar

FROM docker.io/library/eclipse-temurin:${JAVA_VERSION}-jre-alpine
RUN adduser -S -D -H -u 10001 app
COPY --from=build /app.jar /app/app.jar
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
