import fc from 'fast-check';
import type { WireRequest } from '../../../fixtures/send-over-wire.ts';

/** A request that a service takes, before anything is done to it. */
export interface ValidInput {
  readonly operation: string;
  readonly input: unknown;
}

/** Of one member, somewhere in an input. */
type Change = (value: unknown) => unknown;

const deep = (levels: number): unknown => {
  let value: unknown = 'x';
  for (let level = 0; level < levels; level++) value = level % 2 === 0 ? [value] : { M: value };
  return value;
};

/** What programs send by mistake, and what trips parsers. */
const ODD_TEXTS = [
  '',
  ' ',
  'x'.repeat(2_000),
  '\u0000',
  '\uD800',
  '\u{1F600}'.repeat(40),
  '__proto__',
  'constructor',
  '%',
  '<a>&"',
  '{"a":',
  '['.repeat(3_000),
  `${'{"a":'.repeat(20_000)}[1]${'}'.repeat(20_000)}`,
  `${'['.repeat(50_000)}${']'.repeat(50_000)}`,
  '[]',
  'null',
  '-1',
  '1e400',
  '*'.repeat(60),
  '*a'.repeat(60),
  '((((a = :v))))',
  '$.a[',
  'arn:aws:sqs:eu-central-1:111122223333:none',
  'arn:',
  'rate(99999999999999999999 days)',
  'cron(0/0 1-99999999 ? * * *)',
  'at(9999-99-99T99:99:99)',
];

const odd: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(null, true, false, 0, -1, 1.5, 1e308, -1e308, 2 ** 53, [], {}, [null], [[]], { '': '' }),
  fc.constantFrom<unknown>(...ODD_TEXTS),
  fc.constantFrom<unknown>(deep(40), deep(900), { S: 1 }, { N: 'x' }, { L: [null] }, { M: { a: null } }),
  fc.constantFrom<unknown>(
    Array.from({ length: 200 }, () => ({})),
    Array.from({ length: 101 }, () => 'a'),
  ),
  fc.jsonValue({ maxDepth: 3 }),
);

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** Applies `change` to the member that `picks` lead to; undefined from `change` takes it away. */
function changeAt(value: unknown, picks: readonly number[], change: Change): unknown {
  const [pick = 0, ...rest] = picks;
  const names = isRecord(value) ? Object.keys(value) : [];
  const name = names[pick % Math.max(names.length, 1)];
  if (!isRecord(value) || name === undefined || rest.length === 0) return change(value);
  const changed = changeAt(value[name], rest, change);
  const entries = Object.entries(value).flatMap(([key, each]) => {
    if (key !== name) return [[key, each] as const];
    return changed === undefined ? [] : [[key, changed] as const];
  });
  return Array.isArray(value) ? entries.map(([, each]) => each) : Object.fromEntries(entries);
}

const change: fc.Arbitrary<Change> = fc.oneof(
  odd.map((value) => () => value),
  fc.constant(() => undefined),
  fc.constant((value: unknown) => [value]),
  fc.constant((value: unknown) => [value, value, value, value, value, value, value, value, value, value, value, value]),
  fc.tuple(fc.constantFrom(...ODD_TEXTS, 'Unknown'), odd).map(([name, more]) => (value: unknown) => {
    return isRecord(value) && !Array.isArray(value) ? { ...value, [name]: more } : more;
  }),
);

const picks = fc.array(fc.nat({ max: 1_000 }), { minLength: 1, maxLength: 6 });

/** A valid input of one of the operations, with one to three members changed. */
const changedInput = (valid: readonly ValidInput[]): fc.Arbitrary<ValidInput> =>
  fc
    .tuple(fc.constantFrom(...valid), fc.array(fc.tuple(picks, change), { minLength: 1, maxLength: 3 }))
    .map(([{ operation, input }, changes]) => ({
      operation,
      input: changes.reduce((value, [path, apply]) => changeAt(value, path, apply), input),
    }));

const ODD_OPERATIONS = [
  '',
  'Nothing',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'ListTables.ListTables',
];

/** What is no JSON object, or no JSON, or more of it than there should be. */
const oddBody = (body: string): fc.Arbitrary<string | Buffer> =>
  fc.oneof(
    fc.nat({ max: Math.max(body.length - 1, 0) }).map((length) => body.slice(0, length)),
    fc.constantFrom(
      '',
      'null',
      '[]',
      '1',
      '"x"',
      `${body}${body}`,
      '{"__proto__":{"a":1}}',
      `{"a":${'['.repeat(100_000)}`,
    ),
    fc.constantFrom(`${'['.repeat(50_000)}${']'.repeat(50_000)}`, `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`),
    fc.uint8Array({ minLength: 1, maxLength: 64 }).map((bytes) => Buffer.from(bytes)),
  );

