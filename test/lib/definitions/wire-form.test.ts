import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import * as mini from 'zod/mini';
import { defineEvent } from '../../../lib/definitions/index.ts';

const define = (schema: z.ZodType | mini.ZodMiniType) =>
  defineEvent({ type: 'com.example.happened', source: '/shop', version: 1, schema });

describe('an event with a schema that no JSON satisfies', () => {
  it.each<[string, z.ZodType | mini.ZodMiniType, string]>([
    [
      'a Date',
      z.object({ placedAt: z.date() }),
      "schema must accept JSON: 'placedAt' must not be a Date: write z.iso.datetime(), with .transform((text) => new Date(text)) where handlers are to get a Date",
    ],
    ['a Date of zod/mini', mini.object({ placedAt: mini.date() }), "'placedAt' must not be a Date"],
    [
      'an optional BigInt',
      z.object({ total: z.bigint().optional() }),
      "'total' must not be a BigInt: write z.string()",
    ],
    ['a Map in a list', z.object({ lines: z.array(z.map(z.string(), z.number())) }), "'lines.[]' must not be a Map"],
    ['a Set in a record', z.object({ tags: z.record(z.string(), z.set(z.string())) }), "'tags.*' must not be a Set"],
    ['a Date in a tuple', z.object({ span: z.tuple([z.string(), z.date()]) }), "'span.1' must not be a Date"],
    ['nothing but Dates', z.date(), 'the data must not be a Date'],
    [
      'a Date or a Map',
      z.object({ at: z.union([z.date(), z.map(z.string(), z.string())]) }),
      "'at' must not be a Date",
    ],
    ['a Date that is made a text', z.object({ at: z.date().transform(String) }), "'at' must not be a Date"],
    ['a Date in one of two', z.intersection(z.object({ a: z.string() }), z.object({ b: z.date() })), "'b' must not be"],
    ['a Date with a default', z.object({ at: z.date().default(new Date(0)).readonly() }), "'at' must not be a Date"],
  ])('is refused by defineEvent: %s', (_, schema, message) => {
    expect(() => define(schema)).toThrow(message);
  });

  it('is refused with a message that names every problem', () => {
    expect(() => define(z.object({ from: z.date(), to: z.date() }))).toThrow(/'from' must not be .*; 'to' must not be/);
  });
});

it.each<[string, z.ZodType]>([
  ['a text that handlers get as a Date', z.object({ at: z.iso.datetime().transform((text) => new Date(text)) })],
  ['a text that is checked as a Date afterwards', z.object({ at: z.iso.datetime().pipe(z.coerce.date()) })],
  ['a codec', z.object({ at: z.codec(z.string(), z.date(), { decode: (text) => new Date(text), encode: String }) })],
  ['what is coerced to a Date', z.object({ at: z.coerce.date() })],
  ['a text or a Date', z.object({ at: z.union([z.string(), z.date()]) })],
  ['anything', z.object({ at: z.unknown(), custom: z.custom<Date>() })],
])('accepts a schema with %s', (_, schema) => {
  expect(define(schema).schema).toBe(schema);
});

it('accepts a schema that refers to itself', () => {
  const Category = z.object({
    name: z.string(),
    get parents() {
      return z.array(Category);
    },
  });

  expect(define(Category).schema).toBe(Category);
  expect(() => define(z.object({ category: Category, at: z.date() }))).toThrow("'at' must not be a Date");
});
