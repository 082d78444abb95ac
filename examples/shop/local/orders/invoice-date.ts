/** `2010-12-01`, with or without a time after it. */
const YEAR_FIRST = /^(?<year>\d{4})-(?<month>\d{1,2})-(?<day>\d{1,2})(?:[ T](?<time>\S+))?$/;

/** `12/1/10 8:26`, as the original data has it; the month comes first. */
const MONTH_FIRST = /^(?<month>\d{1,2})\/(?<day>\d{1,2})\/(?<year>\d{2}|\d{4})(?: (?<time>\S+))?$/;

const TIME = /^([01]?\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d+)?)?Z?$/;

/** What is wrong with the date of an invoice: none or one sentence. */
export function invoiceDateProblems(text: string): string[] {
  if (text === '') return ['InvoiceDate is missing'];
  const { year, month, day, time = '0:00' } = (YEAR_FIRST.exec(text) ?? MONTH_FIRST.exec(text))?.groups ?? {};
  if (isDay(Number(year), Number(month), Number(day)) && TIME.test(time)) return [];
  return [`InvoiceDate '${text}' is no date like 2010-12-01 or 12/1/10 8:26`];
}

/** Whether the calendar has it; of two digits, the year is of the 2000s. */
function isDay(year: number, month: number, day: number): boolean {
  const date = new Date(Date.UTC(year < 100 ? year + 2000 : year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}
