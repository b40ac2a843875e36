/** The types of memo that there are; a grant names those that it covers. */
export const memoTypes = ["deployment", "request", "info", "security", "incident"] as const;

export type MemoType = (typeof memoTypes)[number];
