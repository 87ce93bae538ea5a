import { Pool } from 'undici';

/** For reference: no layer of axios, and a body that is parsed by hand. */
export function caller({ port }) {
  const pool = new Pool(`http://127.0.0.1:${port}`);
  return async (path) => {
    const { statusCode, body } = await pool.request({ method: 'GET', path });
    const data = await body.json();
    if (statusCode > 299) throw new Error(`answered ${statusCode}`);
    return { status: statusCode, data };
  };
}
