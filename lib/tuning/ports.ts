/** Where operations tune an environment's settings. */
export interface SettingsParameter {
  /**
   * Its content, which MAY be some time old; undefined when it does not exist. MUST settle soon: an event waits for it.
   */
  read(): Promise<string | undefined>;
}
