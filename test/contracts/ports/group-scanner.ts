import { describe, expect, it, onTestFinished } from 'vitest';
import type { GroupScanner } from '../../../lib/projection/index.ts';

/** An event of the log, as far as a scan looks at it. */
export interface LoggedPlace {
  readonly group: string;
  readonly sequence: number;
  readonly type: string;
  /** @default '/orders' */
  readonly source?: string;
}

export interface OpenedScanner {
  readonly scanner: GroupScanner;
  readonly close: () => Promise<void>;
}

const LOG: readonly LoggedPlace[] = [
  { group: 'order#1', sequence: 1, type: 'placed' },
  { group: 'order#1', sequence: 2, type: 'paid' },
  { group: 'order#1', sequence: 3, type: 'shipped' },
  { group: 'order#2', sequence: 1, type: 'placed' },
  { group: 'order#3', sequence: 1, type: 'paid' },
  { group: 'order#4', sequence: 1, type: 'viewed' },
  { group: 'order#5', sequence: 1, type: 'placed' },
  { group: 'order#6', sequence: 1, type: 'placed', source: '/shops' },
];

export function describeGroupScanner(adapter: string, open: (log: readonly LoggedPlace[]) => Promise<OpenedScanner>) {
  const groupsOf = async (types: readonly string[], source = '/orders'): Promise<readonly string[]> => {
    const { scanner, close } = await open(LOG);
    onTestFinished(close);
    const found = new Set<string>();
    let after: string | undefined;
    do {
      const page = await scanner.page(
        types.map((type) => ({ source, type })),
        after,
      );
      for (const group of page.groups) found.add(group);
      after = page.next;
    } while (after !== undefined);
    return [...found].toSorted();
  };

  describe(`GroupScanner contract: ${adapter}`, () => {
    it('finds each group with an event of these types, over all pages', async () => {
      expect(await groupsOf(['placed'])).toStrictEqual(['order#1', 'order#2', 'order#5']);
      expect(await groupsOf(['paid', 'viewed'])).toStrictEqual(['order#1', 'order#3', 'order#4']);
      expect(await groupsOf(['cancelled'])).toStrictEqual([]);
    });

    it('distinguishes the types of one source from those of another', async () => {
      expect(await groupsOf(['placed', 'paid'], '/shops')).toStrictEqual(['order#6']);
    });

    it('knows when the log was created', async () => {
      const { scanner, close } = await open([]);
      onTestFinished(close);

      expect(await scanner.createdAt()).toBeGreaterThan(0);
    });
  });
}
