/** A path that says whether the service is well, as people name it; the source of a regular expression. */
export const HEALTH_PATH = String.raw`(?:\/(?:api|v\d|_|actuator|internal))*\/(?:health|healthz|healthcheck|health-check|health_check|ready|readyz|readiness|live|livez|liveness|ping)(?:\/(?:live|ready|liveness|readiness))?`;
