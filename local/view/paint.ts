import { styleText } from 'node:util';

type Style = 'red' | 'green' | 'yellow' | 'cyan' | 'dim' | 'bold';

/** Gives a text its colours. */
export type Paint = (style: Style, text: string) => string;

export const plain: Paint = (_style, text) => text;

/** @param isColourful whether who reads it sees colours; else the text stays as it is */
export const createPaint = (isColourful: boolean): Paint =>
  isColourful ? (style, text) => styleText(style, text, { validateStream: false }) : plain;
