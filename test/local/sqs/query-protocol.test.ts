import { describe, expect, it } from 'vitest';
import { createMovableClock } from '../../../local/clock.ts';
import { USER } from '../../../local/endpoint/service.ts';
import { sqsQueryProtocol } from '../../../local/sqs/query-protocol.ts';
import { createSqs } from '../../../local/sqs/sqs.ts';

/** What the JSON protocol offers, by the engine's own word for it. */
async function operationsOfEngine(): Promise<readonly string[]> {
  const sqs = createSqs({
    clock: createMovableClock(() => 0),
    region: 'eu-central-1',
    accountId: '000000000000',
    log: () => {},
    endpointUrl: () => 'http://127.0.0.1',
    newId: () => 'id',
  });
  const refusal = await sqs.service.handle('Nothing', {}, USER).catch((error: unknown) => String(error));
  sqs.close();
  return /it has (.*)$/.exec(String(refusal))?.[1]?.split(', ') ?? [];
}

describe("SQS's query protocol", () => {
  it('has every operation of the engine', async () => {
    const names = await operationsOfEngine();

    const read = names.map(
      (name) => sqsQueryProtocol.readRequest(new URLSearchParams({ Action: name }), '/').operation,
    );

    expect(read).toEqual(names);
    expect(names).toHaveLength(23);
  });
});
