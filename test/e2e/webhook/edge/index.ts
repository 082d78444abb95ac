import { api } from '../../../../lib/runtime/api.ts';
import { statusApi } from '../status-api.ts';

export const handler = api(statusApi, { 'GET /status': () => ({ status: 204 }) });
