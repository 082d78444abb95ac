export { IdempotencyKeyReusedError } from './errors.ts';
