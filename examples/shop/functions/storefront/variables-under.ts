/** The variables that begin with a prefix, without it: a view's reader knows them by names that are the same for each view. */
export const variablesUnder = (prefix: string, environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), value]] : [],
    ),
  );
