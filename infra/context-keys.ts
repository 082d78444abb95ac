import { nearestOf } from '../lib/shared/nearest.ts';

/** CDK context keys that an app reads. */
export interface ContextKeys {
  /** Each key with its common misspellings. */
  readonly keys?: Readonly<Record<string, readonly string[]>>;
  /** Prefix of the keys that override settings, such as `setting:`. */
  readonly prefix: string;
  /** Names after the prefix. */
  readonly settingNames: readonly string[];
}

/**
 * Finds keys that are probably misspelled and would have no effect. A key that resembles none of `keys`, or whose
 * correct form is also set, belongs to another tool or the team.
 * @returns one sentence per key
 */
export function misspelledKeys(context: Readonly<Record<string, unknown>>, ours: ContextKeys): readonly string[] {
  const { keys = {}, prefix, settingNames } = ours;
  return Object.entries(context).flatMap(([given, value]) => {
    const setting = meantSetting(given, prefix, settingNames);
    if (setting !== undefined) return [`${given} is not read: did you mean -c ${setting}=${String(value)}?`];
    const key = Object.keys(keys).find((name) => nearestOf(given, [name, ...(keys[name] ?? [])]) !== undefined);
    if (key === undefined || Object.hasOwn(context, key)) return [];
    return [
      `${given} is not read: did you mean -c ${key}=${String(value)}? If ${given} is a key of your own, give ${key} as well`,
    ];
  });
}

/** The setting that a misspelled key probably means. */
function meantSetting(given: string, prefix: string, settingNames: readonly string[]): string | undefined {
  if (given.startsWith(prefix)) return undefined;
  const at = given.indexOf(':') + 1;
  if (nearestOf(given.slice(0, at), [prefix]) === undefined) return undefined;
  const name = nearestOf(given.slice(at), settingNames);
  return name === undefined ? undefined : `${prefix}${name}`;
}
