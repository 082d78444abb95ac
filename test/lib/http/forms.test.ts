import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { defineApi, defineRoute } from '../../../lib/definitions/index.ts';
import { openApiOf } from '../../../lib/http/openapi.ts';
import { readRequest } from '../../../lib/http/read-request.ts';
import { eventOf } from './api-rig.ts';

const route = defineRoute({
  key: 'POST /token',
  scopes: 'public',
  body: z.strictObject({
    grant: z.string(),
    scope: z.union([z.string(), z.array(z.string())]).optional(),
    __proto__: z.string().optional(),
  }),
  form: true,
  answers: { 204: { description: 'ok' } },
});

const FORM = 'application/x-www-form-urlencoded';

function bodyOf(body: string | Buffer, type: string = FORM) {
  const headers = { 'content-type': type };
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(body);
  return readRequest(route, eventOf('POST /token', { headers, body: bytes }), headers, bytes).then(
    (parts) => parts.body,
  );
}

describe('a route that takes forms', () => {
  it.each([
    ['grant=a', { grant: 'a' }],
    ['grant=a+b%20c%2B&scope=', { grant: 'a b c+', scope: '' }],
    ['grant=%C3%A9', { grant: 'é' }],
    ['grant=a&scope=x&scope=y', { grant: 'a', scope: ['x', 'y'] }],
  ])('reads %s', async (body, expected) => {
    expect(await bodyOf(body)).toStrictEqual(expected);
  });

  it.each([FORM, `${FORM}; charset=UTF-8`, 'Application/X-WWW-Form-URLencoded'])('reads them as %s', async (type) => {
    expect(await bodyOf('grant=a', type)).toStrictEqual({ grant: 'a' });
  });

  it('still reads JSON', async () => {
    expect(await bodyOf('{"grant":"a"}', 'application/json')).toStrictEqual({ grant: 'a' });
  });

  it.each<[string, string | Buffer, string, string]>([
    ['another type', 'grant=a', 'text/plain', 'CONTENT_TYPE_UNSUPPORTED'],
    ['a type that begins alike', 'grant=a', `${FORM}2`, 'CONTENT_TYPE_UNSUPPORTED'],
    ['bytes that are not UTF-8', Buffer.from([0x61, 0x3d, 0xff]), FORM, 'BODY_INVALID'],
    ['a field that is repeated where one is due', 'grant=a&grant=b', FORM, 'REQUEST_INVALID'],
    ['a field that is unknown', 'grant=a&more=1', FORM, 'REQUEST_INVALID'],
    ['nothing', '', FORM, 'REQUEST_INVALID'],
  ])('refuses %s', async (_, body, type, code) => {
    await expect(bodyOf(body, type)).rejects.toMatchObject({ code });
  });

  it('takes a field called __proto__ for a field', async () => {
    await expect(bodyOf('grant=a&__proto__=b&__proto__=c')).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
    expect(({} as Record<string, unknown>)['b']).toBeUndefined();
  });

  it('says so in its description', () => {
    const api = defineApi({ name: 'issuer', title: 'Issuer', version: '1.0.0', routes: [route] });

    expect(openApiOf([api])).toMatchObject({
      paths: {
        '/token': {
          post: { requestBody: { content: { 'application/json': {}, [FORM]: { schema: { type: 'object' } } } } },
        },
      },
    });
  });
});
