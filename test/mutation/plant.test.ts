import { describe, expect, it } from 'vitest';
import { mutantsOf, plant, SWITCH } from './plant.ts';
import { installSwitch } from './planted-switch.ts';

const changesOf = (source: string) =>
  mutantsOf('code.ts', source, 1).map(({ operator, original, replacement }) => [operator, original, replacement]);

describe('the mutants of a file', () => {
  it.each([
    ['const a = b < c;', [['<=', '>='], 'b < c', 'comparison']],
    ['const a = b === c;', [['!=='], 'b === c', 'comparison']],
  ])('replace comparisons: %s', (source, [operators, original, operator]) => {
    const others = (operators as string[]).map((other) => [operator, original, `b ${other} c`]);

    expect(changesOf(source)).toStrictEqual([
      ...others,
      ['condition', original, 'true'],
      ['condition', original, 'false'],
    ]);
  });

  it.each([
    ['if (a) b += 1;', ['condition', 'a', 'true'], ['condition', 'a', 'false'], ['assignment', 'b += 1', 'b -= 1']],
    ['while (a) b++;', ['condition', 'a', 'false'], ['update', 'b++', 'b--']],
    ['const a = b && c;', ['logical', 'b && c', '(b) || (c)']],
    ['const a = b ?? c;', ['logical', 'b ?? c', '(b) && (c)']],
    ['const a = !b;', ['negation', '!b', 'b']],
    ['const a = b * 1000;', ['arithmetic', 'b * 1000', 'b / 1000']],
    ["const a = 'x' + b;", ['literal', "'x'", "''"]],
    ['const a = true;', ['literal', 'true', 'false']],
    ['const a = `b`;', ['text', '`b`', '``']],
    ['const a = [b];', ['array', '[b]', '[]']],
    ['const a = b?.c.d?.(e);', ['optional', 'b?.c.d?.(e)', 'b?.c.d(e)'], ['optional', 'b?.c.d?.(e)', 'b.c.d?.(e)']],
    ['const a = b.sort();', ['method', 'b.sort()', 'b']],
    ['const a = b.some(c);', ['method', 'b.some(c)', 'b.every(c)']],
    ['const a = (b: string) => c;', ['function', 'c', 'undefined']],
    ['function a() { return b; }', ['block', '{ return b; }', '']],
    ['await a.b();', ['call', 'await a.b();', '']],
  ])('change each statement and value: %s', (source, ...changes) => {
    expect(changesOf(source)).toStrictEqual(changes);
  });

  it('omit each member that is passed to AWS', () => {
    expect(changesOf('call({ Key: a, ConsistentRead: b, name: c });')).toStrictEqual([
      ['call', 'call({ Key: a, ConsistentRead: b, name: c });', ''],
      ['object', '{ Key: a, ConsistentRead: b, name: c }', '{}'],
      ['member', '{ Key: a, ConsistentRead: b, name: c }', '{ ConsistentRead: b, name: c }'],
      ['member', '{ Key: a, ConsistentRead: b, name: c }', '{ Key: a, name: c }'],
    ]);
  });

  it.each([
    "import { a } from 'b';",
    "export * from 'b';",
    "type A = 'b' | 'c';",
    "interface A { readonly 'b': 'c' }",
    'declare const a: readonly [true];',
  ])('are none if the code does not run: %s', (source) => {
    expect(changesOf(source)).toStrictEqual([]);
  });

  it('are numbered from a given number, and have line numbers', () => {
    const mutants = mutantsOf('code.ts', 'const a = !b;\n\nconst c = !d;\n', 7);

    expect(mutants.map(({ id, line }) => [id, line])).toStrictEqual([
      [7, 1],
      [8, 3],
    ]);
  });
});

describe('a file with mutants planted', () => {
  const SOURCE =
    'function sum(list) { let total = 0; for (const n of list) { if (n > 1) total += n; } return total; } return sum';
  const body = `function run() { ${SOURCE}([1, 2, 3]); }`;
  const mutants = mutantsOf('code.js', body, 1);
  const planted = plant(body, mutants);
  const results = (active: number): unknown => {
    const state = installSwitch();
    state.active = active;
    return new Function(SWITCH, `${planted} return run();`)((globalThis as Record<string, unknown>)[SWITCH]);
  };

  it('behaves like the original file if no mutant is active', () => {
    expect(results(0)).toBe(5);
  });

  it.each([
    ['comparison', 'n >= 1', 6],
    ['comparison', 'n <= 1', 1],
    ['condition', 'true', 6],
    ['condition', 'false', 0],
    ['assignment', 'total -= n', -5],
  ])('behaves like the active mutant: %s %s', (operator, replacement, result) => {
    const mutant = mutants.find((each) => each.operator === operator && each.replacement === replacement);

    expect(results(mutant?.id ?? 0)).toBe(result);
  });

  it('reports which mutants are reached, and stops endless loops', () => {
    const state = installSwitch();
    const heard = new Set<number>();
    state.heard = heard;
    results(0);
    const { heard: outside } = installSwitch();

    expect(outside).toStrictEqual(new Set());
    const other = installSwitch();
    other.mostSteps = 1;
    const ask = (globalThis as Record<string, unknown>)[SWITCH] as (mutant: number) => boolean;
    expect(ask(1)).toBe(false);
    expect(() => ask(2)).toThrow('a planted mutant runs in circles');
    expect([...(other.heard ?? [])]).toStrictEqual([1]);
  });
});
