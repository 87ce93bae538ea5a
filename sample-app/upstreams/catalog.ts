const NAMES = [
  'Desk lamp',
  'Floor lamp',
  'Reading chair',
  'Garden chair',
  'Oak table',
  'Side table',
  'Wool rug',
  'Linen curtain',
  'Book shelf',
  'Wall shelf',
  'Tea pot',
  'Coffee pot',
];

const PRODUCTS = NAMES.map((name, index) => ({ id: index + 1, name }));

/** `/products/1`, `/products?q=lamp` and `/products?similarTo=1`. */
export function catalog({ pathname, searchParams }: URL): unknown {
  const one = /^\/products\/(\d+)$/.exec(pathname);
  if (one) return PRODUCTS.find(({ id }) => id === Number(one[1]));
  if (pathname !== '/products') return undefined;

  const similarTo = searchParams.get('similarTo');
  return similarTo === null
    ? matching(searchParams.get('q') ?? '')
    : similar(Number(similarTo));
}

function matching(words: string) {
  return PRODUCTS.filter(({ name }) =>
    name.toLowerCase().includes(words.toLowerCase()),
  );
}

function similar(to: number) {
  const kind = PRODUCTS.find(({ id }) => id === to)?.name.split(' ')[1];
  return PRODUCTS.filter(
    ({ id, name }) => id !== to && name.endsWith(`${kind}`),
  );
}
