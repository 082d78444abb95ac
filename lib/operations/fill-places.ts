import type { LogRepair, TombstoneText } from './log-repair.ts';

export interface FillRequest {
  readonly group: string;
  readonly from: number;
  readonly to: number;
}

export type FillResult =
  | {
      readonly kind: 'filled';
      readonly filled: readonly number[];
      /** Places where something stands: nothing was changed there. */
      readonly taken: readonly number[];
    }
  /** Nothing was written: the group has not used these sequences yet, and its next event would find its place taken. */
  | { readonly kind: 'beyond'; readonly lastUsed: number };

/** Marks places of a group as empty for good, so that its consumers step over them. Safe to repeat. */
export async function fillPlaces(
  repair: Pick<LogRepair, 'lastUsed' | 'fill'>,
  { group, from, to }: FillRequest,
  text: TombstoneText,
): Promise<FillResult> {
  const lastUsed = await repair.lastUsed(group);
  if (to > lastUsed) return { kind: 'beyond', lastUsed };
  const filled: number[] = [];
  const taken: number[] = [];
  for (let sequence = from; sequence <= to; sequence++) {
    const list = (await repair.fill({ group, sequence }, text)) === 'filled' ? filled : taken;
    list.push(sequence);
  }
  return { kind: 'filled', filled, taken };
}
