/** Names of projects, roles, peers, hosts and services: ASCII, lower case, nothing that looks like a path or an option. */
export const NAME_PATTERN = /^[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?$/;

export const NAME_RULE =
  "lower-case letters, digits, dashes and underscores, beginning and ending with a letter or digit";
