/** A shorter list needs no search. */
const SEARCHABLE_FROM = 20
/** The names that OpenAI's clients send. */
const OPENAI = new Set(
  'alloy ash ballad coral echo fable onyx nova sage shimmer verse marin cedar'.split(' '),
)
const names = new Intl.DisplayNames(['en'], { type: 'language', fallback: 'code' })

/**
 * @typedef {object} Voice
 * @property {string} id
 * @property {readonly string[]} languages BCP 47; none when it speaks whatever it is given.
 * @property {readonly string[]} [hosts]
 * @property {readonly string[]} [aliases]
 */

/**
 * Fills `select` with the voices, OpenAI's names first, and lets `search` narrow it; what is searched and not listed
 * can be asked for as it was typed, since hosts may have more voices than they list.
 * @param {HTMLSelectElement} select
 * @param {{ search: HTMLInputElement, voices: readonly Voice[] }} options
 */
export function fillVoices(select, { search, voices }) {
  const offers = [...aliasOffers(voices), ...voices.map(offerOf)]
  const show = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean)
    const found = offers.filter(({ haystack }) => words.every((word) => haystack.includes(word)))
    const typed = search.value.trim()
    const chosen = select.value
    select.replaceChildren(...(found.length > 0 ? grouped(found) : [new Option(`ask for “${typed}”`, typed)]))
    if (found.some(({ value }) => value === chosen)) select.value = chosen
  }
  search.addEventListener('input', () => {
    show()
    select.dispatchEvent(new Event('input', { bubbles: true }))
  })
  select.parentElement?.classList.toggle('searchable', offers.length >= SEARCHABLE_FROM)
  select.disabled = false
  show()
}

/** OpenAI's names before those of the config. */
const aliasOffers = (voices) =>
  voices
    .flatMap((voice) => (voice.aliases ?? []).map((alias) => ({ alias, voice })))
    .map(({ alias, voice }) => ({
      value: alias,
      label: `${alias} – ${voice.id}`,
      group: OPENAI.has(alias) ? 'OpenAI names' : 'Aliases',
      haystack: `${alias.toLowerCase()} ${offerOf(voice).haystack}`,
    }))
    .sort((a, b) => rank(a) - rank(b))

const rank = ({ group, value }) => (group === 'Aliases' ? OPENAI.size : [...OPENAI].indexOf(value))

/** @param {Voice} voice */
function offerOf({ id, languages, hosts = [] }) {
  const spoken = languageName(languages[0])
  return {
    value: id,
    label: spoken ? `${id} – ${spoken}` : id,
    group: hosts.length > 0 ? `Host ${hosts.join(', ')}` : 'Voices',
    haystack: [id, ...languages, ...languages.map(languageName), ...hosts].join(' ').toLowerCase(),
  }
}

function languageName(tag) {
  try {
    return tag ? names.of(tag) : ''
  } catch {
    return tag // not every host's tag is one of BCP 47
  }
}

function grouped(offers) {
  return [...Map.groupBy(offers, ({ group }) => group)].map(([label, members]) => {
    const group = document.createElement('optgroup')
    group.label = label
    group.append(...members.map(({ label, value }) => new Option(label, value)))
    return group
  })
}
