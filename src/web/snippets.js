/** Longer texts would hide the rest of the example. */
const MOST_CHARACTERS = 90

/**
 * Gives the same speech as a program would ask for it.
 * @param {'curl' | 'javascript' | 'python'} language
 * @param {{ origin: string, request: { input: string, voice: string, response_format: string, speed: number } }} options
 */
export function snippet(language, { origin, request }) {
  const { speed, ...rest } = { ...request, input: shortened(request.input) }
  return WRITERS[language](`${origin}/v1`, speed === 1 ? rest : { ...rest, speed })
}

const WRITERS = {
  curl: (base, request) =>
    [
      `curl -N ${base}/audio/speech \\`,
      `  -H 'content-type: application/json' \\`,
      `  -d '${JSON.stringify(request).replaceAll("'", "'\\''")}' \\`,
      `  -o ${fileOf(request)}`,
    ].join('\n'),
  javascript: (base, request) =>
    [
      `import OpenAI from 'openai'`,
      ``,
      `const client = new OpenAI({ baseURL: '${base}', apiKey: 'none' })`,
      `const speech = await client.audio.speech.create({`,
      ...Object.entries(request).map(([name, value]) => `  ${name}: ${JSON.stringify(value)},`),
      `})`,
      `for await (const bytes of speech.body) process.stdout.write(bytes) // as it is spoken`,
    ].join('\n'),
  python: (base, request) =>
    [
      `from openai import OpenAI`,
      ``,
      `client = OpenAI(base_url="${base}", api_key="none")`,
      `with client.audio.speech.with_streaming_response.create(`,
      ...Object.entries(request).map(([name, value]) => `    ${name}=${JSON.stringify(value)},`),
      `) as speech:`,
      `    speech.stream_to_file("${fileOf(request)}")`,
    ].join('\n'),
}

const fileOf = ({ response_format: format }) => `speech.${format}`

function shortened(text) {
  const letters = [...text.trim()]
  return letters.length > MOST_CHARACTERS
    ? `${letters.slice(0, MOST_CHARACTERS).join('').trimEnd()}…`
    : text.trim()
}
