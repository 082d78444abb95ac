import type { EngineClock } from '../clock.ts';
import type { AwsError } from '../endpoint/aws-error.ts';
import type { Dice } from './dice.ts';
import { type CapacityReason, capacityError } from './dynamodb-refusals.ts';
import type { FaultKind } from './fault-plan.ts';
import type { ServiceCall } from './intercept.ts';
import type { RuleOf } from './rules-of-kind.ts';
import { createTableTraffic } from './table-traffic.ts';
import { type PartitionKeyOf, type TouchedPartition, touchedPartitions } from './touched-partitions.ts';

type CapacityKind = 'hot-partition' | 'table-throttle';

/** One call of many. */
export interface CapacitySubject {
  readonly operation: string;
  readonly call: ServiceCall;
}

export interface CapacityFaultsDeps<Subject extends CapacitySubject> {
  readonly dice: Dice;
  readonly clock: EngineClock;
  readonly partitionKeyOf: PartitionKeyOf;
  /** The first rule of the kind whose turn it is. */
  readonly hit: <Kind extends FaultKind>(
    kind: Kind,
    subject: Subject,
  ) => { readonly rule: RuleOf<Kind>; readonly subject: string } | undefined;
  /** Whether a rule that has hit may refuse this call, too. */
  readonly mayRefuse: (rule: RuleOf<CapacityKind>, subject: Subject) => boolean;
}

/** A call, or parts of it, that a table has no capacity for. */
interface Refusal {
  readonly rule: RuleOf<CapacityKind>;
  readonly what: string;
  readonly error: AwsError;
  /** Entries of a batch call, when others can be processed. */
  readonly parts: ReadonlySet<unknown> | undefined;
}

export interface CapacityFaults<Subject extends CapacitySubject> {
  refusalOf(subject: Subject): Refusal | undefined;
}

interface Period {
  readonly rule: RuleOf<CapacityKind>;
  readonly until: number;
  readonly subject: string;
  calls: number;
}

/** Of the calls to a table that throttles, this share is refused. */
const REFUSED_SHARE = 0.3;

/**
 * Capacity that runs out for a while: that of one partition key, for every call that touches it, and that of a table
 * whose traffic has doubled, for a share of its calls.
 */
export function createCapacityFaults<Subject extends CapacitySubject>(
  deps: CapacityFaultsDeps<Subject>,
): CapacityFaults<Subject> {
  const { dice, clock, partitionKeyOf, hit, mayRefuse } = deps;
  const traffic = createTableTraffic(clock);
  const hotPartitions = new Map<string, Period>();
  const busyTables = new Map<string, Period>();

  const running = (periods: Map<string, Period>, name: string): Period | undefined => {
    const period = periods.get(name);
    if (period === undefined || period.until > clock.now()) return period;
    periods.delete(name);
    return undefined;
  };

  const begin = (periods: Map<string, Period>, name: string, kind: CapacityKind, subject: Subject) => {
    const found = hit(kind, subject);
    if (found === undefined) return undefined;
    const { rule, subject: decided } = found;
    const period = { rule, until: clock.now() + dice.pick(decided, rule.longestMs), subject: decided, calls: 0 };
    periods.set(name, period);
    return period;
  };

  const refuse = (
    { operation, call }: Subject,
    period: Period,
    reason: CapacityReason,
    refused: readonly TouchedPartition[],
    touched: readonly TouchedPartition[],
  ): Refusal => {
    const parts = new Set(refused.map(({ part }) => part));
    const choose = (count: number) => dice.choose(`${period.subject} name ${period.calls}`, count);
    const isPartial =
      /:Batch(Get|Write)Item$/.test(operation) && parts.size < new Set(touched.map(({ part }) => part)).size;
    return {
      rule: period.rule,
      what: reason.limit,
      error: capacityError(operation, call.input, reason, parts, choose),
      parts: isPartial ? parts : undefined,
    };
  };

  const hotPartition = (subject: Subject, touched: readonly TouchedPartition[]): Refusal | undefined => {
    const refused = touched.filter((partition) => {
      const period = running(hotPartitions, nameOf(partition));
      return period !== undefined && mayRefuse(period.rule, subject);
    });
    const [first] = refused.length > 0 ? refused : touched;
    if (first === undefined) return undefined;
    const name = nameOf(first);
    const period =
      refused.length > 0 ? running(hotPartitions, name) : begin(hotPartitions, name, 'hot-partition', subject);
    if (period === undefined) return undefined;
    period.calls++;
    const hot = refused.length > 0 ? refused : touched.filter((partition) => nameOf(partition) === name);
    return refuse(subject, period, { ...first, limit: 'KeyRangeThroughputExceeded' }, hot, touched);
  };

  const busyTable = (subject: Subject, touched: readonly TouchedPartition[]): Refusal | undefined => {
    const tableNames = new Set(touched.map(({ tableName }) => tableName));
    for (const tableName of tableNames) {
      const hasDoubled = traffic.count(tableName);
      const period =
        running(busyTables, tableName) ??
        (hasDoubled ? begin(busyTables, tableName, 'table-throttle', subject) : undefined);
      if (period === undefined || !mayRefuse(period.rule, subject)) continue;
      if (dice.draw(`${period.subject} call ${period.calls++}`) >= REFUSED_SHARE) continue;
      const refused = touched.filter((partition) => partition.tableName === tableName);
      return refuse(subject, period, { tableName, limit: 'AccountLimitExceeded' }, refused, touched);
    }
    return undefined;
  };

  return {
    refusalOf(subject) {
      const touched = touchedPartitions(subject.operation, subject.call.input, partitionKeyOf);
      if (touched.length === 0) return undefined;
      return hotPartition(subject, touched) ?? busyTable(subject, touched);
    },
  };
}

const nameOf = ({ tableName, indexName = '', value }: TouchedPartition): string => `${tableName} ${indexName} ${value}`;
