import type { LoggerService } from '@nestjs/common';

/** Nest's logger, quiet but for warnings and errors, which the demo shows. */
export class GatewayLogger implements LoggerService {
  constructor(private readonly show: (text: string) => void) {}

  log(): void {}

  warn(text: unknown): void {
    this.show(String(text));
  }

  error(text: unknown): void {
    this.show(String(text));
  }
}
