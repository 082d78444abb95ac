/** A measured value beside what it is to be held against. Times stand alone nowhere: machines differ. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** A limit, a reach, or a baseline measured in the same run. */
  readonly beside: { readonly what: string; readonly value: number };
  /** `value` / `beside.value`. */
  readonly ratio: number;
  readonly reach?: Reach;
  /** Undefined where nothing is to be reached. */
  readonly reached?: boolean;
  /** What the reader must know of how it came about. */
  readonly note?: string;
}

/** Bounds of the ratio. */
interface Reach {
  readonly least?: number;
  readonly most?: number;
}

/** Details behind figures: hops of a cost, heads of a profile. */
export interface Table {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

export interface Report {
  readonly figures: readonly Figure[];
  readonly tables?: readonly Table[];
}

interface FigureProps {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly beside: Figure['beside'];
  readonly reach?: Reach;
  readonly note?: string;
}

export function figure(props: FigureProps): Figure {
  const ratio = props.value / props.beside.value;
  if (props.reach === undefined) return { ...props, ratio };
  const { least = Number.NEGATIVE_INFINITY, most = Number.POSITIVE_INFINITY } = props.reach;
  return { ...props, ratio, reached: ratio >= least && ratio <= most };
}
