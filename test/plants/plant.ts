/** A guard that is taken out of the code, and the tests that must notice it. */
export interface Plant {
  /** What the guard refuses or keeps, as the list of refusals calls it. */
  readonly name: string;
  readonly file: string;
  /** Stands once in the file. */
  readonly code: string;
  readonly instead: string;
  readonly tests: string;
}
