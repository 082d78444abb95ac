import { parseArgs } from 'node:util';
import { AREAS, type AreaName, isAreaName } from './areas.ts';

export type Command =
  | { readonly kind: 'help' }
  | { readonly kind: 'refused'; readonly problem: string }
  | { readonly kind: 'run'; readonly areas: readonly AreaName[]; readonly json: boolean };

const NAMES = Object.keys(AREAS);

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
  const wrong = positionals.filter((name) => !isAreaName(name));
  if (wrong.length > 0) {
    return { kind: 'refused', problem: `no area '${wrong.join("', '")}': allowed are ${NAMES.join(', ')}` };
  }
  const chosen = positionals.filter(isAreaName);
  const areas = chosen.length > 0 ? chosen : NAMES.filter(isAreaName);
  return { kind: 'run', areas, json: values['json'] === true };
}

export const helpText = (): string =>
  [
    'Measures, and holds every figure against a limit or a baseline of the same run.',
    '',
    'Usage: npm run bench -- [area ...] [--json]',
    '',
    'Areas (default: all, one after another, each in a process of its own):',
    ...NAMES.filter(isAreaName).map((name) => `  ${name.padEnd(10)} ${AREAS[name]}`),
    '',
    'Options:',
    '  --json     one JSON object as the last line on stdout; all else on stderr',
    '  --help     show this',
    '',
    'Exit status: 0 when everything was measured, whatever the figures say; 1 when something was not; 2 for wrong options.',
    '',
  ].join('\n');
