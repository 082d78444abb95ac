/**
 * Shows stack traces with positions in the sources, as Node's `--enable-source-maps` does, for the code that follows in the
 * bundle. Node would read and parse the map at every start: as much as a fifth of a cold start. This reads it when a stack trace
 * is looked at for the first time. Without a map, or with one that cannot be read, positions stay those of the bundle.
 * @see https://nodejs.org/api/errors.html#errorpreparestacktraceerror-trace
 */
export const STACK_TRACES_OF_SOURCES = [
  "import{SourceMap as __SourceMap}from'node:module';",
  "import{readFileSync as __readFileSync}from'node:fs';",
  "import{fileURLToPath as __fileURLToPath}from'node:url';",
  '{const maps=new Map();',
  "const read=file=>{try{return new __SourceMap(JSON.parse(__readFileSync(new URL(file+'.map'),'utf8')))}catch{}};",
  'const mapOf=file=>{if(!maps.has(file))maps.set(file,read(file));return maps.get(file)};',
  "const show=frame=>{const text='    at '+frame,file=frame.getFileName();",
  "if(!file?.startsWith('file:'))return text;",
  'const line=frame.getLineNumber(),column=frame.getColumnNumber(),found=mapOf(file)?.findOrigin(line,column);',
  'if(!found?.fileName)return text;',
  "const source=[__fileURLToPath(new URL(found.fileName,file)),found.lineNumber,found.columnNumber].join(':');",
  "return text.replace([file,line,column].join(':'),()=>source)};",
  'Error.prepareStackTrace=(error,frames)=>',
  '[Error.prototype.toString.call(error),...frames.map(show)].join(String.fromCharCode(10))}',
].join('');
