/** An option that may be left out, with what holds then. */
export { _default as orDefault } from 'zod/mini';
