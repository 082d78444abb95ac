/** Hears what happens, step by step. */
export type Trace = (line: string) => void;

export const noTrace: Trace = () => undefined;
