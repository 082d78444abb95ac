/** Where the secrets of webhooks are. */
export interface SecretReader {
  /**
   * Returns a secret's text; undefined if there is none of that name. MUST read it anew: nothing may be cached. Rejects if it
   * cannot be read.
   */
  read(name: string): Promise<string | undefined>;
}
