import { defineApi, defineRoute } from '../../../lib/definitions/index.ts';

/** Beside a webhook, under one address. */
export const statusApi = defineApi({
  name: 'status',
  version: '1',
  routes: [defineRoute({ key: 'GET /status', scopes: 'public', answers: { 204: { description: 'It works' } } })],
});
