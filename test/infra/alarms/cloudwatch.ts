/** What a CloudWatch alarm does with its metrics: periods, statistics, math, M of N, missing data. */

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
  /** One metric, or those of an expression: one of `DIFF(id)`, several of `MAX([FILL(id, 0), …])`. */
  readonly stats: readonly [MetricStat, ...MetricStat[]];
  readonly expression: 'none' | 'DIFF' | 'MAX';
  readonly threshold: number;
  readonly evaluationPeriods: number;
  readonly datapointsToAlarm: number;
  readonly missingData: 'notBreaching' | 'breaching' | 'ignore';
}

export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

/** What CloudWatch does not say of itself. */
export interface Unsaid {
  /** Periods that it looks at beyond N when some of N are missing. */
  readonly beyond: number;
  /** Periods by which metrics arrive late; `FILL` takes their place until then. */
  readonly late: number;
  /** Whether `FILL` makes a series of a metric that has no data at all. `MAX` leaves out what has none. */
  readonly fillsNothing: boolean;
}

/**
 * The states of an alarm, one for each period of `minutes`.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 */
export function statesOf(alarm: Alarm, series: readonly Series[], minutes: number, unsaid: Unsaid): AlarmState[] {
  const [{ periodSeconds }] = alarm.stats;
  const periods = Math.floor((minutes * 60) / periodSeconds);
  const values = alarm.stats.map((stat) => valuesOf(stat, series, periods));
  const states: AlarmState[] = [];
  for (let last = 0; last < periods; last += 1) {
    const seen = seenAt(alarm, values, last, unsaid);
    states.push(stateAt(alarm, seen, last, unsaid.beyond, states.at(-1) ?? 'INSUFFICIENT_DATA'));
  }
  return states;
}

type Values = readonly (number | undefined)[];

/** What the alarm's expression makes of the metrics that have arrived by a period. */
function seenAt({ expression }: Alarm, values: readonly Values[], last: number, unsaid: Unsaid): Values {
  const [first = []] = values;
  switch (expression) {
    case 'none':
      return first;
    case 'DIFF':
      return first.map((value, period) => {
        const previous = first[period - 1];
        return value === undefined || previous === undefined ? undefined : value - previous;
      });
    case 'MAX': {
      const arrived = values.map((each) =>
        each.map((value, period) => (period > last - unsaid.late ? undefined : value)),
      );
      const filled = arrived
        .filter((each) => unsaid.fillsNothing || each.some((value) => value !== undefined))
        .map((each) => each.map((value) => value ?? 0));
      return first.map((_, period) => {
        const points = filled.map((each) => each[period] ?? 0);
        return points.length === 0 ? undefined : Math.max(...points);
      });
    }
  }
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
function valuesOf(stat: MetricStat, series: readonly Series[], periods: number): Values {
  const reported = series.filter((each) => isOf(each, stat)).flatMap(({ datapoints }) => datapoints);
  return Array.from({ length: periods }, (_, period) => {
    const from = period * stat.periodSeconds;
    return aggregate(
      stat.statistic,
      reported.filter(({ atSeconds }) => atSeconds >= from && atSeconds < from + stat.periodSeconds),
    );
  });
}

export const isOf = (series: Series, stat: MetricStat): boolean =>
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
