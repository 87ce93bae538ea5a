/** Whether an import failed because the package itself is not installed: by the words of Node, whichever loader it used, of Jest and of bundlers. */
export function isNotInstalled(error: unknown, name: string): boolean {
  const { code, message } = error as NodeJS.ErrnoException;
  return (
    (code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND') &&
    new RegExp(`(package|module) ["']${name}["']`).test(message)
  );
}
