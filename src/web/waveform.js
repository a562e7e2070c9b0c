/** A peak is kept for each of these. */
const BUCKET_MS = 10
/** A shorter speech does not fill the width, so that its growth is seen. */
const LEAST_SECONDS = 4
const BAR = 3
const GAP = 2

/** Draws the peaks of a speech on a canvas as it arrives, in the canvas's CSS `color`. */
export class Waveform {
  #canvas
  /** @type {number[]} */
  #peaks = []
  #peak = 0
  #counted = 0
  #largest = 0

  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.#canvas = canvas
  }

  clear() {
    this.#peaks = []
    this.#peak = this.#counted = this.#largest = 0
  }

  /**
   * @param {Float32Array} samples
   * @param {number} rate
   */
  add(samples, rate) {
    const size = (rate * BUCKET_MS) / 1000
    for (const sample of samples) {
      this.#peak = Math.max(this.#peak, Math.abs(sample))
      if (++this.#counted < size) continue
      this.#peaks.push(this.#peak)
      this.#largest = Math.max(this.#largest, this.#peak)
      this.#peak = 0
      this.#counted -= size
    }
  }

  /** Draws all there is; what is later than `played` seconds is paler. */
  draw(played) {
    const { width, height, context } = fitted(this.#canvas)
    const bars = Math.floor((width + GAP) / (BAR + GAP))
    const seconds = Math.max(LEAST_SECONDS, (this.#peaks.length * BUCKET_MS) / 1000)
    const head = (played / seconds) * width
    context.clearRect(0, 0, width, height)
    context.fillStyle = getComputedStyle(this.#canvas).color
    for (let bar = 0; bar < bars; bar++) {
      const x = bar * (BAR + GAP)
      const level = this.#levelOf(bar / bars, { to: (bar + 1) / bars, seconds })
      const tall = Math.max(BAR, level * (height - 4))
      context.globalAlpha = level < 0 ? 0.18 : x < head ? 1 : 0.38
      context.beginPath()
      context.roundRect(x, (height - tall) / 2, BAR, tall, BAR / 2)
      context.fill()
    }
    context.globalAlpha = 1
    if (head > 0) context.fillRect(Math.min(head, width - 1), 0, 1.5, height)
  }

  /** Gives the level of a share of the width, 0 to 1, or -1 where nothing has come yet. */
  #levelOf(from, { to, seconds }) {
    const perWidth = (seconds * 1000) / BUCKET_MS
    const peaks = this.#peaks.slice(Math.floor(from * perWidth), Math.max(1, Math.floor(to * perWidth)))
    if (peaks.length === 0) return -1
    return Math.max(...peaks) / Math.max(0.2, this.#largest) // a whisper stays small
  }
}

/** Gives the canvas as many pixels as the screen has for it. */
function fitted(canvas) {
  const { clientWidth: width, clientHeight: height } = canvas
  const scale = devicePixelRatio
  if (canvas.width !== Math.round(width * scale)) canvas.width = Math.round(width * scale)
  if (canvas.height !== Math.round(height * scale)) canvas.height = Math.round(height * scale)
  const context = canvas.getContext('2d')
  context.setTransform(scale, 0, 0, scale, 0, 0)
  return { width, height, context }
}
