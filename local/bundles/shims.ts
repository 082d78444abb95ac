/** What a CommonJS module finds around itself, and an ES module does not. */
const SHIMS = {
  require: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
  __filename: 'const __filename=import.meta.filename;',
  __dirname: 'const __dirname=import.meta.dirname;',
} as const;

/**
 * Gives a module the names of CommonJS that it uses and does not declare: names are not minified here, so a banner's would
 * clash with a module's own. They stand in the first line, so that the source map stays right.
 */
export function withShims(code: string): string {
  const used = Object.entries(SHIMS).filter(
    ([name]) => new RegExp(`\\b${name}\\b`).test(code) && !declares(code, name),
  );
  return used.map(([, shim]) => shim).join('') + code;
}

/** Only declarations of the module itself begin a line: esbuild indents what is nested. */
function declares(code: string, name: string): boolean {
  const declared = new RegExp(`^(?:(?:var|let|const) [^=;\\n]*|function |class )\\b${name}\\b`, 'm');
  const imported = new RegExp(`^import (?:[^;'"]*[\\s,{])?${name}[\\s,}]`, 'm');
  return declared.test(code) || imported.test(code);
}
