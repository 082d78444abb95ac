import type { Caller } from '../endpoint/service.ts';
import type { Input } from './input.ts';

/** One action of the API. */
export type Operation = (input: Input, caller: Caller) => object | Promise<object>;

export type Operations = Readonly<Record<string, Operation>>;
