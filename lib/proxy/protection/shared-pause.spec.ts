import { describe, expect, it } from 'vitest';
import { SimulatedFleet } from '../../stores/fleet.fixture.js';
import { SharedPause } from './shared-pause.js';

/** Two instances, what they were told, and how often they spoke. */
function twoInstances() {
  const time = { nowMs: 0 };
  const simulated = new SimulatedFleet(2, () => time.nowMs);
  const heard: number[][] = [[], []];
  let told = 0;
  const pauses = [0, 1].map((instance) => {
    const fleet = simulated.of(instance);
    const tell: typeof fleet.tell = (topic, untilMs) => {
      told++;
      fleet.tell(topic, untilMs);
    };
    const pause = new SharedPause({ ...fleet, tell }, 'pause:catalog');
    pause.listen((untilMs) => heard[instance].push(untilMs));
    return pause;
  });
  const everyoneHears = () => [0, 1].forEach((i) => simulated.deliver(i));
  return { time, pauses, heard, told: () => told, everyoneHears };
}

describe('SharedPause', () => {
  it('reaches other instances once, and not the one that sent it', () => {
    const { pauses, heard, everyoneHears } = twoInstances();
    pauses[0].tell(5_000);
    everyoneHears();
    everyoneHears();
    expect(heard).toEqual([[], [5_000]]);
  });

  it('is sent once even if every call in flight receives it', () => {
    const { pauses, told } = twoInstances();
    for (let ms = 0; ms < 200; ms++) pauses[0].tell(5_000 + ms);
    expect(told()).toBe(1);
    pauses[0].tell(6_000);
    expect(told()).toBe(2);
  });

  it('is not forwarded by the instances that receive it', () => {
    const { pauses, told, everyoneHears } = twoInstances();
    pauses[0].tell(5_000);
    everyoneHears();
    pauses[1].tell(5_000);
    expect(told()).toBe(1);
  });

  it('ends when its time is up', () => {
    const { time, pauses, heard, everyoneHears } = twoInstances();
    pauses[0].tell(5_000);
    time.nowMs = 5_000;
    everyoneHears();
    expect(heard[1]).toEqual([]);
  });
});
