import type { Caller, JsonObject } from '../endpoint/service.ts';

/** Answers one kind of request; synchronous unless it has to be otherwise, so that nothing comes in between. */
export type Operation = (input: JsonObject, caller: Caller) => object | Promise<object>;

export type Operations = { readonly [name: string]: Operation };
