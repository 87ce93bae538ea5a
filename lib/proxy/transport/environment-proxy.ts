const VARIABLES = ['http_proxy', 'https_proxy', 'all_proxy'];

/** Whether the environment names a proxy, which axios then uses for every call that does not say `proxy: false`. */
export function environmentNamesProxy(environment: NodeJS.ProcessEnv): boolean {
  return VARIABLES.some(
    (name) => environment[name] || environment[name.toUpperCase()],
  );
}
