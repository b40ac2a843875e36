declare const VIBEOPS_VERSION: string | undefined;

/** The package's version, put in by the bundler; a run from source has none. */
export const VERSION = typeof VIBEOPS_VERSION === "string" ? VIBEOPS_VERSION : "0.0.0-source";
