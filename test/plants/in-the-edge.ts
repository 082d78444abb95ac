import type { Plant } from './plant.ts';

const TOKENS = 'test/local/http-api/jwt-authorizer.test.ts';
const REQUESTS = 'test/lib/http/requests.test.ts';
const KEYS = 'test/lib/http/idempotency.test.ts';
const VERSIONS = 'test/lib/http/preconditions.test.ts';
const APIS = 'test/local/http-api/http-apis.test.ts';

const authorizer = (name: string, code: string, instead = ''): Plant => ({
  name,
  file: 'local/http-api/jwt-authorizer.ts',
  code,
  instead,
  tests: TOKENS,
});

const inLib = (name: string, file: string, code: string, instead: string, tests: string): Plant => ({
  name,
  file: `lib/${file}.ts`,
  code,
  instead,
  tests,
});

/** The guards of HTTP APIs: those of API Gateway, as the local run has them, and those of the edge's own code. */
export const PLANTED_IN_THE_EDGE: readonly Plant[] = [
  authorizer('no token', 'if (text === undefined) {', 'if (false) {'),
  inLib(
    'no token, without an authorizer',
    'http/principal',
    "throw problem('TOKEN_MISSING')",
    "return { subject: 'nobody', scopes: [], tenantId: 'acme', claims: {} }",
    REQUESTS,
  ),
  authorizer('an expired token', "typeof exp !== 'number' || exp <= nowSeconds", "typeof exp !== 'number'"),
  authorizer('a token without end', "typeof exp !== 'number' || exp <= nowSeconds", 'exp <= nowSeconds'),
  authorizer('a token of the future', "typeof nbf === 'number' && nbf > nowSeconds", 'false'),
  authorizer('a token issued in the future', "typeof iat === 'number' && iat > nowSeconds", 'false'),
  authorizer('a wrong issuer', 'if (iss !== issuer) {', 'if (false) {'),
  authorizer(
    'an issuer with a slash',
    'if (iss !== issuer) {',
    "if (String(iss).replace(/\\/$/, '') !== issuer.replace(/\\/$/, '')) {",
  ),
  authorizer('a wrong audience', '!named.some((name) => audience.includes(name))', 'false'),
  authorizer('a wrong scope', 'scopes.length > 0 && !scopes.some((scope) => granted.includes(scope))', 'false'),
  inLib(
    'a wrong scope, or an ID token, without an authorizer',
    'http/principal',
    '!route.scopes.some((scope) => scopes.includes(scope))',
    'false',
    REQUESTS,
  ),
  {
    name: 'alg none, or an algorithm other than RSA',
    file: 'local/http-api/jwt.ts',
    code: "if (digest === undefined || key.kty !== 'RSA') return false;",
    instead: 'if (digest === undefined) return true;',
    tests: TOKENS,
  },
  {
    name: 'HS256 with the public key as its secret',
    file: 'local/http-api/jwt.ts',
    code: "if (digest === undefined || key.kty !== 'RSA') return false;",
    instead:
      "if (algorithm === 'HS256') return process.getBuiltinModule('node:crypto').createHmac('sha256', createPublicKey({ key, format: 'jwk' }).export({ type: 'spki', format: 'pem' })).update(signedText).digest().equals(signature);",
    tests: TOKENS,
  },
  {
    name: 'an unknown kid',
    file: 'local/http-api/key-source.ts',
    code: '.find(({ kid }) => kid === keyId)',
    instead: '[0]',
    tests: TOKENS,
  },
  {
    name: 'a rotated key, after two hours',
    file: 'local/http-api/key-source.ts',
    code: 'known === undefined || clock.now() - known.fetchedAt > KEYS_LIVE_MS',
    instead: 'known === undefined',
    tests: TOKENS,
  },
  inLib('a key that came with another body', 'http/command', ".update(body ?? '')", '', KEYS),
  inLib('a key of another user', 'http/command', 'subject ?? null, ', '', KEYS),
  inLib('a key of another tenant', 'http/command', 'tenantId ?? null, ', '', KEYS),
  inLib(
    'a key in flight',
    'http/request-writes',
    "'attribute_not_exists(#id) OR #expires < :nowSeconds OR (#status = :inProgress AND #heldUntil < :now)'",
    "'attribute_not_exists(#id) OR #expires < :nowSeconds OR #status = :inProgress OR #heldUntil < :now'",
    KEYS,
  ),
  inLib(
    'a crash before the commit',
    'http/request-writes',
    ' OR (#status = :inProgress AND #heldUntil < :now)',
    ' OR (#status = :inProgress AND #heldUntil < :now AND #heldUntil > :now)',
    KEYS,
  ),
  inLib(
    'a crash after the commit',
    'http/command',
    'const { value } = await outbox.transact(run, context, guarding);',
    'const { value } = await outbox.transact(run, context, []);',
    KEYS,
  ),
  inLib('an answer that is given up', 'http/command', '(!keep && (await requests.release(claim)))', '!keep', KEYS),
  inLib(
    'a spoofed tenant',
    'http/principal',
    'const tenant = ownMember(claims, tenantClaim);',
    "const tenant = event.headers['x-tenant-id'] ?? ownMember(claims, tenantClaim);",
    REQUESTS,
  ),
  inLib('a foreign page token', 'tenancy/page-token', 'stamp !== stampOf(owner) || ', '', REQUESTS),
  inLib('a stale If-Match', 'http/etag', 'strong.includes(etagOf(version))', 'true', VERSIONS),
  inLib('no If-Match', 'http/api-handler', "route.ifMatch === 'required' && ifMatch === undefined", 'false', VERSIONS),
  inLib(
    'racing PUTs',
    'outbox/conditions',
    "read === undefined ? 'attribute_not_exists(#read)' : '#read = :read'",
    "'attribute_not_exists(#read) OR #read = :read OR attribute_exists(#read)'",
    VERSIONS,
  ),
  inLib('repeated query values', 'http/read-request', '[before, value].flat()', 'value', REQUESTS),
  {
    name: 'CORS on errors',
    file: 'local/http-api/http-apis.ts',
    code: 'if (cors === undefined) return answer;',
    instead: 'if (cors === undefined || answer.statusCode >= 400) return answer;',
    tests: APIS,
  },
  {
    name: 'the throttle',
    file: 'local/http-api/http-apis.ts',
    code: 'if (!stage.throttleOf(route.key.text)())',
    instead: 'if (false)',
    tests: APIS,
  },
  inLib(
    'the description is another one than the committed',
    'http/openapi',
    "query !== undefined && 'PAGE_TOKEN_INVALID',",
    '',
    'test/lib/http/openapi.test.ts',
  ),
  inLib(
    'a principal is not carried on',
    'event/event-context',
    '...(principal === undefined ? {} : { principal }),',
    '',
    'test/lib/consumer/principal.test.ts',
  ),
  inLib(
    'a subject in a line of the log',
    'consumer/attempt',
    'event_id: event.id,',
    'event_id: event.id, by: event.authid,',
    'test/lib/consumer/principal.test.ts',
  ),
  inLib(
    'an event of a suspended tenant is handled',
    'consumer/attempt',
    '!(await tenants.isActive(tenantId))',
    'false',
    'test/lib/consumer/inactive-tenants.test.ts',
  ),
];
