/** The parameter with the tuned settings of an environment. */
export interface SettingsParameter {
  /**
   * Returns its content, which MAY be outdated; undefined if it does not exist. MUST settle soon, because events wait
   * for it.
   */
  read(): Promise<string | undefined>;
}
