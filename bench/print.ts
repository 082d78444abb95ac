import type { Figure, Table } from './report.ts';
import type { Measured } from './run-area.ts';

/** A measurement as a person reads it. */
export function linesOf(area: string, { measure, loadAverages, seconds, report, error }: Measured): readonly string[] {
  const head = `## ${area} ${measure} (${seconds} s, load average ${loadAverages.join(' → ')})`;
  if (report === undefined) return [head, `not measured: ${error}`, ''];
  return [head, ...report.figures.flatMap(figureLines), ...(report.tables ?? []).flatMap(tableLines), ''];
}

function figureLines({ name, value, unit, beside, ratio, reach, reached, note }: Figure): readonly string[] {
  const bounds = [
    ...(reach?.least === undefined ? [] : [`at least ${reach.least}`]),
    ...(reach?.most === undefined ? [] : [`at most ${reach.most}`]),
  ];
  const verdict = reached === undefined ? '' : ` — ${reached ? 'reached' : 'NOT reached'} (${bounds.join(', ')})`;
  return [
    `${name}: ${shown(value)} ${unit}; ${beside.what} ${shown(beside.value)}; ratio ${shown(ratio)}${verdict}`,
    ...(note === undefined ? [] : [`    ${note}`]),
  ];
}

const shown = (value: number): string =>
  Math.abs(value) >= 100 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)));

function tableLines({ title, head, rows }: Table): readonly string[] {
  const texts = [head, ...rows].map((row) => row.map((cell) => (typeof cell === 'number' ? shown(cell) : cell)));
  const widths = head.map((_, column) => Math.max(...texts.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`;
  return ['', title, ...texts.map(line)];
}
