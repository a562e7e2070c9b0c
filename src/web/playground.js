import { Player } from './player.js'
import { snippet } from './snippets.js'
import { fillVoices } from './voice-picker.js'
import { Waveform } from './waveform.js'

const SAMPLES = {
  both: 'Hello! This is sotto: it starts to speak before the text is finished.\n你好，世界！话还没写完，声音已经到了。',
  english:
    'The first sentence is cut short, so that you hear it at once. The next ones are longer: while you listen to one, the following one is already being spoken.',
  chinese:
    '第一句话切得很短，所以你马上就能听到。后面的句子会长一些：你在听这一句的时候，下一句已经在合成了。',
}

const STATUS = {
  idle: 'Ready',
  waiting: 'Waiting for the first audio…',
  playing: 'Speaking',
  done: 'Done',
  stopped: 'Stopped',
  failed: 'Failed',
}

/** @returns {any} Whatever element the page has by that name. */
const $ = (id) => document.getElementById(id)
const form = $('speech')
const text = $('text')
const speed = $('speed')
const waveform = new Waveform($('waveform'))
let downloadUrl = ''
const player = new Player({ onSamples: (samples, rate) => waveform.add(samples, rate), onState: showState })

/** For tests and the curious: `sotto.counters` is what the page shows, as numbers (see `Counters` in player.js). */
Object.assign(window, {
  sotto: {
    get counters() {
      return player.counters
    },
  },
})

form.addEventListener('submit', (event) => {
  event.preventDefault()
  speak()
})
$('stop').addEventListener('click', () => player.stop())
document.addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) form.requestSubmit()
})
// The audio clock takes a while to start, and may start only when the user has done something.
for (const event of ['pointerdown', 'keydown']) document.addEventListener(event, prepare, { once: true })
form.addEventListener('input', showForm)
$('language').addEventListener('input', showForm)
for (const button of $('samples').children) {
  button.addEventListener('click', () => {
    text.value = SAMPLES[button.dataset.sample]
    text.lang = button.lang
    showForm()
  })
}
$('copy').addEventListener('click', copy)
addEventListener('resize', showNumbers)
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', showNumbers)

function prepare() {
  if (player.counters.state === 'idle') player.prepare().catch(() => {}) // told when it is needed
}

async function speak() {
  waveform.clear()
  $('error').hidden = true
  try {
    await player.speak(request())
  } catch (thrown) {
    $('error').textContent = thrown.message
    $('error').hidden = false
  }
}

/** The form as the JSON of the speech route. */
function request() {
  return {
    model: 'tts-1',
    voice: $('voice').value,
    input: text.value,
    response_format: checked('format'),
    speed: factor(),
  }
}

/** The slider moves by tenths of a doubling. */
const factor = () => Math.round(2 ** Number(speed.value) * 100) / 100
const checked = (group) => $(group).querySelector(':checked').value

function showForm() {
  const count = [...text.value].length
  $('count').textContent = `${count.toLocaleString('en')} character${count === 1 ? '' : 's'}`
  $('speed-value').textContent = `${factor()}×`
  speed.setAttribute('aria-valuetext', `${factor()} times`)
  $('code').textContent = snippet(checked('language'), { origin: location.origin, request: request() })
}

function showState(state) {
  $('status').textContent = STATUS[state]
  $('status').dataset.state = state
  $('stop').disabled = !player.isSounding
  if (state === 'waiting') requestAnimationFrame(animate)
  showDownload(state)
  showNumbers()
}

function animate() {
  showNumbers()
  if (player.isSounding) requestAnimationFrame(animate)
}

function showNumbers() {
  const { rate, bytes, received, played, underruns, ...ms } = player.counters
  const seconds = received / (rate || 1)
  const elapsed = ms.totalMs ?? 0
  waveform.draw(played / (rate || 1))
  $('clock').textContent = `${(played / (rate || 1)).toFixed(1)} / ${seconds.toFixed(1)} s`
  put('first-audio', ms.firstAudioMs && `${Math.round(ms.firstAudioMs)} ms`)
  put('first-byte', ms.firstByteMs ? `first byte ${Math.round(ms.firstByteMs)} ms` : 'from pressing Speak')
  put('seconds', received && `${seconds.toFixed(2)} s`)
  put('rate', rate ? `at ${(rate / 1000).toLocaleString('en')} kHz` : 'received')
  put('factor', received && elapsed && (elapsed / 1000 / seconds).toPrecision(2))
  put(
    'faster',
    received && elapsed ? `${timesFaster(seconds / (elapsed / 1000))} real time` : 'below 1 keeps up',
  )
  put('bytes', bytes && `${(bytes / 1000).toLocaleString('en', { maximumFractionDigits: 1 })} kB`)
  put('bitrate', received ? `${Math.round((bytes * 8) / seconds / 1000)} kbit/s` : 'on the wire')
  put('gaps', received && `${underruns}`)
}

/** Shows a dash for what is not known yet. */
const put = (id, value) => {
  const shown = value || '–'
  if ($(id).textContent !== shown) $(id).textContent = shown
}

const timesFaster = (ratio) => `${ratio >= 10 ? Math.round(ratio) : ratio.toFixed(1)}×`

/** Offers what was received, once no more will be. */
function showDownload(state) {
  const link = $('download')
  URL.revokeObjectURL(downloadUrl)
  const isOver = state === 'done' || state === 'stopped' || state === 'failed'
  link.hidden = !isOver || player.counters.bytes === 0
  if (link.hidden) return
  const file = player.recording
  downloadUrl = URL.createObjectURL(file)
  link.href = downloadUrl
  link.download = file.name
  link.textContent = state === 'done' ? `Download ${link.download}` : `Download the part received`
}

async function loadVoices() {
  try {
    const response = await fetch('v1/audio/voices')
    if (!response.ok) throw new Error(`the server answered ${response.status}`)
    const { voices } = await response.json()
    fillVoices($('voice'), { search: $('voice-search'), voices })
    showForm()
  } catch (thrown) {
    $('error').textContent = `The voices cannot be listed: ${thrown.message}`
    $('error').hidden = false
  }
}

async function copy() {
  const code = $('code')
  try {
    await navigator.clipboard.writeText(code.textContent)
    $('copy').textContent = 'Copied'
    setTimeout(() => ($('copy').textContent = 'Copy'), 1500)
  } catch {
    getSelection().selectAllChildren(code) // no clipboard without https: one key copies it from here
  }
}

if (/Mac|iPhone|iPad/.test(navigator.platform)) $('modifier').textContent = '⌘'
text.value = SAMPLES.both
showForm()
showNumbers()
loadVoices()
