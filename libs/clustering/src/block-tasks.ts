/** Tasks are pairs of blocks, numbered row by row over the upper triangle of a square: (0, 0), (0, 1) … (0, n - 1), (1, 1) … */

/** How many tasks the first `rows` rows of a square of `blocks` have. */
export function squareTasks(blocks: number, rows = blocks): number {
  return rows * blocks - (rows * (rows - 1)) / 2;
}

/** Row and column of a task. */
export function squareTask(task: number, blocks: number): [number, number] {
  // The root finds the row up to its rounding; the loops make it exact.
  let row = Math.floor(blocks + 0.5 - Math.sqrt(Math.max(0, (blocks + 0.5) ** 2 - 2 * task)));
  while (squareTasks(blocks, row) > task) row--;
  while (squareTasks(blocks, row + 1) <= task) row++;
  return [row, row + task - squareTasks(blocks, row)];
}
