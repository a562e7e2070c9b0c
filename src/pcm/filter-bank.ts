/**
 * Stop-band depth that the filters are designed for, in dB; the stop band begins at the lower Nyquist frequency. Each
 * listener pays for depth and width: these give 68 taps, and speech has nothing to lose above 9 kHz.
 */
const STOP_DB = 74
/** Where the pass band ends, as a share of the lower Nyquist frequency. */
const PASS = 0.86
/** Kaiser's formulas: the window's shape for a depth, and the length for a depth and a transition's width. */
const BETA = 0.1102 * (STOP_DB - 8.7)
const TAPS = (STOP_DB - 7.95) / (2.285 * Math.PI * (1 - PASS))
/** Ratios with larger terms are read between rows of a denser bank: 512 a tap keeps that error below −100 dB. */
const EXACT_TERMS = 1024
const DENSE_ROWS = 512
const CACHED = 16

/** The filters of one ratio, in lowest terms: one row of weights for each place between two inputs. */
export interface Bank {
  readonly up: number
  readonly down: number
  /** Weights in a row, a multiple of 4; the output lies between the two in the middle, or on the left one. */
  readonly taps: number
  /** Row r lies r / (rows.length - 1) of the way from one input to the next. */
  readonly rows: readonly Float64Array[]
}

const banks = new Map<string, Bank>()

/** Gives the filters from one rate to another; the 16 last used ratios are kept. */
export function bankFor(from: number, to: number): Bank {
  const unit = gcd(from, to)
  const key = `${to / unit}/${from / unit}`
  const bank = banks.get(key) ?? design(to / unit, from / unit)
  banks.delete(key)
  banks.set(key, bank)
  if (banks.size > CACHED) banks.delete(banks.keys().next().value!)
  return bank
}

function design(up: number, down: number): Bank {
  const scale = Math.min(1, up / down)
  const taps = 4 * Math.ceil(TAPS / scale / 4)
  const count = Math.max(up, down) <= EXACT_TERMS ? up : Math.ceil(DENSE_ROWS * scale)
  // One row more than there are places, so that the last place can be read between two rows too.
  const rows = Array.from({ length: count + 1 }, (_, r) => designRow(r / count, { taps, scale }))
  return { up, down, taps, rows }
}

/** Gives one row's weights, made to add up to 1 so that a constant stays what it is. */
function designRow(place: number, { taps, scale }: { readonly taps: number; readonly scale: number }) {
  const cutoff = (scale * (1 + PASS)) / 2
  const weights = Float64Array.from({ length: taps }, (_, k) => {
    const distance = k - (taps / 2 - 1) - place
    return sinc(cutoff * distance) * kaiser((2 * distance) / taps)
  })
  const sum = weights.reduce((total, weight) => total + weight)
  return weights.map((weight) => weight / sum)
}

const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x))

/** Kaiser's window at -1 to 1. */
const kaiser = (x: number): number => (Math.abs(x) > 1 ? 0 : bessel(BETA * Math.sqrt(1 - x * x)))

/** The modified Bessel function of order 0, by its power series. */
function bessel(x: number): number {
  let sum = 1
  for (let term = 1, k = 1; term > 1e-10 * sum; k++) {
    term *= (x / (2 * k)) ** 2
    sum += term
  }
  return sum
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b)
}
