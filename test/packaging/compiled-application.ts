import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import ts from 'typescript';
import { freePort } from '../support/redis/free-port.js';
import { pasteFiveMinutes } from './five-minutes.js';
import type { PastedApplication } from './five-minutes.js';

/** As `nest new` writes it. */
const MAIN = `
import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';

async function bootstrap() {
  const app = await NestFactory.create(AppModule);
  await app.listen(process.env.PORT ?? 3000);
}
void bootstrap();
`;

/**
 * Writes the application of the README as JavaScript, `src/main.js`, for
 * set-ups whose compiler is not the question.
 *
 * @param change what is done to the code of the README first
 */
export async function writeCompiledApplication(
  folder: string,
  form: 'module' | 'commonjs',
  dependencies: Record<string, string> = {},
  change = (code: string) => code,
): Promise<PastedApplication> {
  await mkdir(folder, { recursive: true });
  await writeFile(
    join(folder, 'package.json'),
    JSON.stringify({ private: true, type: form, dependencies }),
  );
  const application = await pasteFiveMinutes(folder, await freePort());
  const pasted = await readFile(join(folder, 'src/app.module.ts'), 'utf8');
  const files = { 'app.module.js': change(pasted), 'main.js': MAIN };
  for (const [name, code] of Object.entries(files)) {
    const { outputText } = ts.transpileModule(code, {
      compilerOptions: {
        target: ts.ScriptTarget.ES2022,
        module:
          form === 'module' ? ts.ModuleKind.ES2022 : ts.ModuleKind.CommonJS,
        esModuleInterop: true,
        experimentalDecorators: true,
        emitDecoratorMetadata: true,
      },
    });
    await writeFile(join(folder, 'src', name), outputText);
  }
  return application;
}
