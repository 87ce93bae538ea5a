import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { REPOSITORY } from './tarball.js';

/** An answer as `curl -i` shows it. */
export interface PrintedAnswer {
  readonly status: number;
  /** Those that the README prints, by their names in small letters. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** What a newcomer finds in the README: files to paste, and requests with their answers. */
export interface FiveMinutes {
  readonly appModule: string;
  readonly backend: string;
  readonly refused: PrintedAnswer;
  readonly served: PrintedAnswer;
  /** Where the two requests go. */
  readonly paths: readonly [refused: string, served: string];
}

/** Reads the section of that name. */
export async function fiveMinutes(): Promise<FiveMinutes> {
  const readme = await readFile(join(REPOSITORY, 'README.md'), 'utf8');
  const section = readme
    .split(/^## /m)
    .find((part) => part.startsWith('The first five minutes'))!;
  const blocks = [...section.matchAll(/^```(\w+)\n(.*?)^```$/gms)];
  const inLanguage = (language: string) =>
    blocks.filter((block) => block[1] === language).map((block) => block[2]);
  const [appModule, ...others] = inLanguage('ts');
  if (others.length > 0)
    throw new Error('the README has more to paste than its test knows');
  const [refused, served] = inLanguage('http').map(printedAnswer);
  const [, refusedPath, servedPath] = section.match(
    /curl -i '?http:\/\/localhost:3000(\S+?)'?\n.*curl -i '?http:\/\/localhost:3000(\S+?)'?\n/s,
  )!;
  return {
    appModule,
    backend: inLanguage('js')[0],
    refused,
    served,
    paths: [refusedPath, servedPath],
  };
}

function printedAnswer(text: string): PrintedAnswer {
  const [head, body] = text.split('\n\n');
  const [first, ...fields] = head.split('\n');
  return {
    status: Number(first.split(' ')[1]),
    headers: Object.fromEntries(
      fields.map((field) => {
        const [, name, value] = /^([\w-]+): (.*)$/.exec(field)!;
        return [name.toLowerCase(), value];
      }),
    ),
    body: JSON.parse(body),
  };
}

/** The README's application in a folder, with a backend of its own. */
export interface PastedApplication {
  readonly folder: string;
  readonly backendPort: number;
}

/** Writes the files of the README as it says, with the backend at a port that is free. */
export async function pasteFiveMinutes(
  folder: string,
  backendPort: number,
): Promise<PastedApplication> {
  const { appModule, backend } = await fiveMinutes();
  await mkdir(join(folder, 'src'), { recursive: true });
  await writeFile(
    join(folder, 'src/app.module.ts'),
    at(backendPort, appModule),
  );
  await writeFile(join(folder, 'backend.mjs'), at(backendPort, backend));
  return { folder, backendPort };
}

function at(port: number, text: string): string {
  if (!text.includes('8080'))
    throw new Error('the README has another port than its test knows');
  return text.replaceAll('8080', String(port));
}
