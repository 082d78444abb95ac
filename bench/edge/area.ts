import type { Measures } from '../area.ts';
import { measureRequests } from './requests.ts';

export const measures: Measures = { requests: measureRequests };
