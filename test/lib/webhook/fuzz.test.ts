import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyDelivery, TARGETS } from './any-delivery.ts';
import { openRig, type Sent } from './webhook-rig.ts';

describe('10,000 requests, right and wrong ones', () => {
  it('are answered without an error, and only those that are accepted are written', async () => {
    const statuses = new Map<number, number>();
    const rigs = new Map(Object.values(TARGETS).map((target) => [target, openRig(target.webhook)]));

    await fc.assert(
      fc.asyncProperty(anyDelivery, async ({ target, isSigned, changed, lacking, ...rest }) => {
        const rig = rigs.get(target) ?? openRig(target.webhook);
        const headers = Object.fromEntries(
          Object.entries({
            ...(isSigned ? target.sign(rest.body, rest.id) : {}),
            ...Object.fromEntries(changed),
          }).filter(([name]) => !isSigned || name !== lacking),
        );
        const sent: Sent = { headers, body: rest.body, tenant: rest.tenant, method: rest.method, query: rest.query };
        const accepted = rig.counted['WebhooksAccepted'] ?? 0;
        const written = rig.written();

        const { status } = await rig.send(sent);

        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        expect([200, 204, 400, 401, 404, 413, 415]).toContain(status);
        const isAccepted = (rig.counted['WebhooksAccepted'] ?? 0) > accepted;
        if (isAccepted) expect(isSigned).toBe(true);
        else expect(rig.written()).toStrictEqual(written);
      }),
      { numRuns: 10_000 },
    );

    // the property is empty unless each kind of answer was seen
    expect([...statuses.keys()].toSorted((a, b) => a - b)).toStrictEqual([204, 400, 401, 404, 413, 415]);
    expect(statuses.get(204)).toBeGreaterThan(100);
  });
});
