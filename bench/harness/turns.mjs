/**
 * Lets contestants take turns, A B C A B C …, so that whatever happens to the
 * machine during a run happens to all of them.
 *
 * @param seats `{ name, … }`, in the order in which they play
 * @param play plays one turn of a seat, told for how many milliseconds; returns its sample
 * @returns the samples of each seat by its name, in the order of the rounds
 */
export async function takeTurns(
  seats,
  { warmUps, rounds, ms, warmUpMs = ms },
  play,
) {
  const samples = new Map(seats.map((seat) => [seat.name, []]));
  for (let round = -warmUps; round < rounds; round++) {
    for (const seat of seats) {
      const sample = await play(seat, round < 0 ? warmUpMs : ms);
      if (round >= 0) samples.get(seat.name).push(sample);
    }
  }
  return samples;
}
