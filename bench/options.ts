import { parseArgs } from 'node:util';
import type { Measures } from './area.ts';
import { AREAS, type AreaName, isAreaName } from './areas.ts';

/** An area and those of its measurements that were named. */
export interface Chosen {
  readonly area: AreaName;
  /** All if it is empty. */
  readonly measures: readonly string[];
}

export type Command =
  | { readonly kind: 'help' }
  | { readonly kind: 'refused'; readonly problem: string }
  | { readonly kind: 'run'; readonly chosen: readonly Chosen[]; readonly json: boolean };

const NAMES = Object.keys(AREAS).filter(isAreaName);

export function readCommand(args: readonly string[]): Command {
  const { values, positionals, tokens } = parseArgs({
    args: [...args],
    options: { json: { type: 'boolean' }, help: { type: 'boolean' } },
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  if (values['help'] === true) return { kind: 'help' };
  const unknown = tokens.find((token) => token.kind === 'option' && !['json', 'help'].includes(token.name));
  if (unknown?.kind === 'option') {
    return { kind: 'refused', problem: `unknown option '${unknown.rawName}': allowed are --json, --help` };
  }
  const chosen = chosenIn(positionals);
  if (typeof chosen === 'string') return { kind: 'refused', problem: chosen };
  const all = NAMES.map((area) => ({ area, measures: [] }));
  return { kind: 'run', chosen: chosen.length > 0 ? chosen : all, json: values['json'] === true };
}

/** A name that is no area's is a measurement of the area before it. @returns the problem if there is none before it */
function chosenIn(names: readonly string[]): readonly Chosen[] | string {
  const chosen: { readonly area: AreaName; readonly measures: string[] }[] = [];
  for (const name of names) {
    const area = chosen.at(-1);
    if (isAreaName(name)) chosen.push({ area: name, measures: [] });
    else if (area === undefined) return `no area '${name}': allowed are ${NAMES.join(', ')}`;
    else area.measures.push(name);
  }
  return chosen;
}

/** @returns what is wrong with the measurements that were named; loads the code of their areas */
export async function problemOf(
  chosen: readonly Chosen[],
  measuresOf: (area: AreaName) => Promise<Measures>,
): Promise<string | undefined> {
  for (const { area, measures } of chosen) {
    if (measures.length === 0) continue;
    const known = Object.keys(await measuresOf(area));
    const wrong = measures.filter((measure) => !known.includes(measure));
    if (wrong.length > 0) {
      return `no area and no measurement of ${area} is named '${wrong.join("', '")}': allowed are the measurements ${known.join(', ')} and the areas ${NAMES.join(', ')}`;
    }
  }
  return undefined;
}

export const helpText = (): string =>
  [
    'Measures, and holds every figure against a limit or a baseline of the same run.',
    '',
    'Usage: npm run bench -- [area [measurement ...] ...] [--json]',
    '',
    'Areas (default: all, one after another, each in a process of its own):',
    ...NAMES.map((name) => `  ${name.padEnd(10)} ${AREAS[name]}`),
    '',
    'A measurement of an area is named behind it, as in: npm run bench -- path claims growth starts',
    'Default: all of the area. A wrong name is answered with those that there are.',
    '',
    'Options:',
    '  --json     one JSON object as the last line on stdout; all else on stderr',
    '  --help     show this',
    '',
    'Exit status: 0 when everything was measured, whatever the figures say; 1 when something was not; 2 for wrong options.',
    '',
  ].join('\n');
