/** From the least to the most pressing. */
export const priorities = ["low", "normal", "high", "urgent"] as const;

export type Priority = (typeof priorities)[number];
