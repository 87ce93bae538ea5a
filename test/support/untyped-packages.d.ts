// Middleware of Express that comes without types, as far as the tests use it.

type Handler = (request: never, response: never, next: () => void) => void;

declare module 'compression' {
  export default function compression(options?: {
    threshold?: number;
  }): Handler;
}

declare module 'express-session' {
  export default function session(options: {
    secret: string;
    resave: boolean;
    saveUninitialized: boolean;
    rolling?: boolean;
  }): Handler;
}

declare module 'morgan' {
  export default function morgan(
    format: string,
    options: { stream: { write(line: string): void } },
  ): Handler;
}

declare module 'express-mung' {
  const mung: {
    json(
      change: (body: unknown) => unknown,
      options?: { mungError?: boolean },
    ): Handler;
    write(
      change: (chunk: unknown) => unknown,
      options?: { mungError?: boolean },
    ): Handler;
    headers(change: (request: never, response: never) => void): Handler;
  };
  export default mung;
}

declare module 'express-interceptor' {
  export default function interceptor(
    make: () => {
      isInterceptable(): boolean;
      intercept(body: string, send: (body: string) => void): void;
    },
  ): Handler;
}
