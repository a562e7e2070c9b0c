/** Gives the candidate that `word` was most likely meant to be, or undefined when none is close. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const typed = word.toLowerCase()
  let best: string | undefined
  let least = Math.floor(Math.max(3, typed.length) / 3) + 1
  for (const candidate of candidates) {
    const cost = distance(typed, candidate.toLowerCase())
    if (cost < least) [best, least] = [candidate, cost]
  }
  return best
}

/** Letters that a word must have before it may stand for the beginning of a longer one. */
const BEGINNING = 4
/** Makes a whole word nearer than a beginning. */
const CUT = 0.5

/**
 * Counts the letters to add, drop, change or swap (optimal string alignment) to make `a` into `b`, or into a
 * beginning of it.
 */
function distance(a: string, b: string): number {
  let before: number[] = []
  let above = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = above[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      const swapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      const swap = swapped ? before[j - 2]! + 1 : Number.POSITIVE_INFINITY
      row.push(Math.min(change, swap, above[j]! + 1, row[j - 1]! + 1))
    }
    before = above
    above = row
  }
  const whole = above[b.length]!
  return a.length < BEGINNING ? whole : Math.min(whole, Math.min(...above) + CUT)
}
