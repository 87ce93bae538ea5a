import { monitorEventLoopDelay } from 'node:perf_hooks';
import { whenNpmIsGone } from '../processes/when-npm-is-gone.js';
import { play } from './play.js';
import { progressOn } from './progress.js';
import { judge } from './promises/index.js';
import { reportOf, verdictsOf } from './report.js';

const LONGEST_RUN_MS = 45_000;

// `npm run demo`. Children end with this process, however it ends.
whenNpmIsGone(() => process.exit(1));
const tooLong = setTimeout(() => {
  console.error('\nThe demo did not come to its end in time.');
  process.exit(1);
}, LONGEST_RUN_MS);

const lateness = monitorEventLoopDelay();
lateness.enable();
console.log('A storefront, its two backends, and customers of all kinds.\n');
const evidence = await play(progressOn(process.stdout));
clearTimeout(tooLong);
lateness.disable();

const verdicts = judge(evidence);
const broken = verdicts.filter(({ kept }) => !kept).length;
console.log(
  `\n${reportOf(evidence)}\n\n${verdictsOf(verdicts, process.stdout.isTTY)}\n`,
);
if (broken === 0) {
  console.log(`All ${verdicts.length} promises were kept.`);
} else {
  const lateMs = (lateness.max / 1e6).toFixed(0);
  console.log(
    `${broken} of ${verdicts.length} promises were broken. Timers came up to ${lateMs} ms late:` +
      ' where that is near the timeouts, the machine had too much else to do.',
  );
}
process.exitCode = broken === 0 ? 0 : 1;
