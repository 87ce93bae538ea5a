import { arch, cpus, platform, totalmem } from 'node:os';

/** What a run ran on. */
export function machine() {
  const processors = cpus();
  return {
    processor: processors[0].model.trim(),
    cores: processors.length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${arch()}`,
    date: new Date().toISOString().slice(0, 10),
  };
}
