import { createWebhookReceiver, type WebhookDefinition } from '../webhook/index.ts';
import { type CallOutcome, requestOf } from './api-under-test.ts';
import { eventsOf } from './outcome.ts';
import { createSilentLogger, createSilentMetrics } from './silent-telemetry.ts';
import { STAGE_TABLES, type Stage } from './stage.ts';

/** What a sender sends. The harness takes every request for rightly signed. */
export interface SentWebhook {
  /** Is sent as JSON; a text or bytes as they are. */
  readonly body: unknown;
  /** In which the scheme finds id and type, where the body has them not; lower-case names. @default - none */
  readonly headers?: Readonly<Record<string, string>>;
  /** Of the path. @default - none */
  readonly tenantId?: string;
}

/** A webhook that a test sends requests to. */
export interface WebhookUnderTest {
  /**
   * Receives a request whose signature is right: only translation, record and events are under test. Events are delivered
   * by `runToEnd`.
   */
  receive(sent: SentWebhook): Promise<CallOutcome>;
}

export function createWebhookUnderTest(webhook: WebhookDefinition, stage: Stage): WebhookUnderTest {
  const { outbox, clock } = stage;
  const receiver = createWebhookReceiver({
    webhook: {
      ...webhook,
      scheme: {
        ...webhook.scheme,
        claimOf: ({ body }) => ({ material: body, signatures: [], timestamp: undefined }),
      },
    },
    secrets: { verify: async () => 'match', warm: async () => undefined },
    outbox,
    clock,
    tableName: STAGE_TABLES.deliveries,
    logger: createSilentLogger(webhook.name),
    metrics: createSilentMetrics(webhook.name),
  });

  return {
    async receive({ body, headers = {}, tenantId }) {
      const rawPath = webhook.path.replace('{tenant}', tenantId ?? '');
      const event = requestOf(`POST ${webhook.path}`, rawPath, body, headers);
      let answer: Awaited<ReturnType<typeof receiver>> = {};
      const { writes, events } = await stage.perform(async () => {
        answer = await receiver({
          ...event,
          ...(tenantId === undefined ? {} : { pathParameters: { tenant: tenantId } }),
        });
      });
      return {
        status: answer.statusCode ?? 0,
        headers: Object.fromEntries(Object.entries(answer.headers ?? {}).map(([name, value]) => [name, String(value)])),
        body: answer.body,
        writes,
        events,
        eventsOf: (definition) => eventsOf(events, definition),
      };
    },
  };
}
