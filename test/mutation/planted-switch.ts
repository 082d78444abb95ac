import { SWITCH } from './plant.ts';

/** What planted code asks, and what the runner of its tests hears of it. */
export interface PlantedSwitch {
  /** The mutant that is tried; 0 for none. */
  active: number;
  /** Where mutants that are asked for are collected. */
  heard: Set<number> | undefined;
  /** Questions since it was last set to 0. */
  steps: number;
  /** More questions than this mean a loop that does not end. */
  mostSteps: number;
}

/** Puts the switch where planted code looks for it. */
export function installSwitch(): PlantedSwitch {
  const state: PlantedSwitch = { active: 0, heard: new Set(), steps: 0, mostSteps: Number.POSITIVE_INFINITY };
  Object.assign(globalThis, {
    [SWITCH]: (mutant: number): boolean => {
      state.steps += 1;
      if (state.steps > state.mostSteps) throw new Error('a planted mutant runs in circles');
      state.heard?.add(mutant);
      return mutant === state.active;
    },
  });
  return state;
}
