import fc from 'fast-check';
import { JANE } from './api-rig.ts';

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '',
    '*',
    '"1"',
    '__proto__',
    'constructor',
    '../..',
    '%',
    '\u0000',
    'é',
    '{}',
    'application/json',
    'gzip',
  ),
);

const json = fc.oneof(
  fc.json({ depthSize: 'medium' }),
  fc
    .record({ product: fc.oneof(fc.constant('lamp'), text), quantity: fc.oneof(fc.integer(), fc.double()) })
    .map((value) => JSON.stringify(value)),
  fc.constantFrom(
    '{"__proto__":{"product":"lamp"},"quantity":1}',
    '{"constructor":{"prototype":{}},"product":"lamp","quantity":1}',
    '{"product":"\\udfff","quantity":1}',
    '{"product":"lamp","product":"x","quantity":1e400}',
    `${'{"a":'.repeat(500)}1${'}'.repeat(500)}`,
  ),
);

/** Often what is expected, so that requests get far. */
const mostly = <Value>(value: Value, other: fc.Arbitrary<Value>) =>
  fc.oneof({ weight: 4, arbitrary: fc.constant(value) }, { weight: 1, arbitrary: other });

const headers = fc.record(
  {
    'content-type': mostly('application/json', text),
    'idempotency-key': fc.oneof(fc.uuid(), fc.constant('k-1'), text),
    'if-match': fc.oneof(fc.constantFrom('"1"', '"2"', '*'), text),
    'content-encoding': text,
    'if-none-match': text,
    'x-correlation-id': text,
    traceparent: text,
    tracestate: text,
    'x-tenant-id': text,
  },
  { requiredKeys: ['content-type', 'idempotency-key', 'if-match'] },
);

/** A request of any kind, often of a kind that is accepted. */
export const anyRequest = fc.record(
  {
    headers: fc.oneof(
      headers,
      headers.map(({ 'content-encoding': _, ...others }) => others),
    ),
    body: fc.oneof(
      fc.constant('{"product":"lamp","quantity":2}'),
      json,
      text,
      fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    ),
    query: fc.oneof(fc.webQueryParameters(), text),
    params: fc.record({ orderId: fc.oneof(fc.constant('o-1'), text) }),
    claims: fc.oneof(
      { weight: 5, arbitrary: fc.constant(JANE) },
      { weight: 1, arbitrary: fc.constant(null) },
      { weight: 2, arbitrary: fc.dictionary(fc.constantFrom('sub', 'scope', 'scp', 'tenant', '__proto__'), text) },
    ),
  },
  { requiredKeys: ['headers', 'params', 'body'] },
);
