/** The variables of a view are called the same for every view: a function that reads several has them under this prefix. */
const prefixOf = (view: string): string => `${view.toUpperCase().replaceAll('-', '_')}_`;

/** For the infrastructure: the variables of a view's reader, as a function gets them that reads several. */
export const prefixedVariables = (view: string, variables: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(variables).map(([name, value]) => [prefixOf(view) + name, value]));

/** For the code: the variables of one of these views, as its reader wants them. */
export const variablesOfView = (view: string, environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) =>
      name.startsWith(prefixOf(view)) ? [[name.slice(prefixOf(view).length), value]] : [],
    ),
  );
