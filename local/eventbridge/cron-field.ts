/** The values that one field of a cron expression may take. */
export interface CronField {
  readonly name: string;
  readonly least: number;
  readonly most: number;
  /** Names for values, the first one for `least`. */
  readonly names?: readonly string[];
}

/**
 * Reads lists, ranges, steps and names: `0,30`, `8-18`, `0/15`, `*`, `MON-FRI`.
 * @throws RangeError naming the field and what it allows.
 */
export function parseCronField(text: string, field: CronField): ReadonlySet<number> {
  return new Set(text.split(',').flatMap((part) => parsePart(part, field)));
}

/** @throws RangeError unless `text` is a value of the field, as a number or a name. */
export function parseCronValue(text: string, field: CronField): number {
  const named = field.names?.indexOf(text.toUpperCase()) ?? -1;
  const value = named === -1 ? Number(/^\d+$/.test(text) ? text : Number.NaN) : field.least + named;
  if (value >= field.least && value <= field.most) return value;
  throw new RangeError(`${field.name} '${text}' is not from ${field.least} to ${field.most}`);
}

function parsePart(part: string, field: CronField): readonly number[] {
  const [, range, step] = /^([^/]+)(?:\/([1-9]\d*))?$/.exec(part) ?? [];
  if (range === undefined) throw new RangeError(`${field.name} '${part}' is no value, range or step of 1 or more`);
  const [first = '', last, ...more] = range === '*' ? [String(field.least), String(field.most)] : range.split('-');
  const from = parseCronValue(first, field);
  // a step without a range runs to the end of the field
  const to = last === undefined ? (step === undefined ? from : field.most) : parseCronValue(last, field);
  if (more.length > 0 || to < from) throw new RangeError(`${field.name} '${part}' is no range from low to high`);
  const values: number[] = [];
  for (let value = from; value <= to; value += Number(step ?? 1)) values.push(value);
  return values;
}
