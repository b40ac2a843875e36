/** Whether text is `2026-11-20`, or that with a time and a zone, and names a moment that exists. */
export function isCalendarTime(text: string): boolean {
  if (USUAL.test(text)) return true;
  if (!CALENDAR.test(text) || Number.isNaN(Date.parse(text))) return false;
  const [year, month, day] = [text.slice(0, 4), text.slice(5, 7), text.slice(8, 10)].map(Number);
  // Date.parse reads February 30th as March 2nd, and January 0th as something else.
  return Number(day) >= 1 && Number(day) <= daysIn(Number(year), Number(month));
}

/** What nearly all are, and exists in every month. */
const USUAL =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])(?:T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?Z)?$/;
const CALENDAR = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2}))?$/;

function daysIn(year: number, month: number): number {
  if (month < 1 || month > 12) return 0;
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}
