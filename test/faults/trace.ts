/** Hears what happens, step by step; what is costly to say is said only where somebody listens. */
export type Trace = (line: string | (() => string)) => void;

export const noTrace: Trace = () => undefined;

export const textOf = (line: string | (() => string)): string => (typeof line === 'string' ? line : line());
