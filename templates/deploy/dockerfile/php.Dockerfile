# {{service}} {{version}}, prepared from memo {{memo}}; the repository has no Dockerfile of its own, and {{evidence}}
# says what it is. Build it in the repository: docker build --file THIS-FILE --tag NAME:{{version}} .
# Better than a tag is a digest: docker buildx imagetools inspect IMAGE shows it.
{{#language}}
ARG PHP_VERSION={{.}}
{{/language}}
{{^language}}
# Open question: which version of PHP? Until it stands here the build stops at the next line.
ARG PHP_VERSION
{{/language}}

FROM docker.io/library/composer:2.8.10 AS build
WORKDIR /app
COPY {{manifests}} ./
{{#install}}
RUN {{.}}
{{/install}}

FROM docker.io/library/php:${PHP_VERSION}-apache
# On a read-only root it can write to /tmp only.
ENV APACHE_RUN_DIR=/tmp APACHE_LOCK_DIR=/tmp APACHE_PID_FILE=/tmp/apache2.pid
{{#artifact}}
ENV APACHE_DOCUMENT_ROOT=/var/www/html{{.}}
{{/artifact}}
{{^artifact}}
# Open question: which folder is served to the world? Never one that holds composer.json or .env.
RUN echo "which folder is served is an open question" >&2; exit 64
{{/artifact}}
# An ordinary user may not bind a port below 1024.
RUN sed -ri "s!/var/www/html!\${APACHE_DOCUMENT_ROOT}!g" /etc/apache2/sites-available/*.conf && \
    sed -i "s/^Listen 80$/Listen {{#port}}{{.}}{{/port}}{{^port}}8080{{/port}}/" /etc/apache2/ports.conf && \
    sed -i "s/:80>/:{{#port}}{{.}}{{/port}}{{^port}}8080{{/port}}>/" /etc/apache2/sites-available/000-default.conf
# Not for the world, wherever the served folder begins.
RUN printf '%s\n' '<FilesMatch "^(\.|composer\.(json|lock)$)">' 'Require all denied' '</FilesMatch>' \
    '<Directory /var/www/html/vendor>' 'Require all denied' '</Directory>' > /etc/apache2/conf-enabled/zz-private.conf
{{#frontController}}
# What is no file is the framework's to answer.
RUN printf '%s\n' '<Directory /var/www/html{{.}}>' 'FallbackResource /index.php' '</Directory>' \
    > /etc/apache2/conf-enabled/zz-front-controller.conf
{{/frontController}}
COPY . /var/www/html
COPY --from=build /app/vendor /var/www/html/vendor
USER www-data
{{#port}}
EXPOSE {{.}}
{{/port}}
{{#health}}
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 CMD ["php", "-r", "exit(@file_get_contents('{{.}}') === false ? 1 : 0);"]
{{/health}}
{{^health}}
# No health check. Open question: which path answers, and on which port?
{{/health}}
