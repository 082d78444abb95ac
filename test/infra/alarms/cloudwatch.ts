/** What a CloudWatch alarm does with its metric: periods, statistics, M of N, missing data. */

export interface Datapoint {
  /** Seconds since the series began. */
  readonly atSeconds: number;
  readonly value: number;
}

/** Values of one metric, by everything that identifies it. */
export interface Series {
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly datapoints: readonly Datapoint[];
}

export interface MetricStat {
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly statistic: string;
  readonly periodSeconds: number;
}

export interface Alarm {
  /** Path of the construct, from the stack on. */
  readonly path: string;
  /** One metric, or an expression of one: `DIFF(id)`. */
  readonly stat: MetricStat;
  readonly expression: 'none' | 'DIFF';
  readonly threshold: number;
  readonly evaluationPeriods: number;
  readonly datapointsToAlarm: number;
  readonly missingData: 'notBreaching' | 'breaching' | 'ignore';
}

export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

/**
 * The states of an alarm, one for each period of `minutes`.
 * @param beyond periods that CloudWatch looks at beyond N when some of N are missing: it does not say how many
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 */
export function statesOf(alarm: Alarm, series: readonly Series[], minutes: number, beyond: number): AlarmState[] {
  const { periodSeconds } = alarm.stat;
  const periods = Math.floor((minutes * 60) / periodSeconds);
  const values = valuesOf(alarm, series, periods);
  const states: AlarmState[] = [];
  for (let last = 0; last < periods; last += 1) {
    states.push(stateAt(alarm, values, last, beyond, states.at(-1) ?? 'INSUFFICIENT_DATA'));
  }
  return states;
}

function stateAt(
  alarm: Alarm,
  values: readonly (number | undefined)[],
  last: number,
  beyond: number,
  before: AlarmState,
): AlarmState {
  const { evaluationPeriods: n, datapointsToAlarm: m, missingData, threshold } = alarm;
  const isBreaching = (value: number): boolean => value > threshold;
  const range = Array.from({ length: n + beyond }, (_, back) => values[last - back]);
  const found = range.filter((value) => value !== undefined);
  // enough real data, though not in a row: nothing is filled in
  if (found.length >= n) return found.slice(0, n).filter(isBreaching).length >= m ? 'ALARM' : 'OK';
  const breaching = found.filter(isBreaching).length;
  if (breaching >= m) return 'ALARM';
  if (missingData === 'ignore') return found.length === 0 ? before : n - breaching < m ? 'OK' : before;
  const filled = missingData === 'breaching' ? n - found.length : 0;
  return breaching + filled >= m ? 'ALARM' : 'OK';
}

/** One value for each period, undefined where nothing was reported. */
function valuesOf({ stat, expression }: Alarm, series: readonly Series[], periods: number): (number | undefined)[] {
  const reported = series.filter((each) => isOf(each, stat)).flatMap(({ datapoints }) => datapoints);
  const values = Array.from({ length: periods }, (_, period) => {
    const from = period * stat.periodSeconds;
    return aggregate(
      stat.statistic,
      reported.filter(({ atSeconds }) => atSeconds >= from && atSeconds < from + stat.periodSeconds),
    );
  });
  if (expression === 'none') return values;
  return values.map((value, period) => {
    const previous = values[period - 1];
    return value === undefined || previous === undefined ? undefined : value - previous;
  });
}

const isOf = (series: Series, stat: MetricStat): boolean =>
  series.namespace === stat.namespace &&
  series.metric === stat.metric &&
  identity(series.dimensions) === identity(stat.dimensions);

/** A metric is another one with each set of dimensions. */
const identity = (dimensions: Readonly<Record<string, string>>): string =>
  JSON.stringify(Object.entries(dimensions).toSorted(([a], [b]) => (a < b ? -1 : 1)));

function aggregate(statistic: string, datapoints: readonly Datapoint[]): number | undefined {
  const values = datapoints.map(({ value }) => value).toSorted((a, b) => a - b);
  if (values.length === 0) return undefined;
  const sum = values.reduce((total, value) => total + value, 0);
  switch (statistic) {
    case 'Sum':
      return sum;
    case 'Maximum':
      return values.at(-1);
    case 'Minimum':
      return values[0];
    case 'Average':
      return sum / values.length;
    case 'SampleCount':
      return values.length;
    default: {
      const percentile = /^p(\d+)$/.exec(statistic)?.[1];
      if (percentile === undefined) throw new Error(`CloudWatch has no statistic '${statistic}'`);
      return values[Math.ceil((Number(percentile) / 100) * values.length) - 1];
    }
  }
}
