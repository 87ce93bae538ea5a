import type { Axios, AxiosRequestConfig, AxiosResponse } from 'axios';
import type { BackendClient, HttpBackend } from 'nestjs-floodgate';
import { describe, expectTypeOf, it } from 'vitest';

interface Product {
  id: string;
}

type Verb =
  'request' | 'get' | 'head' | 'options' | 'delete' | 'post' | 'put' | 'patch';

/** The answer of a call, without making it. */
type AnswerOf<Call> = Call extends (...args: never[]) => infer Answer
  ? Answer
  : never;

describe('the types of a backend', () => {
  it('equal those of axios for arguments and answers', () => {
    const get = (catalog: HttpBackend) => catalog.get<Product>('/products/1');
    const post = (catalog: HttpBackend) =>
      catalog.post<Product, AxiosResponse<Product>, Omit<Product, 'id'>>(
        '/products',
        {},
      );
    const plain = (catalog: HttpBackend) => catalog.request({ url: '/' });
    type Answer = Promise<AxiosResponse<Product>>;
    expectTypeOf<AnswerOf<typeof get>>().toEqualTypeOf<Answer>();
    expectTypeOf<AnswerOf<typeof post>>().toEqualTypeOf<Answer>();
    expectTypeOf<AnswerOf<typeof plain>>().resolves.toHaveProperty('status');
    expectTypeOf<Pick<HttpBackend, Verb>>().toEqualTypeOf<Pick<Axios, Verb>>();
  });

  it('are the same for the shorthand that takes the backend name first', () => {
    const get = (client: BackendClient) =>
      client.get<Product>('catalog', '/products/1');
    const put = (client: BackendClient) =>
      client.put<Product>('catalog', '/products/1', { id: '1' });
    type Answer = Promise<AxiosResponse<Product>>;
    expectTypeOf<AnswerOf<typeof get>>().toEqualTypeOf<Answer>();
    expectTypeOf<AnswerOf<typeof put>>().toEqualTypeOf<Answer>();
    expectTypeOf<BackendClient['get']>().parameter(0).toEqualTypeOf<string>();
    expectTypeOf<BackendClient['get']>()
      .parameter(2)
      .toEqualTypeOf<AxiosRequestConfig | undefined>();
    expectTypeOf<
      BackendClient['backend']
    >().returns.toEqualTypeOf<HttpBackend>();
  });
});
