import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PLANTED_IN_READS } from '../faults/planted-in-reads.ts';
import { PLANTED_IN_TEMPLATES } from '../local/planted/planted-in-templates.ts';

const ROOT = join(import.meta.dirname, '../..');

/** The table of docs/testing.md: fault, what is left out, who finds it. */
const rows = readFileSync(join(ROOT, 'docs/testing.md'), 'utf8')
  .split('### Planted faults of reads and of the template')[1]
  ?.split('\n## ')[0]
  ?.split('\n')
  .filter((line) => line.startsWith('| '))
  .slice(2)
  .map((line) => line.slice(2, -2).split(' | '));

describe('the list of planted faults', () => {
  it('has every one of the reads, with who finds it', () => {
    const listed = rows?.filter(([, , finder]) => finder?.startsWith('schedules')).map(([name]) => name);

    expect(listed).toStrictEqual(Object.keys(PLANTED_IN_READS));
  });

  it('has every one of the template, with what is left out', () => {
    const listed = rows?.filter(([, , finder]) => finder === 'updates').map(([name, lacks]) => [name, lacks]);

    expect(listed).toStrictEqual(Object.entries(PLANTED_IN_TEMPLATES).map(([name, { lacks }]) => [name, lacks]));
  });

  it('names tests that there are', () => {
    const named = (rows ?? []).flatMap(([, , finder = '']) => finder.match(/[^` ]*test\/[^`]+\.test\.ts/g) ?? []);
    // a team may delete the example
    const files = named.filter((file) => !file.startsWith('examples/') || existsSync(join(ROOT, 'examples/shop')));

    expect(named).toHaveLength(3);
    expect(globSync(files, { cwd: ROOT }).toSorted()).toStrictEqual(files.toSorted());
  });
});
