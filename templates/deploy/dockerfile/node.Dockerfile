# {{service}} {{version}}, prepared from memo {{memo}}; the repository has no Dockerfile of its own, and {{evidence}}
# says what it is. Build it in the repository: docker build --file THIS-FILE --tag NAME:{{version}} .
# Better than a tag is a digest: docker buildx imagetools inspect IMAGE shows it.
{{#language}}
ARG NODE_VERSION={{.}}
{{/language}}
{{^language}}
# Open question: which version of Node.js? Until it stands here the build stops at the next line.
ARG NODE_VERSION
{{/language}}

FROM docker.io/library/node:${NODE_VERSION}-slim AS build
WORKDIR /app
{{#artifact}}
COPY {{manifests}} ./
{{#install}}
RUN {{.}}
{{/install}}
COPY . .
{{#build}}
RUN {{.}}
{{/build}}
{{/artifact}}
{{^artifact}}
# Open question: which versions of its packages? Without a lock file nothing says so, and the build stops here.
RUN echo "package-lock.json is missing" >&2; exit 64
{{/artifact}}

FROM docker.io/library/node:${NODE_VERSION}-slim
ENV NODE_ENV=production{{#port}} PORT={{.}}{{/port}}
WORKDIR /app
COPY --from=build /app ./
USER node
{{#port}}
EXPOSE {{.}}
{{/port}}
{{#health}}
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 CMD ["node", "-e", "fetch('{{.}}').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
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
