/** Calls to external systems behind a time-out, retries, a circuit breaker and a bulkhead. */
export * from './index.ts';
