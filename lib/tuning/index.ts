export { createLevelSwitch } from './log-level.ts';
export type { SettingsParameter } from './ports.ts';
export { createPowertoolsParameter, type PowertoolsParameterOptions } from './powertools-parameter.ts';
export { createTunedSettings, type TunedSettings, type TunedSettingsDeps, UNTUNED } from './tuned-settings.ts';
