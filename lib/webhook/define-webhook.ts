import type { StandardSchemaV1 } from '@standard-schema/spec';
import { ContractError, type EventDefinition, type EventInputOf, shown, UNUSABLE_NAME } from '../definitions/index.ts';
import type { WebhookScheme } from './scheme.ts';

/** An event to publish, and its data. */
export interface Publication<Definition extends EventDefinition = EventDefinition> {
  readonly definition: Definition;
  readonly data: EventInputOf<Definition>;
}

/** What is known of a delivery beside its body. */
export interface DeliveryMeta {
  /** The sender's id of the delivery. */
  readonly deliveryId: string;
  readonly type: string;
  /** Undefined if the webhook's path has no tenant. */
  readonly tenantId: string | undefined;
  /** RFC 3339, in UTC with milliseconds. */
  readonly receivedAt: string;
  /** The signed time of sending, in the same form; undefined if the scheme signs none. */
  readonly sentAt: string | undefined;
}

/** One type of deliveries: how its bodies are validated and translated to events. */
export interface WebhookEvent {
  readonly schema: StandardSchemaV1;
  readonly publishes: readonly EventDefinition[];
  translate(body: unknown, meta: DeliveryMeta): Publication | readonly Publication[];
}

/** A webhook as it is declared, for its construct and its function. */
export interface WebhookDefinition<Name extends string = string> {
  readonly name: Name;
  readonly path: string;
  /** Whether the path has `{tenant}`. */
  readonly hasTenants: boolean;
  readonly scheme: WebhookScheme;
  readonly toleranceSeconds: number;
  readonly maxBytes: number;
  readonly unknown: 'accept' | 'refuse';
  readonly retired: boolean;
  readonly events: Readonly<Record<string, WebhookEvent>>;
  /** All events that its translations publish, each once. */
  readonly publishes: readonly EventDefinition[];
}

export interface WebhookProps<Name extends string> {
  /** 1 to 40 lower-case letters, digits and hyphens, starting with a letter: in logs, metrics and names of secrets. */
  readonly name: Name;
  /**
   * The path at the HTTP API, which answers POST alone. With `{tenant}` as one of its segments, each tenant has a secret
   * of its own and events belong to the path's tenant: `/webhooks/{tenant}/carrier`.
   */
  readonly path: string;
  readonly scheme: WebhookScheme;
  /**
   * How far the signed time may be in the past or in the future: whole seconds from 1 to 3600.
   * @default DEFAULT_TOLERANCE_SECONDS
   */
  readonly toleranceSeconds?: number;
  /** Of a body: 1 to 4194304, which is what Lambda takes once it is base64. @default DEFAULT_MAX_BYTES */
  readonly maxBytes?: number;
  /**
   * What becomes of verified deliveries whose type is not in `events`: `accept` answers 204 and counts them, so that a
   * sender with more types does not end the subscription; `refuse` answers 400.
   * @default 'accept'
   */
  readonly unknown?: 'accept' | 'refuse';
  /** Answers everything with 410, on which senders end their subscription. @default false */
  readonly retired?: boolean;
  /** By the sender's type. Schemes without types have the type `delivery`. */
  readonly events: Readonly<Record<string, WebhookEvent>>;
}

/** As Stripe, Slack and Standard Webhooks advise. */
export const DEFAULT_TOLERANCE_SECONDS = 300;

/** 256 KiB. */
export const DEFAULT_MAX_BYTES = 262_144;

/**
 * Base64 and the rest of the request stay within Lambda's 6 MiB.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
const HIGHEST_MAX_BYTES = 4_194_304;
const LONGEST_TOLERANCE_SECONDS = 3_600;
const TENANT_SEGMENT = '{tenant}';

/**
 * Declares a webhook once, for its construct and its function.
 *
 * @example
 * export const carrier = defineWebhook({
 *   name: 'carrier',
 *   path: '/webhooks/{tenant}/carrier',
 *   scheme: standardWebhooks(),
 *   events: {
 *     'tracking.updated': on(trackingSchema, [ParcelMoved], (body) =>
 *       publish(ParcelMoved, { parcelId: body.parcel, status: body.status }),
 *     ),
 *   },
 * });
 *
 * @throws ContractError `CONTRACT_INVALID` listing all problems
 */
