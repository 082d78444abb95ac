/** Not an operator's command: runs a CDK app on this machine. */
export const START = { name: 'start', text: 'run a CDK app, or what cdk synth wrote, on this machine' } as const;

/** Not an operator's command: writes a new project. */
export const INIT = { name: 'init', text: 'write a small project to begin with' } as const;

/** Not an operator's command: prints a script for a shell. */
export const COMPLETE = { name: 'complete', text: 'print what makes a shell complete commands and options' } as const;

/** Serves operator's commands to an assistant. */
export const MCP = {
  name: 'mcp',
  text: 'serve the commands that change nothing to an assistant (Model Context Protocol)',
} as const;

/** Not an operator's command: reads definitions only. */
export const OPENAPI = { name: 'openapi', text: 'describe the routes of an HTTP API in OpenAPI 3.1' } as const;
