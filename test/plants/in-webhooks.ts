import type { Plant } from './plant.ts';

const refused = (name: string, file: string, code: string, instead = ''): Plant => ({
  name,
  file: `lib/webhook/${file}.ts`,
  code,
  instead,
  tests: 'test/lib/webhook/refusals.test.ts',
});

/** The guards of webhooks, by the numbers of docs/webhooks.md. API Gateway has those of 33 and 34. */
export const PLANTED_IN_WEBHOOKS: readonly Plant[] = [
  refused(
    '1, 2 a missing signature is not told from a wrong one',
    'standard-webhooks',
    `if (header === '') return new Refused('signature-missing', "no header 'webhook-signature'");`,
  ),
  refused(
    '3 to 10, 18 a wrong signature is accepted',
    'receiver',
    "if (verdict === 'mismatch') return new Refused('signature-mismatch');",
  ),
  refused(
    '11, 12 a time is not compared',
    'receiver',
    'if (Math.abs(ageSeconds) <= toleranceSeconds) return claim;',
    'return claim;',
  ),
  refused(
    '12 a time ahead is accepted',
    'receiver',
    'Math.abs(ageSeconds) <= toleranceSeconds',
    'ageSeconds <= toleranceSeconds',
  ),
  refused(
    '13 a time may have letters behind it',
    'signature',
    '/^[1-9]\\d{0,11}$/.test(text) ? Number(text) : undefined',
    'Number.parseInt(text, 10)',
  ),
  refused(
    '14 a missing time is not told from a wrong one',
    'hmac-scheme',
    "if (text === '') return new Refused('timestamp-missing'",
    "if (text === 'never') return new Refused('timestamp-missing'",
  ),
  refused(
    '15 a signature of an unknown version is taken for sha256',
    'standard-webhooks',
    'if (algorithm === undefined) continue;',
  ),
  refused(
    '16 a digest may be short',
    'signature',
    'return bytes === undefined || decoded.length === bytes ? decoded : undefined;',
    'return decoded;',
  ),
  refused('17 base64 need not be canonical', 'signature', "if (decoded.toString('base64') !== text) return undefined;"),
  refused(
    '18 base64 of the body is taken for the body',
    'request',
    "event.isBase64Encoded ? 'base64' : 'utf8'",
    "'utf8'",
  ),
  refused(
    '20 a challenge is answered before its signature is verified',
    'receiver',
    '    if (claim instanceof Refused) return claim;\n    const body',
    "    if (claim instanceof Refused) return request.body.includes('challenge') ? { statusCode: 200, body: 'c-1' } : claim;\n    const body",
  ),
  refused(
    '21 an unknown tenant is told from a wrong signature',
    'receiver',
    "return new Refused('tenant-unknown', 'no secret');",
    "throw new Unavailable('secret-unreadable', undefined);",
  ),
  refused('22 a body that is not JSON is empty', 'parse-body', "return new Refused('not-json');", 'return {};'),
  refused('23 bytes that are not UTF-8 are replaced', 'parse-body', 'fatal: true', 'fatal: false'),
  refused('24 the schema is not asked', 'receiver', 'if (parsed.issues !== undefined) {', 'if (false) {'),
  refused('25 an id may be missing', 'receiver', "if (id === '') return new Refused('id-missing');"),
  refused('26 an id may have dots', 'receiver', "!scheme.idsHaveDots && id.includes('.')", 'false'),
  refused('26 an id may be long', 'receiver', 'if (id.length > LONGEST_ID)', 'if (false)'),
  refused(
    '27 __proto__ may be a member',
    'parse-body',
    "if (level.some((each) => Object.hasOwn(each, UNUSABLE_NAME))) return 'unsafe-member';",
  ),
  refused('28 header and body may differ in the type', 'hmac-scheme', '&& named !== own', '&& false'),
  refused('29 a body may be large', 'receiver', 'if (body.length > webhook.maxBytes) {', 'if (false) {'),
  refused(
    '30 a body may be compressed',
    'receiver',
    "if (headers.has('content-encoding')) return new Refused('encoded');",
  ),
  refused('31 a form may come where JSON is due', 'receiver', 'return fits ? undefined', 'return true ? undefined'),
  refused('32 GET is taken', 'receiver', "if (method !== 'POST') return new Refused('method-not-allowed');"),
  refused('35 a retired webhook goes on', 'receiver', "if (webhook.retired) return new Refused('retired');"),
  refused(
    '36 an id may come again',
    'delivery-record',
    "ConditionExpression: 'attribute_not_exists(#id)'",
    "ConditionExpression: 'attribute_exists(#id) OR attribute_not_exists(#id)'",
  ),
  refused('37 content is not recorded', 'delivery-record', 'if (!isIdSigned) put(', 'if (false) put('),
];
