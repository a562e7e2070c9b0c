import { encoder, FORMATS } from '../src/pcm/encode.ts'
import { resample } from '../src/pcm/resample.ts'
import { seam } from '../src/pcm/seam.ts'
import { stretch } from '../src/pcm/stretch.ts'
import type { Format, Samples, Stage } from '../src/speech.ts'
import { type BenchResult, median, type Row, round } from './bench.ts'

/** Audio of one run, fed as a host sends it; the first run only warms up. */
const SECONDS = 20
const CHUNK_MS = 20
const RUNS = 4

type AnyStage = Stage<Samples, { readonly length: number }>

/** Something like a voice: a pitch that wanders, its harmonics, and a pause each second. */
function voice(rate: number): Samples {
  let phase = 0
  return Int16Array.from({ length: SECONDS * rate }, (_, i) => {
    const second = i / rate
    if (second % 1 > 0.85) return 0
    phase += (2 * Math.PI * (130 + 30 * Math.sin(3 * second))) / rate
    const harmonics = [1, 2, 3, 5, 8].reduce((sum, n) => sum + Math.sin(n * phase) / n, 0)
    return 7000 * harmonics + 300 * (Math.random() - 0.5)
  })
}

async function row(name: string, { rate, make }: { rate: number; make: () => AnyStage | Promise<AnyStage> }) {
  const samples = voice(rate)
  const size = (rate * CHUNK_MS) / 1000
  const speeds: number[] = []
  let firstMs = 0
  let given = 0
  for (let run = 0; run < RUNS; run++) {
    const stage = await make()
    firstMs = given = 0
    stage.push(new Int16Array(0)) // lets a header go, which is not audio
    const start = performance.now()
    for (let at = 0; at < samples.length; at += size) {
      given += stage.push(samples.subarray(at, at + size)).length
      if (firstMs === 0 && given > 0) firstMs = Math.round(((at + size) / rate) * 1000)
    }
    given += stage.end().length
    if (run > 0) speeds.push((SECONDS * 1000) / (performance.now() - start))
  }
  return { stage: name, 'x real time': round(median(speeds), 0), 'first output after ms': firstMs }
}

const encoderRow = (format: Format, rate = FORMATS[format].defaultRate): Promise<Row> =>
  row(`${format} ${rate}`, { rate, make: () => encoder(format, { rate }) })

const resampleRow = (from: number, to: number): Promise<Row> =>
  row(`resample ${from} to ${to}`, { rate: from, make: () => resample({ from, to }) })

const stretchRow = (speed: number): Promise<Row> =>
  row(`stretch at ${speed}`, { rate: 24_000, make: () => stretch({ rate: 24_000, speed }) })

/** Runs each stage between a host and a listener alone, on one core. */
export async function run(): Promise<BenchResult> {
  const rows: Row[] = []
  for (const format of Object.keys(FORMATS) as Format[]) rows.push(await encoderRow(format))
  rows.push(await encoderRow('mp3', 48_000), await encoderRow('opus', 48_000))
  rows.push(
    await resampleRow(22_050, 24_000),
    await resampleRow(24_000, 48_000),
    await resampleRow(24_000, 8000),
  )
  for (const speed of [0.5, 1.25, 2]) rows.push(await stretchRow(speed))
  rows.push(await row('seam', { rate: 24_000, make: () => seam({ rate: 24_000 }) }))
  return {
    question: 'How many streams could one core resample, stretch, join and encode?',
    rows,
    notes: [
      `${SECONDS} s of a made-up voice in ${CHUNK_MS} ms chunks, median of ${RUNS - 1} runs after one to warm up`,
      'x real time is audio that comes in over time taken: about the streams that one core carries',
    ],
  }
}