export function defineWebhook<const Name extends string>(props: WebhookProps<Name>): WebhookDefinition<Name> {
  const { name, path, scheme, events, unknown = 'accept', retired = false } = props;
  const { toleranceSeconds = DEFAULT_TOLERANCE_SECONDS, maxBytes = DEFAULT_MAX_BYTES } = props;
  const problems: string[] = [];
  if (!/^[a-z][a-z0-9-]{0,39}$/.test(name)) {
    problems.push(
      `name must be 1 to 40 lower-case letters, digits and hyphens, starting with a letter, got ${shown(name)}`,
    );
  }
  problems.push(...pathProblems(path));
  if (typeof scheme?.claimOf !== 'function') {
    problems.push(
      `scheme must be standardWebhooks(), stripe(), github(), shopify(), slack(), twilio() or hmac(), got ${shown(scheme)}`,
    );
  }
  if (!isWhole(toleranceSeconds, LONGEST_TOLERANCE_SECONDS)) {
    problems.push(
      `toleranceSeconds must be a whole number from 1 to ${LONGEST_TOLERANCE_SECONDS}, got ${shown(toleranceSeconds)}`,
    );
  }
  if (!isWhole(maxBytes, HIGHEST_MAX_BYTES)) {
    problems.push(`maxBytes must be a whole number from 1 to ${HIGHEST_MAX_BYTES}, got ${shown(maxBytes)}`);
  }
  if (unknown !== 'accept' && unknown !== 'refuse') {
    problems.push(`unknown must be 'accept' or 'refuse', got ${shown(unknown)}`);
  }
  problems.push(...eventProblems(events));
  if (problems.length > 0) throw new ContractError(`webhook '${name}'`, problems);
  return Object.freeze({
    name,
    path,
    hasTenants: path.split('/').includes(TENANT_SEGMENT),
    scheme,
    toleranceSeconds,
    maxBytes,
    unknown,
    retired,
    events,
    publishes: [...new Set(Object.values(events).flatMap(({ publishes }) => publishes))],
  });
}

/**
 * Declares one type of deliveries.
 * @param schema of the body, or of the form's parameters. A body that does not fit is refused with 400
 * @param publishes every event that `translate` may return
 * @param translate returns the event to publish, or several, or `[]` for none. Must be pure: a delivery whose commit
 * failed is translated again
 */
export const on = <Schema extends StandardSchemaV1, const Events extends readonly EventDefinition[]>(
  schema: Schema,
  publishes: Events,
  translate: (
    body: StandardSchemaV1.InferOutput<Schema>,
    meta: DeliveryMeta,
  ) => NoInfer<PublicationOf<Events[number]> | readonly PublicationOf<Events[number]>[]>,
): WebhookEvent => ({
  schema,
  publishes,
  // it is only called with what the schema gives
  translate: translate as WebhookEvent['translate'],
});

/** A publication of each event of a union. */
export type PublicationOf<Definition extends EventDefinition> = Definition extends EventDefinition
  ? Publication<Definition>
  : never;

/** An event that a translation returns. Its data are validated at the commit. */
export const publish = <Definition extends EventDefinition>(
  definition: Definition,
  data: EventInputOf<Definition>,
): Publication<Definition> => ({ definition, data });

const isWhole = (value: number, most: number): boolean => Number.isSafeInteger(value) && value >= 1 && value <= most;

function pathProblems(path: string): readonly string[] {
  const segments = path.slice(1).split('/');
  const isPath = path.startsWith('/') && segments.every((each) => /^([A-Za-z0-9._~-]+|\{tenant\})$/.test(each));
  if (!isPath) {
    return [
      `path must begin with '/' and have segments of letters, digits, '.', '_', '~', '-' or '${TENANT_SEGMENT}', such as '/webhooks/${TENANT_SEGMENT}/carrier', got ${shown(path)}`,
    ];
  }
  return segments.filter((each) => each === TENANT_SEGMENT).length > 1
    ? [`path must have '${TENANT_SEGMENT}' once, got ${shown(path)}`]
    : [];
}

function eventProblems(events: Readonly<Record<string, WebhookEvent>>): readonly string[] {
  const entries = Object.entries(events);
  if (entries.length === 0) return ['events must have at least one type, got none'];
  return entries.flatMap(([type, event]) => {
    if (type === UNUSABLE_NAME) return [`events must not have a type '${UNUSABLE_NAME}'`];
    if (typeof event?.schema?.['~standard']?.validate !== 'function' || typeof event.translate !== 'function') {
      return [
        `events must be results of 'on' with a schema that speaks Standard Schema, got ${shown(event)} for '${type}'`,
      ];
    }
    // a missing or circular import is undefined
    const missing = event.publishes.findIndex((each: EventDefinition | undefined) => typeof each?.type !== 'string');
    return missing === -1
      ? []
      : [
          `'${type}' must publish results of defineEvent, got ${shown(event.publishes[missing])} at position ${missing + 1}`,
        ];
  });
}
