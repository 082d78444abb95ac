import { describe, expect, it } from 'vitest';
import { rebuild } from '../../cli/commands/rebuild.ts';
import type { RebuildJob, RebuildStatus } from '../../lib/projection/index.ts';
import { createOperation } from './operation-under-test.ts';

const JOB: RebuildJob = {
  generation: 2,
  version: 1,
  revision: 1,
  phase: 'building',
  outcome: undefined,
  startedAt: '2026-11-20T05:57:00.000Z',
  switchedAt: undefined,
  finishedAt: undefined,
  scanKey: undefined,
  groups: 0,
  events: 0,
  truncatedGroups: 0,
  readUnits: 0,
  deletedItems: 0,
};

const STATUS: RebuildStatus = {
  projection: 'overview',
  version: 1,
  serving: { generation: 1, version: 1 },
  job: JOB,
  failed: [],
};

const RUN = { projection: 'overview', mode: 'run', acceptHorizon: false, acceptFailed: false } as const;

/** An operation whose function answers so, one after another. */
function createRebuildOperation(answers: readonly RebuildStatus[]) {
  const under = createOperation();
  const asked: unknown[] = [];
  const rest = answers.values();
  const operation = {
    ...under.operation,
    rebuild: async (_: string, command: unknown) => {
      asked.push(command);
      return rest.next().value ?? STATUS;
    },
  };
  return { ...under, operation, asked };
}

describe('rebuild', () => {
  it('runs step by step until the new generation serves and the old one is deleted', async () => {
    const switched: RebuildJob = {
      ...JOB,
      outcome: 'switched',
      switchedAt: '2026-11-20T05:59:00.000Z',
      groups: 12,
      events: 40,
      readUnits: 3.5,
    };
    const { operation, asked, out } = createRebuildOperation([
      STATUS,
      { ...STATUS, job: { ...JOB, groups: 7 } },
      { ...STATUS, serving: { generation: 2, version: 1 }, job: { ...switched, phase: 'cleaning' } },
      { ...STATUS, serving: { generation: 2, version: 1 }, job: { ...switched, phase: 'done', deletedItems: 12 } },
    ]);

    expect(await rebuild(RUN, operation)).toBe(0);

    const advance = { action: 'advance', forMs: 5_000, acceptFailed: false };
    expect(asked).toStrictEqual([{ action: 'start', acceptHorizon: false }, advance, advance, advance]);
    expect(out).toStrictEqual([
      'projection  overview, code of version 1',
      'serving     generation 2, made by version 1',
      'rebuild     generation 2 serves since 2026-11-20 05:59:00Z; 12 items of the old one are deleted',
      'visited     12 groups, 40 events, 4 read units for the scan',
    ]);
  });

  it('reports that the generation answers no queries if its table was replaced', async () => {
    const incomplete = "table 'new' replaced table 'old'";
    const { operation, out } = createRebuildOperation([
      { ...STATUS, serving: { generation: 1, version: 1, incomplete }, job: undefined },
    ]);

    await rebuild({ ...RUN, mode: 'status' }, operation);

    expect(out).toStrictEqual([
      'projection  overview, code of version 1',
      'serving     generation 1, made by version 1',
      "            it does not answer queries, because table 'new' replaced table 'old'",
      'rebuild     never',
    ]);
  });

  it('stops if groups cannot be rebuilt to their last event, and says what to do', async () => {
    const failed = [{ group: 'order#7', upTo: 3, code: 'PROJECTION_STEP_FAILED', message: 'no total' }];
    const { operation, out } = createRebuildOperation([
      STATUS,
      { ...STATUS, job: { ...JOB, phase: 'blocked' }, failed },
    ]);

    expect(await rebuild(RUN, operation)).toBe(1);

    expect(out[2]).toBe('rebuild     generation 2 is built, except for the groups below, started 3 min ago');
    expect(out).toContain('order#7  PROJECTION_STEP_FAILED: no total');
    expect(out.at(-1)).toBe(
      'fix the code, raise its version and deploy it; then start rebuild overview again. Or switch without the last events of these groups: --accept-failed',
    );
  });

  it('only reports the status if that is requested', async () => {
    const { operation, asked, out } = createRebuildOperation([{ ...STATUS, job: undefined }]);

    expect(await rebuild({ ...RUN, mode: 'status' }, operation)).toBe(0);

    expect(asked).toStrictEqual([{ action: 'status' }]);
    expect(out.at(-1)).toBe('rebuild     never');
  });

  it('aborts a rebuild, and deletes its generation', async () => {
    const aborted: RebuildJob = { ...JOB, outcome: 'aborted', phase: 'cleaning' };
    const { operation, asked, out } = createRebuildOperation([
      { ...STATUS, job: aborted },
      { ...STATUS, job: { ...aborted, phase: 'done' } },
    ]);

    expect(await rebuild({ ...RUN, mode: 'abort' }, operation)).toBe(0);

    expect(asked[0]).toStrictEqual({ action: 'abort' });
    expect(out[2]).toBe('rebuild     generation 2 was aborted and is deleted');
  });
});
