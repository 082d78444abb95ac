import type { HttpFaultName } from './http-faults.ts';

/** A command to place an order, with what its client was told at last. */
export interface PlacedOverHttp {
  readonly tenantId: string | undefined;
  /** Of the order; undefined if it was refused before it got one. */
  readonly orderId: string | undefined;
  readonly customerId: string;
  /** `unknown`: no answer came at all. */
  readonly outcome: 'accepted' | 'refused' | 'unknown';
}

/** What the clients of the shop's API asked for, and what they were told. */
export interface HttpJournal {
  placed(command: PlacedOverHttp): void;
  /** Something that an API must never answer. */
  wrong(finding: string): void;
  /** An order of a customer that another one asked for: `seen` if any part of it was shown. */
  probed(description: string, seen: boolean): void;
  /** No order is placed any more from here on. */
  close(at: number): void;
  addFault(name: HttpFaultName): void;
  /** How often each kind of trouble was made on purpose. */
  readonly faults: ReadonlyMap<HttpFaultName, number>;
  readonly commands: readonly PlacedOverHttp[];
  readonly findings: readonly string[];
  readonly probes: { readonly count: number; readonly seen: readonly string[] };
  readonly closedAt: number | undefined;
  readonly counts: HttpCounts;
}

export interface HttpCounts {
  requests: number;
  replayed: number;
  people: number;
  ordersOfPeople: number;
  tokens: number;
  refreshes: number;
}

export function createHttpJournal(): HttpJournal {
  const commands: PlacedOverHttp[] = [];
  const findings: string[] = [];
  const seen: string[] = [];
  const faults = new Map<HttpFaultName, number>();
  let probes = 0;
  let closedAt: number | undefined;
  const counts = { requests: 0, replayed: 0, people: 0, ordersOfPeople: 0, tokens: 0, refreshes: 0 };
  return {
    placed: (command) => void commands.push(command),
    wrong: (finding) => void findings.push(finding),
    probed(description, isSeen) {
      probes++;
      if (isSeen) seen.push(description);
    },
    close: (at) => {
      closedAt = at;
    },
    addFault: (name) => void faults.set(name, (faults.get(name) ?? 0) + 1),
    faults,
    commands,
    findings,
    counts,
    get probes() {
      return { count: probes, seen };
    },
    get closedAt() {
      return closedAt;
    },
  };
}
