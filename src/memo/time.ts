/** Whether text is `2026-11-20`, or that with a time and a zone, and names a moment that exists. */
export function isCalendarTime(text: string): boolean {
  const match = /^(\d{4}-\d{2}-\d{2})(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2}))?$/.exec(
    text,
  );
  const day = match?.[1];
  if (day === undefined || Number.isNaN(Date.parse(text))) return false;
  // February 30th is read as March 2nd.
  return new Date(`${day}T00:00:00Z`).toISOString().slice(0, 10) === day;
}
