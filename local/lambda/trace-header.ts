import { createHash } from 'node:crypto';
import type { EpochMs } from '../../lib/shared/time.ts';

/**
 * The trace header of an invocation, `X-Amzn-Trace-Id`, which SDKs send along with what the function calls:
 * `Root=…;Parent=…;Sampled=0;Lineage=1:<function>:<count>|…`. Its lineage tells how often each function ran before in
 * the same chain of requests. Recursion detection goes by it.
 */
export interface TraceOf {
  readonly requestId: string;
  readonly now: EpochMs;
  readonly chainId: string;
  /** Trace headers of what caused the invocation: of each message of a batch, of the caller's own invocation. */
  readonly causes: readonly string[];
}

/** What a function is called in lineages. */
export const chainIdOf = (functionArn: string): string =>
  createHash('sha256').update(functionArn).digest('hex').slice(0, 8);

/**
 * How often the function ran before in the chain that leads to an invocation. A batch counts as its longest chain: how
 * AWS counts for one is not documented, and none can be stricter.
 */
export function earlierInvocations(chainId: string, causes: readonly string[]): number {
  const counts = causes.flatMap((cause) => [...lineageOf(cause)].filter(([id]) => id === chainId));
  return counts.reduce((most, [, count]) => Math.max(most, count + 1), 0);
}

/** A header that no other invocation has. It continues the chain of its causes; several become one. */
export function traceInvocation({ requestId, now, chainId, causes }: TraceOf): string {
  const digest = createHash('sha256').update(requestId).digest('hex');
  const lineage = new Map<string, number>();
  for (const [id, count] of causes.flatMap(lineageOf)) lineage.set(id, Math.max(lineage.get(id) ?? 0, count));
  lineage.set(chainId, earlierInvocations(chainId, causes));
  const roots = new Set(causes.map((cause) => memberOf(cause, 'Root')));
  const [inherited] = roots.size === 1 ? roots : [];
  const root = inherited ?? `1-${Math.floor(now / 1000).toString(16)}-${digest.slice(0, 24)}`;
  const counts = [...lineage].map(([id, count]) => `${id}:${count}`).join('|');
  return `Root=${root};Parent=${digest.slice(24, 40)};Sampled=0;Lineage=${LINEAGE_VERSION}:${counts}`;
}

const LINEAGE_VERSION = '1';

const lineageOf = (header: string): readonly (readonly [id: string, count: number])[] =>
  [...(memberOf(header, 'Lineage') ?? '').matchAll(/([0-9a-f]{8}):(\d+)/g)].map(([, id = '', count]) => [
    id,
    Number(count),
  ]);

const memberOf = (header: string, name: string): string | undefined =>
  header
    .split(';')
    .find((member) => member.startsWith(`${name}=`))
    ?.slice(name.length + 1);