/** Requests of a JSON service: changed inputs for the most part, else odd bodies and operations. */
export const jsonRequests = (
  prefix: string,
  signingName: string,
  version: '1.0' | '1.1',
  valid: readonly ValidInput[],
): fc.Arbitrary<WireRequest> => {
  const send = (operation: string, body: string | Uint8Array): WireRequest => ({
    method: 'POST',
    headers: {
      ...authorization(signingName),
      'content-type': `application/x-amz-json-${version}`,
      // a header cannot hold everything that an operation could be called
      'x-amz-target': `${prefix}.${operation}`,
    },
    body,
  });
  const changed = changedInput(valid).map(({ operation, input }) => send(operation, JSON.stringify(input ?? null)));
  const garbled = fc
    .constantFrom(...valid)
    .chain(({ operation, input }) => oddBody(JSON.stringify(input)).map((body) => send(operation, body)));
  const unknown = fc.constantFrom(...ODD_OPERATIONS).map((operation) => send(operation, '{}'));
  return fc.oneof(
    { weight: 8, arbitrary: changed },
    { weight: 2, arbitrary: garbled },
    { weight: 1, arbitrary: unknown },
  );
};

export const authorization = (signingName: string) => ({
  authorization: `AWS4-HMAC-SHA256 Credential=local/20260101/eu-central-1/${signingName}/aws4_request, SignedHeaders=host, Signature=0`,
});

/** Flattened as the query protocol writes members: `Entry.1.Id=a`, with changes among names and values. */
export const queryRequests = (
  signingName: string,
  valid: readonly (readonly [string, string])[][],
): fc.Arbitrary<WireRequest> => {
  const name = fc.oneof(
    fc.constantFrom(
      '',
      '.',
      '..',
      'Attribute.',
      '__proto__.1.Name',
      `${'a.'.repeat(5_000)}b`,
      'Attribute.99999999999999999999.Name',
    ),
    fc.constantFrom(...ODD_TEXTS),
  );
  const value = fc.constantFrom(...ODD_TEXTS);
  const step = fc.tuple(
    fc.constantFrom('drop', 'rename', 'revalue', 'add', 'repeat'),
    fc.nat({ max: 100 }),
    name,
    value,
  );
  return fc
    .tuple(fc.constantFrom(...valid), fc.array(step, { minLength: 1, maxLength: 3 }))
    .map(([parameters, steps]) => {
      let changed = [...parameters];
      for (const [kind, at, oddName, oddValue] of steps) {
        const index = at % Math.max(changed.length, 1);
        const [ownName = oddName, ownValue = oddValue] = changed[index] ?? [];
        if (kind === 'drop') changed = changed.filter((_, other) => other !== index);
        else if (kind === 'add') changed = [...changed, [oddName, oddValue]];
        else if (kind === 'repeat') changed = [...changed, [ownName, oddValue]];
        else changed = changed.toSpliced(index, 1, kind === 'rename' ? [oddName, ownValue] : [ownName, oddValue]);
      }
      return {
        method: 'POST',
        headers: { ...authorization(signingName), 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams(
          changed.map(([key, text]): [string, string] => [key, text.toWellFormed()]),
        ).toString(),
      };
    });
};

const ODD_SEGMENTS = [
  '',
  '%',
  '%FF',
  '%00',
  '..',
  '.',
  '%2F',
  'x'.repeat(300),
  '__proto__',
  '{',
  'a%20b',
  'none',
  '%F0%9F%98%80',
];
const ODD_METHODS = ['GET', 'HEAD', 'PUT', 'POST', 'DELETE', 'PATCH', 'OPTIONS'];

export interface RestTemplate {
  readonly method: string;
  /** Segments of the path. */
  readonly segments: readonly string[];
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** Requests of a REST service, changed in method, path, query, headers and body. */
export const restRequests = (
  headers: Readonly<Record<string, string>>,
  valid: readonly RestTemplate[],
  oddQueries: readonly string[],
  oddHeaders: readonly Readonly<Record<string, string>>[],
): fc.Arbitrary<WireRequest> => {
  const textOf = (body: unknown) => (typeof body === 'string' ? body : body === undefined ? '' : JSON.stringify(body));
  return fc.constantFrom(...valid).chain((template) =>
    fc
      .record({
        method: fc.oneof(
          { weight: 6, arbitrary: fc.constant(template.method) },
          { weight: 1, arbitrary: fc.constantFrom(...ODD_METHODS) },
        ),
        segment: fc.option(fc.tuple(fc.nat({ max: template.segments.length }), fc.constantFrom(...ODD_SEGMENTS)), {
          freq: 2,
        }),
        query: fc.oneof(fc.constant(template.query ?? ''), fc.constantFrom(...oddQueries)),
        more: fc.oneof(
          { weight: 2, arbitrary: fc.constant({}) },
          { weight: 1, arbitrary: fc.constantFrom(...oddHeaders) },
        ),
        body: fc.oneof(
          { weight: 1, arbitrary: fc.constant<string | Buffer>(textOf(template.body)) },
          { weight: 1, arbitrary: oddBody(textOf(template.body)) },
          {
            weight: typeof template.body === 'object' ? 6 : 0,
            arbitrary: changedInput([{ operation: '', input: template.body }]).map(({ input }) => textOf(input)),
          },
        ),
      })
      .map(({ method, segment, query, more, body }): WireRequest => {
        const segments = segment === null ? template.segments : template.segments.toSpliced(segment[0], 1, segment[1]);
        return {
          method,
          path: `/${segments.join('/')}${query === '' ? '' : `?${query}`}`,
          headers: { ...headers, ...template.headers, ...more, 'content-length': Buffer.byteLength(body) },
          body,
        };
      }),
  );
};
