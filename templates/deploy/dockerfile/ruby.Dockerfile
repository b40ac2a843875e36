# {{service}} {{version}}, prepared from memo {{memo}}; the repository has no Dockerfile of its own, and {{evidence}}
# says what it is. Build it in the repository: docker build --file THIS-FILE --tag NAME:{{version}} .
# Better than a tag is a digest: docker buildx imagetools inspect IMAGE shows it.
{{#language}}
ARG RUBY_VERSION={{.}}
{{/language}}
{{^language}}
# Open question: which version of Ruby? Until it stands here the build stops at the next line.
ARG RUBY_VERSION
{{/language}}

FROM docker.io/library/ruby:${RUBY_VERSION}-slim AS build
RUN apt-get update && apt-get install --yes --no-install-recommends build-essential git libyaml-dev
WORKDIR /app
COPY {{manifests}} ./
{{#install}}
RUN {{.}}
{{/install}}
COPY . .

FROM docker.io/library/ruby:${RUBY_VERSION}-slim
ENV RACK_ENV=production RAILS_ENV=production{{#port}} PORT={{.}}{{/port}}
RUN useradd --system --uid 10001 --no-create-home app
WORKDIR /app
COPY --from=build /usr/local/bundle /usr/local/bundle
COPY --from=build /app ./
USER app
{{#port}}
EXPOSE {{.}}
{{/port}}
{{#health}}
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 CMD ["ruby", "-rnet/http", "-e", "exit Net::HTTP.get_response(URI('{{.}}')).is_a?(Net::HTTPSuccess)"]
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
