/** Where secrets are: those of webhooks, and the credentials for external systems. */
export interface SecretReader {
  /**
   * Returns a secret's text; undefined if there is none of that name. MUST read it anew: nothing may be cached. Rejects if it
   * cannot be read.
   */
  read(name: string): Promise<string | undefined>;
}
