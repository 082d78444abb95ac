import type { JsonObject } from '../endpoint/service.ts';

/** Some of a service's operations, by name; each answers with its output or throws an AwsError. */
export type Operations = Readonly<Record<string, (input: JsonObject) => object>>;
