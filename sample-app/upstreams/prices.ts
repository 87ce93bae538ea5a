/** `/prices/1`. */
export function prices({ pathname }: URL): unknown {
  const one = /^\/prices\/(\d+)$/.exec(pathname);
  if (!one) return undefined;
  const id = Number(one[1]);
  return { id, cents: 1_990 + 500 * id, currency: 'EUR' };
}
