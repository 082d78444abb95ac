import { parseEvent } from '../../../lib/event/index.ts';
import { compareVersions } from '../../../lib/sync/compare-versions.ts';
import type { Product, Row } from '../../lib/sync/sync-rig.ts';
import { createSyncModel, type PlantedInSync, type SyncModel } from './sync-model.ts';
import { type Schedule, SKUS } from './sync-schedule.ts';

export interface SyncOutcome {
  /** What is wrong, a sentence each. */
  readonly wrong: readonly string[];
  /** Changes that took effect on either side. */
  readonly effects: number;
}

/** Performs a schedule, lets everything settle, and compares both sides and the events. */
export async function runSyncSchedule(schedule: Schedule, planted: PlantedInSync = {}): Promise<SyncOutcome> {
  const model = createSyncModel(schedule, planted);
  const wrong: string[] = [];
  try {
    for (const step of schedule.steps) await model.perform(step);
    await model.drain();
    // the second run reads what the first one made be written
    await model.run('increment');
    await model.run('increment');
    wrong.push(
      ...differences(model, 'after increments', ({ sku }) => model.supplier.rows().some(({ SKU }) => SKU === sku)),
    );
    await model.run('reconcile');
    await model.run('increment');
    wrong.push(...differences(model, 'after a full read', () => true));
    wrong.push(
      ...(await quietness(model)),
      ...disorder(model, schedule),
      ...echoes(model, schedule),
      ...repeats(model),
    );
  } catch (error) {
    wrong.push(`it failed: ${error instanceof Error ? error.stack : String(error)}`);
  }
  return { wrong, effects: model.rig.applied.length + model.written.effects.length };
}

const bySku = (a: Product, b: Product): number => (a.sku < b.sku ? -1 : 1);
const productOf = ({ SKU, NAME, NET }: Row): Product => ({ sku: SKU, name: NAME, price: Math.round(NET * 100) });

function differences({ rig, supplier }: SyncModel, when: string, isDue: (product: Product) => boolean): string[] {
  const wanted = JSON.stringify(supplier.rows().map(productOf).filter(isDue).toSorted(bySku));
  const found = JSON.stringify(rig.catalog().filter(isDue));
  return wanted === found ? [] : [`${when} the provider has ${wanted}, and the service has ${found}`];
}

/** Nothing has changed, so nothing happens, and nothing is left under way. */
async function quietness({ rig, written, run }: SyncModel): Promise<string[]> {
  const before = [rig.published().length, written.effects.length];
  await run('increment');
  const after = [rig.published().length, written.effects.length];
  const isQuiet = before[0] === after[0] && before[1] === after[1];
  return isQuiet ? [] : [`events and writes go on without a change: ${before} became ${after}`];
}

/** Each change of a record has one event, in the order of its versions. */
function disorder({ rig }: SyncModel, { steps }: Schedule): string[] {
  return SKUS.flatMap((sku) => {
    const told = rig.published().filter(({ externalId }) => externalId === sku);
    const versions = told.flatMap(({ version, kind }) =>
      typeof version === 'string' && kind !== 'deleted' ? [version] : [],
    );
    const misplaced = versions.findIndex(
      (version, index) => index > 0 && compareVersions(version, versions[index - 1] ?? '') !== 'newer',
    );
    const kinds = told.map(({ kind }) => kind).join(' ');
    const isOurs = steps.some((step) => step.act.startsWith('service') && 'sku' in step && step.sku === sku);
    return [
      ...(misplaced === -1 ? [] : [`events of '${sku}' are out of order: ${versions.join(', ')}`]),
      ...(isOurs || /^(created( updated)*( deleted( |$)|$))*$/.test(kinds) ? [] : [`events of '${sku}' are ${kinds}`]),
    ];
  });
}

/** What only the service has changed has no event of the sync. */
function echoes({ rig, theirs }: SyncModel, { owner }: Schedule): string[] {
  return SKUS.flatMap((sku) => {
    const changed = rig.published().filter(({ externalId, kind }) => externalId === sku && kind !== 'deleted');
    const times = [...theirs].filter((each) => each.startsWith(`${sku} `));
    if (owner === 'supplier') return [];
    return times.length === 0 && changed.length > 0
      ? [`an echo of '${sku}' took effect: ${changed.length} events`]
      : [];
  });
}

/** No request took effect twice: the same values are not written again while nobody has changed them. */
function repeats({ rig, written }: SyncModel): string[] {
  const keys = written.effects.map(({ idempotencyKey }) => idempotencyKey);
  const events = rig.memory.events.map(({ body }) => parseEvent(body));
  const edits = events.filter(({ type }) => type === 'com.example.product.edited').length;
  const diverged = events.filter(({ type }) => type.endsWith('.diverged')).length;
  return [
    ...(new Set(keys).size === keys.length ? [] : ['an idempotency key took effect twice']),
    ...(keys.length <= edits + diverged
      ? []
      : [`${keys.length} writes took effect, for ${edits} changes and ${diverged} divergences`]),
  ];
}
