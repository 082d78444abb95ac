import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { type CloudEvent, defineEvent } from '../../../lib/definitions/index.ts';
import { readEvent } from '../../../lib/event/index.ts';

const Renamed = defineEvent({
  type: 'renamed',
  source: '/t',
  version: 3,
  schema: z.object({ name: z.string(), length: z.number().default(0) }),
  upcasters: {
    1: (data) => ({ title: data }),
    2: (data) => ({ name: (data as { title: string }).title }),
  },
});

const written = (version: number | string, data: unknown): CloudEvent => ({
  specversion: '1.0',
  id: '01',
  source: '/t',
  type: 'renamed',
  time: '2026-11-20T06:00:00Z',
  datacontenttype: 'application/json',
  dataschema: `urn:waybill:schema:renamed:${version}`,
  partitionkey: 'g',
  sequence: '0000000000000001',
  correlationid: 'c',
  traceparent: 't',
  hops: 0,
  data,
});

describe('readEvent', () => {
  it('upcasts data of an old version step by step to the current version', async () => {
    expect((await readEvent(Renamed, written(1, 'Ada'))).data).toStrictEqual({ name: 'Ada', length: 0 });
    expect((await readEvent(Renamed, written(2, { title: 'Ada' }))).data).toStrictEqual({ name: 'Ada', length: 0 });
  });

  it('returns the output of the schema', async () => {
    expect((await readEvent(Renamed, written(3, { name: 'Ada' }))).data).toStrictEqual({ name: 'Ada', length: 0 });
  });

  it('reads data of a later version as far as the schema allows', async () => {
    expect((await readEvent(Renamed, written(4, { name: 'Ada', new: true }))).data).toStrictEqual({
      name: 'Ada',
      length: 0,
    });
  });

  it('rejects an old version without an upcaster', async () => {
    const Strict = defineEvent({ type: 'renamed', source: '/t', version: 2, schema: z.object({}) });

    await expect(readEvent(Strict, written(1, {}))).rejects.toMatchObject({
      code: 'EVENT_DATA_INVALID',
      violations: [{ path: '', message: "is of version 1: add an upcaster from it to the event's definition" }],
    });
  });

  it('rejects with its own error when an upcaster fails', async () => {
    const Failing = defineEvent({
      type: 'renamed',
      source: '/t',
      version: 2,
      schema: z.object({}),
      upcasters: {
        1: () => {
          throw new Error('no title');
        },
      },
    });

    await expect(readEvent(Failing, written(1, {}))).rejects.toMatchObject({
      code: 'EVENT_DATA_INVALID',
      violations: [{ path: '', message: 'the upcaster from version 1 failed: Error: no title' }],
    });
  });

  it('rejects a dataschema that names no version of the type', async () => {
    await expect(readEvent(Renamed, written('x', {}))).rejects.toMatchObject({
      code: 'EVENT_DATA_INVALID',
      violations: [{ path: 'dataschema' }],
    });
  });
});
