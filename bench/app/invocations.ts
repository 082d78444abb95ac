import type { LambdaFaults } from '../../local/lambda/faults.ts';

/** What a function's invocations were billed for. */
interface FunctionUse {
  invocations: number;
  records: number;
  /** Milliseconds, all invocations together. */
  durationMs: number;
}

export interface Invocations {
  /** Hooks that only listen. */
  readonly hooks: LambdaFaults;
  uses(): ReadonlyMap<string, FunctionUse>;
  reset(): void;
}

/** Counts and times the invocations of a run by function name. */
export function createInvocations(now: () => number): Invocations {
  const uses = new Map<string, FunctionUse>();
  const underWay = new Map<string, { readonly use: FunctionUse; readonly startedAt: number }>();
  return {
    hooks: {
      onInvocation({ functionName, requestId, payload }) {
        const use = uses.get(functionName) ?? { invocations: 0, records: 0, durationMs: 0 };
        uses.set(functionName, use);
        use.invocations += 1;
        use.records += recordsIn(payload);
        underWay.set(requestId, { use, startedAt: now() });
        return undefined;
      },
      onInvocationEnd(requestId) {
        const invocation = underWay.get(requestId);
        underWay.delete(requestId);
        if (invocation !== undefined) invocation.use.durationMs += now() - invocation.startedAt;
      },
    },
    uses: () => uses,
    reset: () => uses.clear(),
  };
}

function recordsIn(payload: string): number {
  const { Records = [] } = JSON.parse(payload) as { readonly Records?: readonly unknown[] };
  return Records.length;
}
